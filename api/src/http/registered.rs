//! Registered documents: those that the deployment's front-ends were built with, read from manifests at start. A request names
//! one by its id – `documentId`, or the hash of Apollo's persisted queries – or sends its text. A deployment, or a tenant by its
//! settings, may run these and no others.

use super::answer::{Fault, code_of};
use super::document::Document;
use crate::config::{Config, ConfigError};
use crate::graphql::ApiSchema;
use async_graphql::Request as Operations;
use async_graphql::parser::types::OperationType;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// What a document identifier of GraphQL over HTTP begins with that is a hash (its appendix on persisted documents).
const SHA256: &str = "sha256:";

/// A manifest, as Apollo's tools write it or as Relay's compiler and GraphQL-codegen do: texts by their ids.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    Apollo { format: String, operations: Vec<Listed> },
    Plain(BTreeMap<String, String>),
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    body: String,
}

/// The documents of a deployment.
#[derive(Default)]
pub struct Registered {
    by_id: HashMap<String, Arc<Document>>,
    hashes: HashSet<[u8; 32]>,
    only: bool,
}

impl Registered {
    /// Reads the manifests that the configuration names: every hash must be that of its text, every text a document of the schema.
    ///
    /// # Errors
    /// All that is wrong with them, each in a sentence.
    pub async fn read(config: &Config, schema: &ApiSchema) -> Result<Self, ConfigError> {
        let (mut registered, mut wrong) = (Self::default(), Vec::new());
        registered.only = config.registered_documents_only;
        for file in &config.registered_documents {
            let found = match listed(file) {
                Ok(found) => found,
                Err(why) => {
                    wrong.push(format!("registered_documents: {}: {why}", file.display()));
                    continue;
                }
            };
            for (id, text) in found {
                if let Err(why) = registered.add(&id, &text, schema).await {
                    wrong.push(format!(
                        "registered_documents: {}: the document “{id}” {why}",
                        file.display()
                    ));
                }
            }
        }
        if wrong.is_empty() {
            Ok(registered)
        } else {
            Err(ConfigError::Refused(wrong))
        }
    }

    async fn add(&mut self, id: &str, text: &str, schema: &ApiSchema) -> Result<(), String> {
        let id = plain(id);
        let document = Document::read(text).map_err(|fault| format!("is refused: {}", fault.message))?;
        if sha256(&id).is_some_and(|hash| hash != document.hash) {
            return Err("has an id that is a SHA-256, but not that of its text.".to_owned());
        }
        validate(&document, schema).await?;
        if self.by_id.get(&id).is_some_and(|known| known.hash != document.hash) {
            return Err("is there twice, with two texts.".to_owned());
        }
        self.hashes.insert(document.hash);
        self.by_id.insert(id, Arc::new(document));
        Ok(())
    }

    /// The document of this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Arc<Document>> {
        self.by_id.get(&plain(id)).cloned()
    }

    /// Is this one of them, however it was sent?
    #[must_use]
    pub fn holds(&self, document: &Document) -> bool {
        self.hashes.contains(&document.hash)
    }

    /// Refuses a text that the deployment does not run, before anything parses it.
    ///
    /// # Errors
    /// `DOCUMENT_NOT_REGISTERED`
    pub fn check(&self, text: &str) -> Result<(), Fault> {
        if self.only && !self.hashes.contains::<[u8; 32]>(&Sha256::digest(text).into()) {
            return Err(unregistered(ONLY));
        }
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

/// What is told where others are not run.
pub const ONLY: &str = "Registered documents are run here and no others.";

/// The refusal of a document that is none of them.
#[must_use]
pub fn unregistered(message: &str) -> Fault {
    Fault::new("DOCUMENT_NOT_REGISTERED", message)
}

/// An id as it is looked up: a hash in small letters, without the word before it.
fn plain(id: &str) -> String {
    let bare = id.strip_prefix(SHA256).unwrap_or(id);
    match sha256(bare) {
        Some(hash) => hex::encode(hash),
        None => id.to_owned(),
    }
}

/// The hash that an id is, if it has the form of one.
fn sha256(id: &str) -> Option<[u8; 32]> {
    hex::decode(id).ok()?.try_into().ok()
}

fn listed(file: &Path) -> Result<Vec<(String, String)>, String> {
    let text = std::fs::read(file).map_err(|e| format!("cannot be read ({e})."))?;
    let manifest = serde_json::from_slice(&text).map_err(|_| {
        "is neither Apollo's persisted query manifest nor a JSON object of texts by their ids, as Relay's compiler and GraphQL-codegen write it.".to_owned()
    })?;
    match manifest {
        Manifest::Plain(texts) => Ok(texts.into_iter().collect()),
        Manifest::Apollo { format, operations } if format == "apollo-persisted-query-manifest" => {
            Ok(operations.into_iter().map(|o| (o.id, o.body)).collect())
        }
        Manifest::Apollo { format, .. } => Err(format!("has the format “{format}”, which is not known here.")),
    }
}

/// Is it a document of the schema? The engine judges it, and runs nothing of it: it is told to answer introspection alone.
async fn validate(document: &Document, schema: &ApiSchema) -> Result<(), String> {
    let Some(operation) = document.operations.first() else {
        return Err("has no operation.".to_owned());
    };
    let mut request = Operations::new(String::new()).only_introspection();
    request.operation_name.clone_from(&operation.name);
    request.set_parsed_query(document.parsed.clone());
    let mut judged = schema.execute(request).await;
    // It has passed when only the way that it came by is not one for subscriptions.
    if operation.kind == OperationType::Subscription {
        judged
            .errors
            .retain(|e| e.message != "Subscriptions are not supported on this transport.");
    }
    super::answer::code_all(&mut judged, uuid::Uuid::nil());
    let invalid = |e: &&async_graphql::ServerError| code_of(e) != Some("BAD_USER_INPUT");
    match judged.errors.iter().find(invalid) {
        Some(error) => Err(format!("does not fit the schema: {}", error.message)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Registered;
    use crate::config::Config;
    use crate::graphql::schema;
    use sha2::{Digest, Sha256};

    const TEXT: &str = "query Orders($first: Int!) { purchaseOrders(first: $first) { nodes { id } } }";

    async fn read(manifest: &serde_json::Value) -> Result<Registered, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("manifest.json");
        std::fs::write(&file, manifest.to_string()).unwrap();
        let config = Config {
            registered_documents: vec![file],
            ..Config::default()
        };
        Registered::read(&config, &schema()).await.map_err(|e| e.to_string())
    }

    fn hash(text: &str) -> String {
        hex::encode(Sha256::digest(text))
    }

    #[tokio::test]
    async fn both_formats_are_read_and_an_id_is_found_in_each_of_its_forms() {
        let hash = hash(TEXT);
        let plain = serde_json::json!({ hash.clone(): TEXT, "an-md5-of-relay": "subscription { documentChanged { documentId } }" });
        let apollo = serde_json::json!({ "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": hash, "name": "Orders", "type": "query", "body": TEXT }] });
        for manifest in [plain, apollo] {
            let registered = read(&manifest).await.unwrap();
            for id in [hash.clone(), format!("sha256:{hash}"), hash.to_uppercase()] {
                assert!(registered.find(&id).is_some(), "{id}");
            }
            assert!(registered.find("nothing").is_none());
        }
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_manifest_is_said_of_each_document() {
        let mutation = "mutation($id: ID!) { purchaseOrderSubmit(input: { id: $id }) { nope } }";
        let wrong = [
            (serde_json::json!({ hash("other"): TEXT }), "not that of its text"),
            (serde_json::json!({ "a": "{ nope }" }), "does not fit the schema"),
            (serde_json::json!({ "a": mutation }), "does not fit the schema"),
            (
                serde_json::json!({ "a": "subscription { nope }" }),
                "does not fit the schema",
            ),
            (serde_json::json!({ "a": "{ nope" }), "is refused"),
            (serde_json::json!({ "a": "fragment F on Item { id }" }), "no operation"),
            (serde_json::json!({ "format": "other", "operations": [] }), "“other”"),
            (serde_json::json!([1]), "is neither"),
        ];
        for (manifest, expected) in wrong {
            let said = read(&manifest).await.err().unwrap();
            assert!(said.contains(expected), "{said}");
        }
        let two = read(&serde_json::json!({ "a": "{ nope }", "b": "{ nope" }))
            .await
            .err()
            .unwrap();
        assert_eq!(two.lines().count(), 2, "{two}");
    }
}
