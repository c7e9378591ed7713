//! A parsed document with what it would cost, both worked out once and kept by the hash of its text.

mod seen;

use super::answer::Fault;
use super::metrics::Sender;
use super::scan::{Unfit, scan};
use crate::lifecycle::Kept;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};
use lru::LruCache;
pub use seen::{Seen, Shape};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

/// The most root fields of an operation.
const ROOT_FIELDS: u64 = 20;
/// The most aliases of an operation, fragments written out.
const ALIASES: u64 = 100;
/// The most directives of an operation, fragments written out.
const DIRECTIVES: u64 = 50;
/// The most fields of an operation, fragments written out: each fragment counts as often as it is spread.
const FIELDS: u64 = 5_000;
/// The most fragments of a document: validation compares them with each other.
const FRAGMENTS: usize = 500;
/// How deep a selection may go, each fragment a step: whoever walks it calls itself as often.
const STEPS: u32 = 100;
/// The most variables of an operation.
const VARIABLES: usize = 200;
/// Lists of the introspection schema (fields, types of fields, …) that may lie inside each other: what tools ask for.
const INTROSPECTION_LISTS: u32 = 3;
/// Longer documents are not kept: they are made by machines and never come again.
const KEPT_LENGTH: usize = 16 * 1024;

/// What an operation of a document is.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// The root fields, fragments written out.
    pub root_fields: u64,
    /// The one field that it asks for, when it is exactly one and written out.
    pub only_field: Option<String>,
    /// Does it ask what the schema is, by introspection or as a gateway?
    pub introspects: bool,
    /// Is no key of its answer asked for at two places of a selection? The general executor merges what is behind such keys, but
    /// nothing that a plan has written.
    pub plannable: bool,
}

/// A document that is fit to run.
pub struct Document {
    /// As the parser gave it.
    pub parsed: ExecutableDocument,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// Its operations.
    pub operations: Vec<Operation>,
    /// What of it is deprecated, once somebody asked.
    pub uses: Kept,
    /// What is known of requests for it.
    pub seen: Seen,
}

impl Document {
    /// Reads a document and charges it.
    ///
    /// # Errors
    /// What it is refused for, coded.
    pub fn read(text: &str) -> Result<Self, Fault> {
        scan(text).map_err(|unfit| match unfit {
            Unfit::TooComplex(sentence) => Fault::too_complex(sentence),
            Unfit::Nul => {
                Fault::bad_input("A string of the document holds the character U+0000, which no text here can hold.")
            }
            Unfit::Surrogate => {
                Fault::parse("A string of the document holds an escape for half a character (a surrogate).")
            }
        })?;
        let parsed = parse_query(text).map_err(|e| Fault::parse_at(&e))?;
        if parsed.fragments.len() > FRAGMENTS {
            return Err(Fault::too_complex(format!(
                "A document may have at most {FRAGMENTS} fragments."
            )));
        }
        let mut spent = Spent {
            fragments: HashMap::new(),
            document: &parsed,
            open: 0,
        };
        let mut operations = Vec::new();
        for (name, operation) in parsed.operations.iter() {
            let cost = spent.set(&operation.node.selection_set.node, 0)?;
            cost.check()?;
            if operation.node.variable_definitions.len() > VARIABLES {
                return Err(Fault::too_complex(format!(
                    "An operation may have at most {VARIABLES} variables."
                )));
            }
            operations.push(Operation {
                name: name.map(ToString::to_string),
                kind: operation.node.ty,
                root_fields: cost.root,
                only_field: only_field(&operation.node.selection_set.node),
                introspects: cost.introspects,
                plannable: plannable(&parsed, &operation.node.selection_set.node),
            });
        }
        Ok(Self {
            hash: Sha256::digest(text).into(),
            operations,
            parsed,
            uses: Kept::default(),
            seen: Seen::default(),
        })
    }

    /// The operation that a request means.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`: none of that name, or several and no name.
    pub fn operation(&self, name: Option<&str>) -> Result<&Operation, Fault> {
        let found = match (name, self.operations.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => {
                return Err(Fault::bad_input(
                    "The document has several operations: say which one in “operationName”.",
                ));
            }
            (Some(name), all) => all.iter().find(|o| o.name.as_deref() == Some(name)),
        };
        found.ok_or_else(|| Fault::bad_input("The document has no operation of the name in “operationName”."))
    }
}

/// The operation of this name, as the parser gave it; the first where none is named.
#[must_use]
pub fn meant<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut all = document.operations.iter();
    all.find(|(n, _)| name.is_none() || n.map(|n| n.as_str()) == name)
        .map(|(_, operation)| &operation.node)
}

fn only_field(set: &SelectionSet) -> Option<String> {
    match set.items.as_slice() {
        [only] => match &only.node {
            Selection::Field(field) => Some(field.node.name.node.to_string()),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
        },
        _ => None,
    }
}

/// Has no selection below this one a key twice, fragments written out? (Called when the operation is known to be small.)
fn plannable(document: &ExecutableDocument, set: &SelectionSet) -> bool {
    let mut keys = HashSet::new();
    let mut open = vec![set];
    let mut below = Vec::new();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    if !keys.insert(field.node.response_key().node.as_str()) {
                        return false;
                    }
                    below.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => match document.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => open.push(&fragment.node.selection_set.node),
                    None => return false,
                },
            }
        }
    }
    below.into_iter().all(|set| plannable(document, set))
}

#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    root: u64,
    fields: u64,
    aliases: u64,
    directives: u64,
    steps: u32,
    introspects: bool,
}

impl Cost {
    fn check(&self) -> Result<(), Fault> {
        let limits = [
            (self.root, ROOT_FIELDS, "root fields"),
            (self.fields, FIELDS, "fields"),
            (self.aliases, ALIASES, "aliases"),
            (self.directives, DIRECTIVES, "directives"),
        ];
        match limits.iter().find(|(used, most, _)| used > most) {
            Some((_, most, what)) => Err(Fault::too_complex(format!(
                "An operation may have at most {most} {what}, fragments written out."
            ))),
            None => Ok(()),
        }
    }
}

/// Adds up what a selection costs. A fragment is added up once, so that fragments of fragments cost their number and not
/// their product.
struct Spent<'d> {
    document: &'d ExecutableDocument,
    fragments: HashMap<(String, u32), Option<Cost>>,
    /// How deep the walk is.
    open: u32,
}

impl Spent<'_> {
    /// What a selection costs. It is refused where it goes too deep, before whatever else walks it.
    fn set(&mut self, set: &SelectionSet, lists: u32) -> Result<Cost, Fault> {
        self.open += 1;
        let mut cost = if self.open > STEPS {
            Err(too_deep())
        } else {
            self.sum(set, lists)
        }?;
        self.open -= 1;
        cost.steps += 1;
        if cost.steps > STEPS { Err(too_deep()) } else { Ok(cost) }
    }

    fn sum(&mut self, set: &SelectionSet, lists: u32) -> Result<Cost, Fault> {
        let mut sum = Cost::default();
        for selection in &set.items {
            sum.directives = sum.directives.saturating_add(selection.node.directives().len() as u64);
            let inner = match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let lists = introspection_lists(name, lists);
                    if lists > INTROSPECTION_LISTS {
                        return Err(Fault::too_complex(
                            "Introspection asks for lists inside lists inside lists.",
                        ));
                    }
                    sum.introspects |= matches!(name, "__schema" | "__type" | "_service");
                    sum.root = sum.root.saturating_add(1);
                    sum.fields = sum.fields.saturating_add(1);
                    sum.aliases = sum.aliases.saturating_add(u64::from(field.node.alias.is_some()));
                    Cost {
                        root: 0,
                        ..self.set(&field.node.selection_set.node, lists)?
                    }
                }
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, lists)?,
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str(), lists)?,
            };
            sum.root = sum.root.saturating_add(inner.root);
            sum.fields = sum.fields.saturating_add(inner.fields);
            sum.aliases = sum.aliases.saturating_add(inner.aliases);
            sum.directives = sum.directives.saturating_add(inner.directives);
            sum.steps = sum.steps.max(inner.steps);
            sum.introspects |= inner.introspects;
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &str, lists: u32) -> Result<Cost, Fault> {
        let key = (name.to_owned(), lists);
        match self.fragments.get(&key) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(Fault::validation("A fragment spreads itself.")),
            None => {}
        }
        let document = self.document;
        let Some(fragment) = document
            .fragments
            .iter()
            .find(|(n, _)| n.as_str() == name)
            .map(|(_, f)| f)
        else {
            return Err(Fault::validation(format!("Unknown fragment “{name}”.")));
        };
        self.fragments.insert(key.clone(), None);
        let cost = self.set(&fragment.node.selection_set.node, lists)?;
        self.fragments.insert(key, Some(cost));
        Ok(cost)
    }
}

fn too_deep() -> Fault {
    Fault::too_complex(format!(
        "A selection may go at most {STEPS} steps deep, each fragment a step."
    ))
}

/// How many introspection lists lie around what is inside this field; 0 outside of introspection.
fn introspection_lists(field: &str, around: u32) -> u32 {
    match field {
        "__schema" | "__type" => 1,
        "fields" | "inputFields" | "interfaces" | "possibleTypes" if around > 0 => around + 1,
        _ => around,
    }
}

type Lately = LruCache<[u8; 32], Arc<Document>>;

/// Documents by the hash of their text. Those of strangers are kept apart, and are fewer: whoever makes up a thousand of them makes
/// nobody's but strangers' be parsed again.
pub struct Documents {
    known: Mutex<Lately>,
    strangers: Mutex<Lately>,
}

impl Documents {
    /// A store of this many.
    #[must_use]
    pub fn new(kept: usize) -> Self {
        let of = |many| Mutex::new(LruCache::new(NonZeroUsize::new(many).unwrap_or(NonZeroUsize::MIN)));
        Self {
            known: of(kept),
            strangers: of(kept / 10),
        }
    }

    /// The document of this hash, if it was here before.
    #[must_use]
    pub fn known(&self, hash: &[u8; 32]) -> Option<Arc<Document>> {
        let among = |kept: &Mutex<Lately>| kept.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned();
        among(&self.known).or_else(|| among(&self.strangers))
    }

    /// The document of this text.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn read(&self, text: &str, by: Sender) -> Result<Arc<Document>, Fault> {
        let hash: [u8; 32] = Sha256::digest(text).into();
        if let Some(known) = self.known(&hash) {
            return Ok(known);
        }
        let document = Arc::new(Document::read(text)?);
        if text.len() <= KEPT_LENGTH {
            let kept = match by {
                Sender::Known => &self.known,
                Sender::Stranger => &self.strangers,
            };
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .put(hash, document.clone());
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests;
