//! The `quartermaster` command.

use clap::Parser;
use std::process::ExitCode;

#[cfg(not(feature = "count-allocations"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where allocations are counted, the system's allocator serves them: how many there are does not depend on who does.
#[cfg(feature = "count-allocations")]
#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    quartermaster_api::commands::Cli::parse().run()
}
