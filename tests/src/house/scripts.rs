//! The script that runs a private PostgreSQL around a command.

use super::root;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The script, with nothing in its environment that would point it at another database.
pub fn postgres_run(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(root().join("scripts/postgres-run"));
    for name in ["OWNER", "APP", "RELAY", "SUPERUSER"] {
        command.env_remove(format!("DATABASE_{name}_URL"));
    }
    command.env("QUARTERMASTER_STATE", state).args(arguments);
    command
}

/// A state folder that the user who runs the database can reach.
pub fn state() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let state = tempfile::tempdir().unwrap();
    std::fs::set_permissions(state.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    state
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The clusters that are there.
fn clusters(state: &Path) -> Vec<PathBuf> {
    let Ok(nest) = std::fs::read_dir(state.join("ephemeral")) else {
        return Vec::new();
    };
    nest.map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect()
}

/// Starts a command beside a throw-away cluster; the command says when it runs and waits for its standard input to end.
fn start_waiting(state: &Path) -> Child {
    use std::io::BufRead;
    let mut child = postgres_run(state, &["--ephemeral", "--", "sh", "-c", "echo runs; read line"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "runs\n");
    child
}

/// A folder with a postgres and an initdb that only know their version.
fn stub(version: &str) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = state();
    for program in ["postgres", "initdb"] {
        let path = folder.path().join(program);
        std::fs::write(&path, format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[test]
fn two_throw_away_clusters_live_at_once_and_leave_nothing() {
    let state = state();
    let mut first = start_waiting(state.path());
    let mut second = start_waiting(state.path());
    assert_eq!(clusters(state.path()).len(), 2);
    for child in [&mut first, &mut second] {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    assert_eq!(clusters(state.path()), Vec::<PathBuf>::new());
}

#[test]
fn the_exit_code_of_the_command_is_passed_on_and_the_cluster_is_gone() {
    let state = state();
    let output = postgres_run(state.path(), &["--ephemeral", "--", "sh", "-c", "exit 42"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(42), "{}", said(&output));
    assert_eq!(clusters(state.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_cluster_whose_guardian_was_killed_is_swept_by_the_next_start() {
    let state = state();
    let mut killed = start_waiting(state.path());
    let left = clusters(state.path());
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(clusters(state.path()), left, "a killed script cannot clean up");
    let output = postgres_run(state.path(), &["--ephemeral", "--", "true"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(clusters(state.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_kept_cluster_lets_in_one_at_a_time_and_survives_a_kill() {
    let state = state();
    let data = state.path().join("kept");
    let data = data.to_str().unwrap();
    let port = "exec 3<>/dev/tcp/127.0.0.1/$(echo $DATABASE_APP_URL | sed -E 's,.*:([0-9]+)/.*,\\1,')";
    let again = format!(
        "env -u DATABASE_OWNER_URL -u DATABASE_APP_URL {} --data {data} -- true",
        root().join("scripts/postgres-run").display()
    );
    let output = postgres_run(state.path(), &["--data", data, "--", "bash", "-c", &again])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(said(&output).contains("is in use by process"), "{}", said(&output));

    let killed = postgres_run(state.path(), &["--data", data, "--", "sh", "-c", "kill -9 $PPID"])
        .output()
        .unwrap();
    assert!(!killed.status.success());
    let output = postgres_run(state.path(), &["--data", data, "--", "bash", "-c", port])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));

    let output = postgres_run(state.path(), &["--forget", data]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(!Path::new(data).exists());
}

#[test]
fn a_postgresql_that_is_too_old_is_refused_with_what_to_do() {
    let (state, old) = (state(), stub("13.9"));
    let output = postgres_run(state.path(), &["--ephemeral", "--", "true"])
        .env("POSTGRES_BIN", old.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
    let said = said(&output);
    assert!(
        said.contains("version 13")
            && said.contains("PostgreSQL 15 or later is needed")
            && said.contains("Let POSTGRES_BIN name"),
        "{said}"
    );
}

#[test]
fn one_database_url_without_the_other_is_refused_with_what_to_do() {
    let state = state();
    let output = postgres_run(state.path(), &["--ephemeral", "--", "true"])
        .env("DATABASE_OWNER_URL", "postgres://owner@127.0.0.1/nowhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(said(&output).contains("set both"), "{}", said(&output));
}
