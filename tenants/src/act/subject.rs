//! What an act is about.

use super::lock::Locks;
use crate::id::TenantId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an act is about: the document, what it derives from, and what its rules could meet on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Subject {
    /// Document type, in the words of `duties.csv`.
    pub kind: String,
    /// The document.
    pub document: Uuid,
    /// The pass through approval.
    pub round: i32,
    /// Documents that it derives from and that are not linked yet (a new receipt's orders).
    pub parents: Vec<Uuid>,
    /// Which of `parents` are purchase orders: anchors of the chain.
    pub parent_orders: Vec<Uuid>,
    /// The supplier.
    pub supplier: Option<Uuid>,
    /// Further suppliers, when the document is about many (a batch of prices).
    #[serde(default)]
    pub more_suppliers: Vec<Uuid>,
    /// The location whose stock it touches.
    pub location: Option<Uuid>,
    /// The items whose stock it touches.
    pub items: Vec<Uuid>,
    /// Persons whom the act benefits (ROLE.BENEFIT): the beneficiary of a grant, a key's owner, an operator.
    #[serde(default)]
    pub beneficiaries: Vec<Uuid>,
    /// Persons whose work the act puts forward with that of its actor (the counters of a pass): they are hands as well.
    #[serde(default)]
    pub together: Vec<Uuid>,
    /// Persons whose authority the act changes: locked exclusively.
    #[serde(skip)]
    pub affects: Vec<Uuid>,
    /// The supplier's standing is read (`false`) or changed (`true`).
    #[serde(skip)]
    pub supplier_standing: Option<bool>,
    /// The act itself makes the document: no earlier act can have been on it.
    #[serde(skip)]
    pub is_new: bool,
}

impl Subject {
    /// A document of a type, in its first round.
    pub fn new(kind: crate::policy::DocumentKind, document: impl Into<Uuid>) -> Self {
        Self {
            kind: kind.code().to_owned(),
            document: document.into(),
            round: 1,
            ..Self::default()
        }
    }

    /// In this round.
    #[must_use]
    pub fn in_round(mut self, round: i32) -> Self {
        self.round = round;
        self
    }

    /// With this supplier.
    #[must_use]
    pub fn of_supplier(mut self, supplier: Uuid) -> Self {
        self.supplier = Some(supplier);
        self
    }

    /// With these suppliers: rules meet on each of them.
    #[must_use]
    pub fn of_suppliers(mut self, mut suppliers: Vec<Uuid>) -> Self {
        suppliers.sort_unstable();
        suppliers.dedup();
        let mut all = suppliers.into_iter();
        self.supplier = all.next();
        self.more_suppliers = all.collect();
        self
    }

    /// All its suppliers.
    #[must_use]
    pub fn suppliers(&self) -> Vec<Uuid> {
        self.supplier
            .into_iter()
            .chain(self.more_suppliers.iter().copied())
            .collect()
    }

    /// At this location: only people who see it can act.
    #[must_use]
    pub fn at(mut self, location: Uuid) -> Self {
        self.location = Some(location);
        self
    }

    /// Deriving from these purchase orders.
    #[must_use]
    pub fn from_orders(mut self, orders: &[Uuid]) -> Self {
        self.parents.extend_from_slice(orders);
        self.parent_orders.extend_from_slice(orders);
        self
    }

    /// Deriving from another document that is no order.
    #[must_use]
    pub fn derived_from(mut self, parent: Uuid) -> Self {
        self.parents.push(parent);
        self
    }

    /// Touching the stock of these items at this location.
    #[must_use]
    pub fn touching(mut self, location: Uuid, items: Vec<Uuid>) -> Self {
        self.location = Some(location);
        self.items = items;
        self
    }

    /// Putting forward the work of these persons too: each of them becomes a hand, and every rule looks at each of them.
    #[must_use]
    pub fn together_with(mut self, persons: Vec<Uuid>) -> Self {
        self.together = persons;
        self
    }

    /// For the benefit of this person, whose authority changes with it.
    #[must_use]
    pub fn benefiting(mut self, person: Uuid) -> Self {
        self.beneficiaries.push(person);
        self.affects.push(person);
        self
    }

    pub(super) fn locks(&self, tenant: TenantId, hands: &[Uuid]) -> Locks {
        let mut documents = vec![self.document];
        documents.extend_from_slice(&self.parents);
        let stock = self.location.map(|l| (l, self.items.as_slice()));
        let mut locks = Locks::of_hands(tenant, hands, &documents, &self.suppliers(), stock);
        for person in &self.affects {
            locks.person(tenant, *person);
        }
        if let (Some(supplier), Some(exclusive)) = (self.supplier, self.supplier_standing) {
            locks.supplier(tenant, supplier, exclusive);
        }
        locks
    }
}
