//! The import as a document: what is read, how far, and how it ended. Pure.

use crate::changes::ChangeKind;
use crate::words;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{ControlState, DocumentKind, Duty};
use serde_json::{Value, json};
use uuid::Uuid;

words! {
    /// What a file holds.
    ImportKind {
        /// Supplier records.
        Suppliers "SUPPLIERS",
        /// Items with packs and GTINs.
        Items "ITEMS",
        /// Stores, warehouses, distribution centres.
        Locations "LOCATIONS",
        /// Agreed prices and terms of supplier items.
        Prices "PRICES",
    }
}

words! {
    /// Where an import stands.
    ImportState {
        /// Its file is being read.
        Reading "READING",
        /// Its change waits for another person.
        Proposed "PROPOSED",
        /// In force: its change was approved; locations are in force at once.
        Applied "APPLIED",
        /// Nothing in it was new.
        Unchanged "UNCHANGED",
        /// A dry run: everything was checked, nothing was changed.
        Checked "CHECKED",
        /// Its change was refused or taken back.
        Declined "DECLINED",
        /// The file could not be read to its end.
        Failed "FAILED",
        /// Who uploaded it ended it before it was read to its end.
        Cancelled "CANCELLED",
    }
}

words! {
    /// What becomes of a GTIN that is none.
    InvalidGtin {
        /// Its line is refused.
        Refuse "REFUSE",
        /// It is left out, and its line goes in.
        Omit "OMIT",
    }
}

impl ImportKind {
    /// The kind of change that it proposes; none where it applies directly.
    #[must_use]
    pub fn change(self) -> Option<ChangeKind> {
        match self {
            Self::Suppliers => Some(ChangeKind::Supplier),
            Self::Items => Some(ChangeKind::Item),
            Self::Prices => Some(ChangeKind::Price),
            Self::Locations => None,
        }
    }

    /// The duty that it needs, also for a dry run.
    #[must_use]
    pub fn duty(self) -> Duty {
        match self {
            Self::Suppliers => Duty::SupPropose,
            Self::Items => Duty::ItemPropose,
            Self::Prices => Duty::PricePropose,
            Self::Locations => Duty::TenConfig,
        }
    }
}

impl ImportState {
    /// The event of an import that reached it.
    #[must_use]
    pub fn event(self) -> &'static str {
        match self {
            Self::Reading => "import-started",
            Self::Proposed => "import-proposed",
            Self::Applied => "import-applied",
            Self::Unchanged => "import-unchanged",
            Self::Checked => "import-checked",
            Self::Declined => "import-declined",
            Self::Failed => "import-failed",
            Self::Cancelled => "import-cancelled",
        }
    }
}

/// How many lines came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Read, without the header.
    pub lines: i32,
    /// New records.
    pub created: i32,
    /// Records with another content.
    pub updated: i32,
    /// In force or proposed already.
    pub unchanged: i32,
    /// Refused: they come back as a file.
    pub refused: i32,
    /// GTINs left out of lines that went in.
    pub omitted: i32,
}

impl Counts {
    /// These and those.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            lines: self.lines + other.lines,
            created: self.created + other.created,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            refused: self.refused + other.refused,
            omitted: self.omitted + other.omitted,
        }
    }
}

/// An import.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What its file holds.
    pub kind: ImportKind,
    /// Where it stands.
    pub state: ImportState,
    /// Checks everything, changes nothing.
    pub dry_run: bool,
    /// What becomes of a GTIN that is none.
    pub on_invalid_gtin: InvalidGtin,
    /// What people call it: the file's name.
    pub name: String,
    /// The change that it proposes; none before the first good line.
    pub change: Option<Uuid>,
    /// Who uploaded it.
    pub account: Uuid,
    /// The file's first line, without the columns of an earlier report.
    pub header: String,
    /// How far it is.
    pub counts: Counts,
    /// Why it failed.
    pub failure: Option<String>,
    /// SHA-256 of what was read.
    pub digest: Vec<u8>,
    /// SHA-256 of its first two lines, by which a file that is sent again is known; empty before the second.
    pub begins: Vec<u8>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

impl Job {
    /// What an act on it is about: its change, of which `change` will be the id, or a setting.
    #[must_use]
    pub fn subject(&self, change: Uuid) -> Subject {
        match self.kind.change() {
            Some(kind) => Subject::new(kind.document(), change),
            None => Subject::new(DocumentKind::TenantSetting, self.id),
        }
    }

    /// Reading → what the lines came to.
    pub fn end(&mut self) {
        let new = self.counts.created + self.counts.updated > 0;
        self.state = match (self.dry_run, new, self.kind.change()) {
            (true, _, _) => ImportState::Checked,
            (false, false, _) => ImportState::Unchanged,
            (false, true, Some(_)) => ImportState::Proposed,
            (false, true, None) => ImportState::Applied,
        };
    }

    /// Reading → Failed.
    pub fn fail(&mut self, why: &str) {
        self.state = ImportState::Failed;
        self.failure = Some(why.chars().take(500).collect());
    }

    /// Reading → Cancelled.
    pub fn cancel(&mut self) {
        self.state = ImportState::Cancelled;
    }

    /// Where it stands for its cancellation, whose duty is the one that it began with.
    #[must_use]
    pub fn standing(&self, expected_version: Option<i32>) -> Standing {
        let permits = self.state == ImportState::Reading;
        Standing {
            state: self.state.as_str().to_owned(),
            control: Some(ControlState::New),
            permits,
            allowed: permits.then(|| "importJobCancel".to_owned()).into_iter().collect(),
            versions: expected_version.map(|e| (e, self.trail.version)),
            ..Standing::default()
        }
    }

    /// What its events say: ids, words and figures.
    #[must_use]
    pub fn data(&self) -> Value {
        let c = self.counts;
        json!({ "state": self.state.as_str(), "kind": self.kind.as_str(), "dryRun": self.dry_run, "changeId": self.change, "lines": c.lines, "created": c.created,
            "updated": c.updated, "unchanged": c.unchanged, "refused": c.refused })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(kind: ImportKind, dry_run: bool, created: i32) -> Job {
        Job {
            id: Uuid::nil(),
            kind,
            state: ImportState::Reading,
            dry_run,
            on_invalid_gtin: InvalidGtin::Refuse,
            name: String::new(),
            change: None,
            account: Uuid::nil(),
            header: String::new(),
            counts: Counts {
                created,
                ..Counts::default()
            },
            failure: None,
            digest: vec![],
            begins: vec![],
            trail: Trail::new(),
        }
    }

    #[test]
    fn only_what_is_being_read_can_be_cancelled() {
        for &state in ImportState::ALL {
            let mut job = job(ImportKind::Items, false, 1);
            job.state = state;
            assert_eq!(job.standing(None).permits, state == ImportState::Reading, "{state:?}");
        }
    }

    #[test]
    fn an_import_ends_by_what_its_lines_came_to() {
        use ImportKind as K;
        use ImportState as S;
        for (kind, dry_run, created, end) in [
            (K::Items, false, 1, S::Proposed),
            (K::Locations, false, 1, S::Applied),
            (K::Items, false, 0, S::Unchanged),
            (K::Locations, true, 1, S::Checked),
            (K::Prices, true, 0, S::Checked),
        ] {
            let mut job = job(kind, dry_run, created);
            job.end();
            assert_eq!(job.state, end, "{kind:?} {dry_run} {created}");
        }
    }
}
