//! Registered documents on Kubernetes: the manifests that the values name lie where the server looks for them.

use super::chart::SCRIPT;
use super::tools::{run, said};
use crate::api::{post, refusal};
use crate::docs::page::Page;
use crate::world::World;
use quartermaster_api::config::Config;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::process::Output;

/// Of a ConfigMap that the operator made, in the page's values.
const THEIRS: &str = "query Who { viewer { displayName } }";

/// The values that docs/operations.md shows.
fn shown() -> String {
    let page = Page::read("docs/operations.md");
    let mut blocks = page.blocks.into_iter().filter(|b| b.is("yaml", "values"));
    let (block, more) = (blocks.next().expect("values"), blocks.next());
    assert!(more.is_none());
    block.text
}

fn render(values: &str) -> Option<Output> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), values).unwrap();
    run("python", &[SCRIPT, "render", ".", file.path().to_str().unwrap()])
}

fn rendered(values: &str) -> Option<Vec<Value>> {
    Some(serde_json::from_str(&said(&render(values)?)).unwrap())
}

/// The description of the servers' pods.
fn servers(objects: &[Value]) -> &Value {
    let serve = |o: &&Value| o["kind"] == "Deployment" && o["metadata"]["name"].as_str().unwrap().ends_with("-serve");
    &objects.iter().find(serve).expect("servers")["spec"]["template"]
}

fn config(objects: &[Value]) -> Config {
    let text = objects.iter().find_map(|o| o["data"]["quartermaster.toml"].as_str());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text.expect("a configuration")).unwrap();
    Config::load(Some(file.path())).unwrap()
}

/// What a pod finds at which path, as Kubernetes puts it there: out of the chart's ConfigMaps, or `theirs` by its name.
fn mounted(objects: &[Value], theirs: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let pod = &servers(objects)["spec"];
    for mount in pod["containers"][0]["volumeMounts"].as_array().unwrap() {
        assert!(mount["readOnly"] == true, "{mount}");
        let volumes = pod["volumes"].as_array().unwrap();
        let volume = volumes.iter().find(|v| v["name"] == mount["name"]).expect("a volume");
        for source in volume["projected"]["sources"].as_array().into_iter().flatten() {
            let name = &source["configMap"]["name"];
            let ours = objects
                .iter()
                .find(|o| o["kind"] == "ConfigMap" && o["metadata"]["name"] == *name);
            let data = ours.map_or(&theirs[name.as_str().unwrap()], |map| &map["data"]);
            for item in source["configMap"]["items"].as_array().unwrap() {
                let text = data[item["key"].as_str().unwrap()].as_str();
                let path = [&mount["mountPath"], &item["path"]].map(|part| part.as_str().unwrap());
                let text = text.unwrap_or_else(|| panic!("{name} has no {item}"));
                let before = found.insert(path.join("/"), text.to_owned());
                assert!(before.is_none(), "{path:?} is there twice");
            }
        }
    }
    found
}

#[tokio::test]
async fn a_server_runs_the_documents_of_the_values_and_of_config_maps_and_no_others() {
    let Some(objects) = rendered(&shown()) else { return };
    let hash = hex::encode(Sha256::digest(THEIRS));
    let manifest = json!({ hash.clone(): THEIRS }).to_string();
    let theirs = json!({ "back-office-documents-7": { "persisted-documents.json": manifest } });
    let (config, files) = (config(&objects), mounted(&objects, &theirs));
    let named: Vec<&str> = config
        .registered_documents
        .iter()
        .map(|p| p.to_str().unwrap())
        .collect();
    assert_eq!(named.len(), 2);
    assert!(
        named.iter().all(|path| files.contains_key(*path)),
        "{named:?} of {files:?}"
    );

    let folder = tempfile::tempdir().unwrap();
    let here = |path: &str| folder.path().join(path.trim_start_matches('/'));
    for (path, text) in &files {
        std::fs::create_dir_all(here(path).parent().unwrap()).unwrap();
        std::fs::write(here(path), text).unwrap();
    }
    let mut world = World::start().await;
    let server = world
        .another_server_with(|own| Config {
            registered_documents: named.iter().map(|path| here(path)).collect(),
            registered_documents_only: config.registered_documents_only,
            ..own
        })
        .await;
    world.server = server;
    let shop = world.shop(&crate::database::fixture::strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let inline: Value = serde_json::from_str(&files[named[0]]).unwrap();
    for id in inline.as_object().unwrap().keys().chain([&hash]) {
        let ask = post(&world, &json!({ "documentId": id })).bearer_auth(buyer.token());
        let answer: Value = ask.send().await.unwrap().json().await.unwrap();
        assert!(
            answer["data"].is_object() && answer["errors"].is_null(),
            "{id}: {answer:#}"
        );
    }
    let other = post(&world, &json!({ "query": "{ viewer { roles } }" })).bearer_auth(buyer.token());
    assert_eq!(refusal(other).await.1, "DOCUMENT_NOT_REGISTERED");
}

#[test]
fn servers_are_replaced_when_a_manifest_changes_and_know_of_none_where_none_is_named() {
    let Some(objects) = rendered(&shown()) else { return };
    let sum = |objects: &[Value]| servers(objects)["metadata"]["annotations"]["checksum/documents"].clone();
    assert_eq!(sum(&objects), sum(&rendered(&shown()).unwrap()));
    let changed = rendered(&shown().replace("query Waiting", "query Late")).unwrap();
    assert!(sum(&objects).is_string());
    assert_ne!(sum(&objects), sum(&changed));
    let without = rendered("{}").unwrap();
    assert!(config(&without).registered_documents.is_empty());
    assert!(!json!(without).to_string().contains("documents"));
}

#[test]
fn manifests_that_cannot_be_mounted_are_refused_by_name() {
    for (values, named) in [
        ("registeredDocuments: { inline: { 'a/b': '{}' } }", "a/b"),
        ("registeredDocuments: { inline: { shop: { a: b } } }", "inline/shop"),
        ("registeredDocuments: { inline: { shop: '[1]' } }", "inline.shop"),
        ("registeredDocuments: { inline: { shop: '{ \"a' } }", "inline.shop"),
        ("registeredDocuments: { configMaps: [shop] }", "configMaps/0"),
        ("registeredDocuments: { configMaps: [{ name: shop }] }", "keys"),
        (
            "registeredDocuments: { configMaps: [{ name: shop, keys: ['../a'] }] }",
            "configMaps/0/keys/0",
        ),
        ("registeredDocuments: { files: [a] }", "files"),
        (
            "config: { environment: production, registered_documents: ['/a.json'] }",
            "registered_documents",
        ),
    ] {
        let Some(output) = render(values) else { return };
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(named), "{values}: {told}");
    }
}
