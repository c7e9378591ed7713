//! The image and the deployment on one machine. No engine runs here: what can be read is read.

use super::tools::{run, said};
use crate::database::fixture::url;
use crate::house::root;
use quartermaster_api::config::Config;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn the_image_is_built_from_what_is_there_and_does_not_run_as_root() {
    let Some(linted) = run("hadolint", &["../../Dockerfile"]) else {
        return;
    };
    said(&linted);
    let (file, kept) = (read("Dockerfile"), read(".dockerignore"));
    let toolchain: toml::Value = toml::from_str(&read("rust-toolchain.toml")).unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    assert!(
        file.contains(&format!("FROM rust:{channel}-")),
        "the image compiles with another Rust than {channel}"
    );
    let (_, last) = file.rsplit_once("\nFROM ").unwrap();
    assert!(last.contains("\nUSER 65532:65532\n"));
    let manifest: toml::Value = toml::from_str(&read("Cargo.toml")).unwrap();
    for member in manifest["workspace"]["members"].as_array().unwrap() {
        assert!(
            kept.contains(&format!("\n!{}\n", member.as_str().unwrap())),
            "{member} is not in the build"
        );
    }
}

/// The program, linked as the image has it: the words behind `--` are the Dockerfile's own. All else of it is built already.
fn linked() -> PathBuf {
    let file = read("Dockerfile");
    let (_, flags) = file.split_once(" --bin quartermaster -- ").expect("the last link");
    let flags = flags.lines().next().unwrap().trim_end_matches('\\').split_whitespace();
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo told this test of its own package would have others built anew: their build scripts look at it.
    for (name, _) in std::env::vars() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CFG_", "OUT_DIR"]
            .iter()
            .any(|of| name.starts_with(of))
        {
            cargo.env_remove(name);
        }
    }
    let built = cargo
        .args(["rustc", "--offline", "--locked", "--package", "quartermaster-tests"])
        .args(["--test", "quartermaster-static", "--features", "static-link"])
        .args(["--message-format", "json", "--"])
        .args(flags)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let told = String::from_utf8_lossy(&built.stdout);
    let messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages
        .filter_map(|m| m["executable"].as_str().map(PathBuf::from))
        .next_back();
    program.expect("the program")
}

#[test]
fn the_program_of_the_image_is_static_and_finds_its_database_by_name_where_there_is_nothing_else() {
    let program = linked();
    let output = Command::new("ldd").arg(&program).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + String::from_utf8_lossy(&output.stderr).as_ref();
    assert!(
        text.contains("statically linked") || text.contains("not a dynamic"),
        "{text}"
    );

    let empty = tempfile::tempdir().unwrap();
    std::fs::create_dir(empty.path().join("etc")).unwrap();
    std::fs::write(empty.path().join("etc/hosts"), "127.0.0.1 database.internal\n").unwrap();
    std::fs::copy(&program, empty.path().join("quartermaster")).unwrap();
    let app = url("DATABASE_APP_URL");
    assert!(app.contains("@127.0.0.1:"), "{app}");
    // Nothing but the program and what every container has: /dev.
    std::fs::create_dir(empty.path().join("dev")).unwrap();
    let run = "mount --rbind /dev \"$0/dev\" && exec chroot \"$0\" /quartermaster doctor --json";
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", run])
        .arg(empty.path())
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("DATABASE_APP_URL", app.replace("@127.0.0.1:", "@database.internal:"))
        .env("QUARTERMASTER_ENVIRONMENT", "development")
        .env("QUARTERMASTER_LISTEN", "127.0.0.1:0")
        .output()
        .unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr);
    if wrong.contains("Operation not permitted") {
        eprintln!("skipped: this user may not change its root directory ({wrong})");
        return;
    }
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {wrong}"));
    let checks = told["checks"].as_array().unwrap();
    let of = |code: &str| checks.iter().find(|c| c["code"] == code).unwrap().clone();
    for code in ["database-unreachable", "role-superuser", "clock-differs"] {
        assert_eq!(
            (&of(code)["looked"], &of(code)["found"]),
            (&Value::from(true), &Value::from(Vec::<Value>::new())),
            "{told:#}"
        );
    }
}

#[test]
fn compose_starts_what_is_there_with_settings_that_the_server_knows() {
    let Some(output) = run(
        "python",
        &["../../scripts/deployment/chart.py", "compose", "../../compose.yaml"],
    ) else {
        return;
    };
    let compose: Value = serde_json::from_str(&said(&output)).unwrap();
    let settings = serde_json::to_value(Config::default()).unwrap();
    let services = compose["services"].as_object().unwrap();
    for (name, service) in services.iter().filter(|(_, s)| s["image"] == "quartermaster") {
        let command = service["command"][0].as_str().unwrap();
        assert!(["serve", "worker", "migrate"].contains(&command), "{name}");
        assert_eq!(service["read_only"], true, "{name}");
        for variable in service["environment"].as_object().unwrap().keys() {
            let setting = match variable.strip_prefix("QUARTERMASTER_") {
                Some(setting) => setting.to_lowercase(),
                None => variable.to_lowercase(),
            };
            assert!(settings.get(&setting).is_some(), "{name}: {variable} is no setting");
        }
    }
    for service in services.values() {
        let mounts = service["volumes"].as_array().into_iter().flatten();
        for mount in mounts.filter_map(Value::as_str).filter(|mount| mount.starts_with("./")) {
            let (file, _) = mount.split_once(':').unwrap();
            assert!(root().join(file).is_file(), "{file}");
        }
    }
}
