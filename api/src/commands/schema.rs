use super::Failure;
use crate::graphql::{federation, sdl};
use clap::Args;

/// Prints the GraphQL schema (SDL), sorted and described, as it is checked in in schema.graphql.
#[derive(Debug, Args)]
pub struct Schema {
    /// As a subgraph of Apollo Federation 2, for composition with others
    #[arg(long)]
    federation: bool,
}

impl Schema {
    pub fn run(self) -> Result<(), Failure> {
        let plain = sdl();
        print!(
            "{}",
            if self.federation {
                federation::subgraph(&plain)
            } else {
                plain
            }
        );
        Ok(())
    }
}
