//! The purchase order: the aggregate decides. Pure – no I/O, no clock, no database type.

use super::line::OrderLine;
use super::status::{OrderCommand, OrderStatus};
use crate::shared::{Currency, PurchaseOrderId};
use chrono::NaiveDate;
use quartermaster_tenants::act::{Standing, Subject};
use quartermaster_tenants::event::Trail;
use quartermaster_tenants::policy::{DocumentKind, Level};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Refusal, error::Code};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Two approvals from this level on (6.4).
const DUAL_LEVEL: u8 = 4;

/// A purchase order with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseOrder {
    /// Its id.
    pub id: PurchaseOrderId,
    /// The supplier who is to deliver.
    pub supplier: Uuid,
    /// Where to.
    pub location: Uuid,
    /// Its state.
    pub status: OrderStatus,
    /// While it is on hold: the state that it goes back to.
    pub held_from: Option<OrderStatus>,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// Business date of the order.
    pub ordered_on: NaiveDate,
    /// When the goods are wanted.
    pub expected_on: Option<NaiveDate>,
    /// For the supplier.
    pub note: Option<String>,
    /// The buyer's own reference.
    pub reference: Option<String>,
    /// At least one.
    pub lines: Vec<OrderLine>,
    /// The business version: rises with each approved change.
    pub revision: i32,
    /// The pass through approval; rises each time it goes back to its maker.
    pub round: i32,
    /// The level that its amount asked for when it was submitted.
    pub required_level: Option<Level>,
    /// Approvals in this round.
    pub approvals: i16,
    /// Who made it: the owner of its discrepancies.
    pub buyer: Uuid,
    /// Why it was returned, rejected, held or cancelled.
    pub reason: Option<String>,
    /// Version and end of its chain of events.
    pub trail: Trail,
}

/// What an approval did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Another person has to approve as well.
    Step,
    /// That was the last step.
    Last,
}

impl PurchaseOrder {
    /// The sum of its lines before tax.
    #[must_use]
    pub fn net(&self) -> Decimal {
        self.lines.iter().map(|l| l.net).sum()
    }

    /// The tax of its lines.
    #[must_use]
    pub fn tax(&self) -> Decimal {
        self.lines.iter().map(|l| l.tax).sum()
    }

    /// What it commits to, in the tenant's currency, at the published rate. Only what raises it counts: a negative line
    /// lowers no exposure.
    ///
    /// # Errors
    /// A currency without a published rate.
    pub fn exposure(&self, settings: &Settings) -> Result<Decimal, Refusal> {
        let gross: Decimal = self.lines.iter().map(|l| (l.net + l.tax).max(Decimal::ZERO)).sum();
        exposure(gross, self.currency, settings)
    }

    /// What an act on it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::new(DocumentKind::PurchaseOrder, self.id)
            .in_round(self.round)
            .of_supplier(self.supplier)
            .at(self.location)
    }

    /// Where it stands for a command.
    #[must_use]
    pub fn standing(&self, command: OrderCommand, expected_version: Option<i32>) -> Standing {
        Standing {
            state: self.status.as_str().to_owned(),
            control: self.held_from.unwrap_or(self.status).control(),
            permits: self.status.allows(command),
            allowed: self.status.allowed(),
            level: self.required_level.unwrap_or_default(),
            versions: expected_version.map(|e| (e, self.trail.version)),
        }
    }

    /// Draft → InApproval, or straight to Approved when the amount needs no approval.
    pub fn submit(&mut self, level: Level) {
        self.required_level = Some(level);
        self.approvals = 0;
        self.reason = None;
        self.status = if level == Level::ZERO {
            OrderStatus::Approved
        } else {
            OrderStatus::InApproval
        };
    }

    /// One approval; the last one of the round makes it Approved.
    pub fn approve(&mut self) -> Approval {
        self.approvals += 1;
        let needed = if self.required_level.is_some_and(|l| l.get() >= DUAL_LEVEL) {
            2
        } else {
            1
        };
        if self.approvals < needed {
            return Approval::Step;
        }
        self.status = OrderStatus::Approved;
        Approval::Last
    }

    /// InApproval → Draft: the maker may edit it; approvals of the round are void.
    pub fn send_back(&mut self, reason: String) {
        self.status = OrderStatus::Draft;
        self.round += 1;
        self.approvals = 0;
        self.required_level = None;
        self.reason = Some(reason);
    }

    /// InApproval → Rejected, for good.
    pub fn reject(&mut self, reason: String) {
        self.status = OrderStatus::Rejected;
        self.reason = Some(reason);
        self.close_lines();
    }

    /// Approved → Released: what is open counts as inbound from now on. Gives the numbers of the lines that were not open yet,
    /// as those of an older server are.
    pub fn release(&mut self) -> Vec<i32> {
        self.status = OrderStatus::Released;
        let late = self
            .lines
            .iter_mut()
            .filter(|l| !l.is_open && l.outstanding() > Decimal::ZERO);
        late.map(|line| {
            line.is_open = true;
            line.number
        })
        .collect()
    }

    /// Withdrawn; nothing was received.
    ///
    /// # Errors
    /// Something was.
    pub fn cancel(&mut self, reason: String) -> Result<(), Refusal> {
        if self.lines.iter().any(|l| l.received > Decimal::ZERO) {
            return Err(Refusal::new(
                Code::InvalidState,
                &["id"],
                "Goods were received against this order: short-close it instead.",
            ));
        }
        self.status = OrderStatus::Cancelled;
        self.reason = Some(reason);
        self.close_lines();
        Ok(())
    }

    /// Stopped for the time being.
    pub fn hold(&mut self, reason: String) {
        self.held_from = Some(self.status);
        self.status = OrderStatus::OnHold;
        self.reason = Some(reason);
    }

    /// Back to where it was held.
    pub fn resume(&mut self) {
        if let Some(status) = self.held_from.take() {
            self.status = status;
        }
        self.reason = None;
    }

    /// No more is expected of these lines. Gives what each of them lost; the order may be Received now.
    ///
    /// # Errors
    /// A line that is not there, or of which nothing is outstanding.
    pub fn short_close(&mut self, numbers: &[i32], reason: String) -> Result<Vec<(i32, Decimal)>, Refusal> {
        let mut closed = Vec::new();
        for (i, number) in numbers.iter().enumerate() {
            let index = i.to_string();
            let field = ["lineNumbers", index.as_str()];
            let line = self
                .lines
                .iter_mut()
                .find(|l| l.number == *number)
                .ok_or_else(|| Refusal::not_found(&field, "line"))?;
            let outstanding = line.outstanding();
            if outstanding <= Decimal::ZERO {
                return Err(Refusal::new(
                    Code::InvalidState,
                    &field,
                    "Nothing is outstanding on this line.",
                ));
            }
            line.closed += outstanding;
            line.is_open = false;
            closed.push((*number, outstanding));
        }
        self.reason = Some(reason);
        self.settle();
        Ok(closed)
    }

    /// After something was received, returned or closed: which state follows.
    pub fn settle(&mut self) {
        let open = self.lines.iter().any(|l| l.outstanding() > Decimal::ZERO);
        let received = self
            .lines
            .iter()
            .any(|l| l.received > Decimal::ZERO || l.closed > Decimal::ZERO);
        let next = match (open, received) {
            (false, _) => OrderStatus::Received,
            (true, true) if self.lines.iter().any(|l| l.received > Decimal::ZERO) => OrderStatus::PartiallyReceived,
            (true, _) => OrderStatus::Released,
        };
        self.status = next;
        for line in &mut self.lines {
            line.is_open = line.outstanding() > Decimal::ZERO;
        }
    }

    /// The same for an order that may be on hold: it stays so, and goes back to the state that follows.
    pub fn settle_where_it_is(&mut self) {
        let held = self.status == OrderStatus::OnHold;
        self.settle();
        if held {
            self.held_from = Some(self.status);
            self.status = OrderStatus::OnHold;
        }
    }

    fn close_lines(&mut self) {
        for line in &mut self.lines {
            line.is_open = false;
        }
    }
}

/// An amount in the tenant's currency, at the rate that two people published.
///
/// # Errors
/// A currency without a published rate.
pub fn exposure(amount: Decimal, currency: Currency, settings: &Settings) -> Result<Decimal, Refusal> {
    if currency.code() == settings.currency {
        return Ok(amount);
    }
    let rate = settings.exchange_rates.get(currency.code()).ok_or_else(|| {
        Refusal::new(
            Code::UnknownCode,
            &["currencyCode"],
            format!(
                "There is no published exchange rate from {} to {}.",
                currency.code(),
                settings.currency
            ),
        )
    })?;
    Ok(amount * rate)
}
