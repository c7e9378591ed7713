//! The return: the aggregate decides. Pure.

use super::line::ReturnLine;
use super::status::{ReturnCommand, ReturnStatus};
use crate::inventory::{Movement, Place, Reason};
use crate::purchasing::exposure;
use crate::shared::{Currency, SupplierReturnId};
use chrono::NaiveDate;
use quartermaster_tenants::Refusal;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::id::encode;
use quartermaster_tenants::policy::{DocumentKind, Level};
use quartermaster_tenants::settings::Settings;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

/// Two approvals from this level on (6.4).
const DUAL_LEVEL: u8 = 4;

/// A return to a supplier with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct SupplierReturn {
    /// Its id.
    pub id: SupplierReturnId,
    /// Who gets the goods.
    pub supplier: Uuid,
    /// From where.
    pub location: Uuid,
    /// Its state.
    pub status: ReturnStatus,
    /// The currency of its prices.
    pub currency: Currency,
    /// Business date.
    pub returned_on: NaiveDate,
    /// The number that the supplier gave for it.
    pub authorisation: Option<String>,
    /// Why goods go back.
    pub reason: String,
    /// Why it was refused or withdrawn.
    pub decision_reason: Option<String>,
    /// What goes back.
    pub lines: Vec<ReturnLine>,
    /// The level that its amount asked for when it was submitted.
    pub required_level: Option<Level>,
    /// Approvals so far.
    pub approvals: i16,
    /// Who made it.
    pub maker: Uuid,
    /// The discrepancy that it settles.
    pub discrepancy: Option<Uuid>,
    /// When it left.
    pub shipped_on: Option<NaiveDate>,
    /// The carrier's number.
    pub tracking: Option<String>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

impl SupplierReturn {
    /// The credit that is expected: the sum of its lines.
    #[must_use]
    pub fn net(&self) -> Decimal {
        self.lines.iter().map(|l| l.net).sum()
    }

    /// The same in the tenant's currency, at the published rate.
    ///
    /// # Errors
    /// A currency without a published rate.
    pub fn exposure(&self, settings: &Settings) -> Result<Decimal, Refusal> {
        exposure(self.net(), self.currency, settings)
    }

    /// Its receipts and orders: what it derives from, orders marked.
    #[must_use]
    pub fn parents(&self) -> Vec<(Uuid, bool)> {
        let mut parents: Vec<(Uuid, bool)> = self
            .lines
            .iter()
            .flat_map(|l| [l.receipt.map(|r| (r.0, false)), l.order.map(|o| (o.0, true))])
            .flatten()
            .chain(self.discrepancy.map(|d| (d, false)))
            .collect();
        parents.sort_unstable();
        parents.dedup();
        parents
    }

    /// Its orders, each once, sorted.
    #[must_use]
    pub fn orders(&self) -> Vec<Uuid> {
        let orders = self.parents().into_iter().filter(|(_, is_order)| *is_order);
        orders.map(|(id, _)| id).collect()
    }

    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let mut items: Vec<Uuid> = self.lines.iter().map(|l| l.item).collect();
        items.sort_unstable();
        items.dedup();
        let mut subject = Subject::new(DocumentKind::SupplierReturn, self.id)
            .of_supplier(self.supplier)
            .from_orders(&self.orders())
            .touching(self.location, items);
        for (parent, _) in self.parents().into_iter().filter(|(_, is_order)| !is_order) {
            subject = subject.derived_from(parent);
        }
        subject
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: ReturnCommand, expected_version: Option<i32>) -> Standing {
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.status.control(),
            permits: self.status.allows(command),
            allowed: self.status.allowed(),
            level: self.required_level.unwrap_or_default(),
            versions: expected_version.map(|e| (e, self.trail.version)),
        }
    }

    /// Draft → InApproval, or straight to Approved when the amount needs no approval.
    pub fn submit(&mut self, level: Level) {
        self.required_level = Some(level);
        self.status = if level == Level::ZERO {
            ReturnStatus::Approved
        } else {
            ReturnStatus::InApproval
        };
    }

    /// One approval; was it the last that is needed?
    pub fn approve(&mut self) -> bool {
        self.approvals += 1;
        let dual = self.required_level.is_some_and(|l| l.get() >= DUAL_LEVEL);
        let last = self.approvals >= if dual { 2 } else { 1 };
        if last {
            self.status = ReturnStatus::Approved;
        }
        last
    }

    /// What leaves stock.
    #[must_use]
    pub fn movements(&self) -> Vec<Movement> {
        let leaves = |l: &ReturnLine| Movement {
            place: Place {
                item: l.item,
                location: self.location,
                lot: l.lot.clone(),
                status: l.stock_status,
            },
            quantity: -l.base(),
            unit_cost: None,
            reason: Reason::SupplierReturn,
            document_line: Some(l.number),
        };
        self.lines.iter().map(leaves).collect()
    }

    /// What its events say.
    #[must_use]
    pub fn data(&self) -> Value {
        json!({
            "status": self.status.as_str(),
            "supplierId": encode("sup", self.supplier),
            "locationId": encode("loc", self.location),
            "currencyCode": self.currency.code(),
            "netAmount": self.net(),
            "lineCount": self.lines.len(),
            "returnedOn": self.returned_on,
        })
    }
}
