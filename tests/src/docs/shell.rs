//! Shell blocks, run by bash, with this test binary as `quartermaster` on the path.

use crate::operate::process::{BETWEEN, command};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// What the test harness says around the command.
const NOISE: &str = "sed -u -e '/^running 1 test$/d' -e 's/^test operate::process::the_command_itself \\.\\.\\. //' -e '/^test result: /d' -e '/^ok$/d' -e '/^$/d'";

/// Puts a `quartermaster` into a folder.
pub fn program(folder: &Path) {
    let command = command("$*");
    let mut script = format!("#!/usr/bin/env bash\nIFS='{BETWEEN}'\n");
    for (name, value) in command.get_envs() {
        let name = name.to_str().unwrap();
        match value {
            Some(value) => script += &format!("export {name}=\"{}\"\n", value.to_str().unwrap()),
            None => script += &format!("unset {name}\n"),
        }
    }
    let arguments: Vec<_> = command.get_args().map(|a| a.to_str().unwrap()).collect();
    script += &format!(
        "unset IFS\nexec '{}' {} > >({NOISE})\n",
        command.get_program().to_str().unwrap(),
        arguments.join(" ")
    );
    executable(&folder.join("quartermaster"), &script);
}

/// Writes a script that can be run.
pub fn executable(path: &Path, script: &str) {
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A bash for a script, which finds programs in these places before any other and stops at the first mistake.
pub fn bash(places: &[&str], script: &str) -> Command {
    let mut bash = Command::new("bash");
    let path = std::env::var("PATH").unwrap();
    bash.args(["-c", &format!("set -euo pipefail\n{script}")])
        .current_dir(crate::house::root())
        .env("PATH", [places, &[path.as_str()]].concat().join(":"));
    bash
}

/// What a script said; the test fails when the script did.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, wrong) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{wrong}");
    said
}
