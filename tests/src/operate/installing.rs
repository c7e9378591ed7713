//! What docs/operations.md tells people to type on Kubernetes, typed: with programs that keep what they are told in the place of
//! `kubectl` and `helm`, for there is no cluster here, and held against what the chart asks for.

use super::chart::rendered;
use crate::docs::page::Page;
use crate::docs::shell::{bash, executable, said};
use crate::house::root;
use serde_json::Value;
use std::collections::BTreeSet;

/// Says its name and its arguments, each on a line.
const KEEPS: &str = "#!/usr/bin/env bash\nprintf '%s\\n' \"${0##*/}\" \"$@\"\n";

/// All that an object takes from Secrets, as `name key`.
fn taken(object: &Value, found: &mut BTreeSet<(String, String)>) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match object {
        Value::Object(members) => {
            if let Some(of) = members.get("secretKeyRef") {
                found.extend(text(&of["name"]).zip(text(&of["key"])));
            }
            // Mounted as files.
            if let Some(of) = members.get("secret").filter(|of| of["items"].is_array()) {
                let keys = of["items"].as_array().into_iter().flatten();
                found.extend(keys.filter_map(|item| text(&of["secretName"]).zip(text(&item["key"]))));
            }
            members.values().for_each(|v| taken(v, found));
        }
        Value::Array(all) => all.iter().for_each(|v| taken(v, found)),
        _ => {}
    }
}

#[test]
fn the_secret_and_the_values_of_the_runbook_are_those_that_the_chart_asks_for() {
    let page = Page::read("docs/operations.md");
    let blocks: Vec<_> = page.blocks.iter().filter(|b| b.language == "console").collect();
    let [block] = blocks.as_slice() else {
        panic!("{} blocks", blocks.len())
    };
    let folder = tempfile::tempdir().unwrap();
    for name in ["kubectl", "helm"] {
        executable(&folder.path().join(name), KEEPS);
    }
    let mut bash = bash(&[folder.path().to_str().unwrap()], &block.text);
    for name in [
        "DATABASE_OWNER_URL",
        "DATABASE_APP_URL",
        "DATABASE_RELAY_URL",
        "QUARTERMASTER_DATA_KEY",
    ] {
        bash.env(name, format!("the {name}"));
    }
    let told = said(&bash.output().unwrap());
    let (kubectl, helm) = told.strip_prefix("kubectl\n").unwrap().split_once("\nhelm\n").unwrap();
    let kubectl: Vec<&str> = kubectl.lines().collect();
    assert_eq!(kubectl[..3], ["create", "secret", "generic"]);
    let made: BTreeSet<_> = kubectl[4..]
        .iter()
        .map(|word| {
            let literal = word.strip_prefix("--from-literal=").expect("a literal");
            let (key, value) = literal.split_once('=').expect("a key and a value");
            assert!(value.starts_with("the "), "{word}");
            (kubectl[3].to_owned(), key.to_owned())
        })
        .collect();
    let helm: Vec<&str> = helm.lines().collect();
    assert_eq!(
        helm[..4],
        ["upgrade", "--install", "quartermaster", "helm/quartermaster"]
    );
    let values = helm[4..].chunks(2).map(|pair| pair.join(" "));
    let values: Vec<_> = values.map(|v| v.trim_start_matches("--values ").to_owned()).collect();
    assert_eq!(values.last().map(String::as_str), Some("mine.yaml"));
    let ours: Vec<_> = values[..values.len() - 1]
        .iter()
        .map(|v| v.trim_start_matches("helm/quartermaster/"))
        .collect();
    assert!(
        ours.iter().all(|v| root().join("helm/quartermaster").join(v).exists()),
        "{ours:?}"
    );
    let Some(objects) = rendered(&ours) else { return };
    let mut wanted = BTreeSet::new();
    objects.iter().for_each(|object| taken(object, &mut wanted));
    assert_eq!(made, wanted);
}
