//! The image and the deployment on one machine. No engine runs here: what can be read is read.

use super::tools::{run, said};
use crate::house::root;
use quartermaster_api::config::Config;
use serde_json::Value;
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

#[test]
fn the_program_needs_no_library_that_the_image_lacks() {
    // This binary holds all of the server's code.
    let output = Command::new("ldd")
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let needed: Vec<_> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(needed.len() > 2, "{text}");
    for library in needed {
        let name = library.rsplit('/').next().unwrap();
        let there = ["linux-vdso.", "libc.so.", "libm.so.", "libgcc_s.so.", "ld-linux-"];
        assert!(
            there.iter().any(|known| name.starts_with(known)),
            "{name} is not in distroless/cc"
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
