//! Lives the documents: many at once, a return after the orders that brought what it sends back.

use super::client::CallError;
use super::progress::{Pace, Progress};
use super::world::World;
use super::{order, supplier_return};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use quartermaster_demo::journal::JournalError;
use quartermaster_demo::plan::{Document, DocumentKey, DocumentKind, PlanError};
use quartermaster_demo::{Journal, Plan};
use std::collections::{HashSet, VecDeque};
use std::pin::Pin;

/// So many documents may fail before the replay stops: one mistake of the world is no reason to stop, a broken server is.
const MOST_FAILURES: usize = 20;
/// So many documents may wait for others before no more are read.
const MOST_WAITING: usize = 10_000;

/// Why a replay stopped.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// A broken line; none is expected, since the plan was read before.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The journal cannot be kept.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What came of living the documents.
pub struct Lived {
    /// Lines of this process, and how long they took.
    pub pace: Pace,
    /// Documents that were not lived, and why.
    pub failures: Vec<(DocumentKey, String)>,
}

/// What a document needs to be lived.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The plan that the document is of.
    pub plan: &'a Plan,
    /// The ids of tenants, places and things.
    pub world: &'a World,
    /// How to call.
    pub client: &'a super::client::Client,
}

type Living<'a> = Pin<Box<dyn Future<Output = (Document, Result<String, CallError>)> + 'a>>;

/// Lives all documents that the journal does not have, `at_once` of them at a time.
///
/// # Errors
/// [`LiveError`]; what a document's own calls failed with is in [`Lived::failures`].
pub async fn live(scene: Scene<'_>, journal: &mut Journal, at_once: usize) -> Result<Lived, LiveError> {
    let mut progress = Progress::of(scene.plan.totals.lines, "lines");
    let mut documents = scene.plan.documents();
    let mut waiting: VecDeque<Document> = VecDeque::new();
    let mut running: FuturesUnordered<Living<'_>> = FuturesUnordered::new();
    let mut failed: HashSet<DocumentKey> = HashSet::new();
    let mut failures = Vec::new();
    let mut read_all = false;
    loop {
        while running.len() < at_once.max(1) && failures.len() < MOST_FAILURES {
            let ready = waiting
                .iter()
                .position(|document| document.after.iter().all(|k| journal.is_done(k.as_str())));
            if let Some(document) = ready.and_then(|at| waiting.remove(at)) {
                running.push(Box::pin(one(scene, document)));
                continue;
            }
            if read_all || waiting.len() >= MOST_WAITING {
                break;
            }
            match documents.next().transpose()? {
                None => read_all = true,
                Some(document) if journal.is_done(document.key.as_str()) => progress.was_done(source_lines(&document)),
                Some(document) => waiting.push_back(document),
            }
        }
        let Some((document, outcome)) = running.next().await else {
            break;
        };
        match outcome {
            Ok(note) => {
                journal.done(document.key.as_str(), &note)?;
                progress.step(source_lines(&document));
            }
            Err(error) => {
                failures.push((document.key.clone(), error.to_string()));
                failed.insert(document.key);
            }
        }
    }
    for document in waiting {
        let after = document.after.iter().find(|k| failed.contains(k));
        let why = after.map_or_else(
            || "the replay stopped before it".to_owned(),
            |k| format!("it comes after {k}, which failed"),
        );
        failures.push((document.key, why));
    }
    journal.force()?;
    progress.end();
    Ok(Lived {
        pace: progress.pace(),
        failures,
    })
}

async fn one(scene: Scene<'_>, document: Document) -> (Document, Result<String, CallError>) {
    let outcome = match document.kind {
        DocumentKind::PurchaseOrder => order::live(scene, &document).await,
        DocumentKind::SupplierReturn => supplier_return::live(scene, &document).await,
    };
    (document, outcome)
}

/// Lines of the file behind a document: two lines that share one source were one.
fn source_lines(document: &Document) -> u64 {
    let sources: HashSet<&str> = document.lines.iter().map(|line| line.source.as_str()).collect();
    sources.len() as u64
}
