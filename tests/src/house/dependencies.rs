//! Each dependency is chosen once, says why it is here, and has a licence that we allow.

use super::{files, metadata, root, shown};
use std::collections::BTreeSet;
use std::ffi::OsStr;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The names in `[workspace.dependencies]`, without our own crates.
fn chosen() -> BTreeSet<String> {
    let text = read("Cargo.toml");
    let table = text.split("[workspace.dependencies]").nth(1).unwrap();
    let names: BTreeSet<String> = table
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| !name.starts_with("quartermaster-"))
        .collect();
    assert!(names.len() > 20, "the table of dependencies was not found");
    names
}

#[test]
fn every_dependency_says_in_the_architecture_why_it_is_here() {
    let architecture = read("ARCHITECTURE.md");
    let section = architecture
        .split("## Dependencies")
        .nth(1)
        .expect("ARCHITECTURE.md has a section Dependencies");
    let section = section.split("\n## ").next().unwrap();
    let told: BTreeSet<String> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split(','))
        .map(|name| name.trim().trim_matches('`').to_owned())
        .collect();
    let chosen = chosen();
    assert_eq!(
        chosen.difference(&told).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "without a line in ARCHITECTURE.md"
    );
    assert_eq!(
        told.difference(&chosen).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "in ARCHITECTURE.md, but no longer here"
    );
}

#[test]
fn no_crate_chooses_a_version_of_its_own() {
    for manifest in files(".", &["Cargo.toml"])
        .iter()
        .filter(|path| path.parent() != Some(root()))
    {
        let text = std::fs::read_to_string(manifest).unwrap();
        let mut table = "";
        for line in text.lines() {
            if line.starts_with('[') {
                table = line;
            } else if table.contains("dependencies") && line.contains('=') && !line.trim_start().starts_with('#') {
                let inherited = line.contains(".workspace = true") || line.contains("workspace = true");
                assert!(
                    inherited,
                    "{}: `{line}` belongs into the root's [workspace.dependencies]",
                    shown(manifest)
                );
            }
        }
    }
}

/// The licences that deny.toml allows, to everybody or as an exception to one package.
fn allowed_to(package: &str) -> BTreeSet<String> {
    let text: toml::Value = toml::from_str(&read("deny.toml")).unwrap();
    let names = |list: &toml::Value| -> Vec<String> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let exceptions = text["licenses"]["exceptions"].as_array().unwrap();
    let own = exceptions
        .iter()
        .filter(|exception| exception["crate"].as_str() == Some(package));
    names(&text["licenses"]["allow"])
        .into_iter()
        .chain(own.flat_map(|exception| names(&exception["allow"])))
        .collect()
}

/// Whether an SPDX expression can be met by the licences allowed: OR needs one side, AND both, a WITH is a name of its own.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = expression.split_whitespace().peekable();
    fn any<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &BTreeSet<String>) -> bool {
        let mut met = all(words, allowed);
        while words.next_if_eq(&"OR").is_some() {
            met |= all(words, allowed);
        }
        met
    }
    fn all<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &BTreeSet<String>) -> bool {
        let mut met = one(words, allowed);
        while words.next_if_eq(&"AND").is_some() {
            met &= one(words, allowed);
        }
        met
    }
    fn one<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, allowed: &BTreeSet<String>) -> bool {
        if words.next_if_eq(&"(").is_some() {
            let met = any(words, allowed);
            assert_eq!(words.next(), Some(")"));
            return met;
        }
        let mut licence = words.next().unwrap_or_default().to_owned();
        if words.next_if_eq(&"WITH").is_some() {
            licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
        }
        // `MPL-2.0+` is that version or a later one.
        allowed.contains(licence.trim_end_matches('+'))
    }
    any(&mut words, allowed) && words.next().is_none()
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned()]);
    assert!(is_met("MIT OR GPL-3.0", &allowed));
    assert!(is_met("Unlicense/MIT", &allowed));
    assert!(is_met("(GPL-3.0 OR MIT) AND Apache-2.0 WITH LLVM-exception", &allowed));
    assert!(!is_met("MIT AND GPL-3.0", &allowed));
    assert!(!is_met("Apache-2.0", &allowed));
    assert!(!is_met("", &allowed));
}

/// The platform that this runs on: only its packages have been downloaded for certain.
fn platform() -> String {
    let output = std::process::Command::new("rustc")
        .arg("-vV")
        .current_dir(root())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}

#[test]
fn every_dependency_has_a_licence_that_we_allow() {
    let metadata = metadata(&["--filter-platform", &platform()]);
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "the dependencies were not found");
    let refused: Vec<_> = packages
        .iter()
        .filter(|package| {
            let allowed = allowed_to(package["name"].as_str().unwrap());
            !is_met(package["license"].as_str().unwrap_or_default(), &allowed)
        })
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    assert!(refused.is_empty(), "not allowed by deny.toml:\n{}", refused.join("\n"));
}

/// What came of a package: its node in the graph of all that is built here.
fn resolved<'a>(metadata: &'a serde_json::Value, name: &str) -> Vec<(&'a serde_json::Value, &'a serde_json::Value)> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let named = packages.filter(|package| package["name"] == name);
    named
        .filter_map(|package| Some((package, nodes.iter().find(|node| node["id"] == package["id"])?)))
        .collect()
}

#[test]
fn there_is_one_cryptography_and_the_databases_driver_trusts_no_public_authority() {
    let metadata = metadata(&["--filter-platform", &platform()]);
    let rustls = resolved(&metadata, "rustls");
    assert!(!rustls.is_empty());
    for (package, node) in rustls {
        let features = node["features"].as_array().unwrap();
        assert!(features.iter().any(|f| f == "aws_lc_rs"), "{}", package["version"]);
        assert!(
            !features.iter().any(|f| f == "ring"),
            "a dependency brings ring to rustls: `cargo tree -i ring -e features` says which"
        );
    }
    let driver = resolved(&metadata, "sqlx-core");
    assert!(driver.iter().all(|(_, node)| {
        let features = node["features"].as_array().unwrap();
        !features.iter().any(|f| f == "rustls-native-certs")
    }));
    for (package, _) in resolved(&metadata, "webpki-roots") {
        assert!(
            package["source"].is_null(),
            "the published one, with the web's authorities"
        );
    }
}

#[test]
fn what_cannot_be_checked_of_the_dependencies_is_said_and_fails_where_it_must_not_be_so() {
    if deny_is_installed() {
        eprintln!("skipped: cargo deny is installed here");
        return;
    }
    let state = tempfile::tempdir().unwrap();
    is_not_checked(&[("QUARTERMASTER_STATE", state.path().as_os_str())]);
}

/// A build fetches only what its own platform needs, and the licences of the others count too.
#[test]
fn crates_that_cannot_be_fetched_are_said_not_to_be_checked() {
    let nothing_fetched = tempfile::tempdir().unwrap();
    is_not_checked(&[
        ("CARGO_HOME", nothing_fetched.path().as_os_str()),
        ("CARGO_NET_OFFLINE", "true".as_ref()),
    ]);
}

fn deny_is_installed() -> bool {
    let version = std::process::Command::new(env!("CARGO"))
        .args(["deny", "--version"])
        .output();
    version.unwrap().status.success()
}

/// Says so, and fails only where it must be checked.
fn is_not_checked(env: &[(&str, &OsStr)]) {
    for (required, code) in [("0", 0), ("1", 1)] {
        let output = std::process::Command::new(root().join("scripts/deny"))
            .env("PYTHON", "false")
            .env("DENY_REQUIRED", required)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("NOT CHECKED: licences, bans, sources and advisories"),
            "{said}"
        );
        assert_eq!(output.status.code(), Some(code), "{said}");
    }
}
