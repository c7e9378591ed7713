//! The tools of `scripts/deployment-tools`: Helm, the schemas of Kubernetes, hadolint, promtool.

use crate::house::root;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The folder of the tools. `None` where they cannot be had: the reason is on standard error, and who sets DEPLOYMENT_TOOLS_REQUIRED takes none.
pub fn tools() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let output = Command::new(root().join("scripts/deployment-tools"))
            .output()
            .expect("run");
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            return Some(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
        }
        assert_eq!(output.status.code(), Some(75), "{said}");
        assert!(std::env::var_os("DEPLOYMENT_TOOLS_REQUIRED").is_none(), "{said}");
        eprintln!("skipped: {said}");
        None
    };
    FOUND.get_or_init(find).clone()
}

/// A tool with its arguments, in the chart's folder.
pub fn run(tool: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(tools()?.join("bin").join(tool))
        .args(arguments)
        .current_dir(root().join("helm/quartermaster"))
        .output()
        .expect("run");
    Some(output)
}

/// What a tool that must succeed printed.
pub fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}
