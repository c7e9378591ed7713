//! The lines of a day, grouped into documents. Never more than a day is in memory.

use std::collections::{BTreeMap, VecDeque};

use super::document::{Document, DocumentKey, DocumentKind, DocumentLine};
use super::lines::{OrderLine, OrderLines};
use super::unit_price::price;
use super::{Plan, PlanError, UNLISTED_VENDOR};

/// The documents of a plan in time order.
pub struct Documents<'a> {
    plan: &'a Plan,
    lines: std::iter::Peekable<OrderLines>,
    today: VecDeque<Document>,
    /// For what is ever returned: deliveries to store and item, oldest first, with what is left of them.
    deliveries: BTreeMap<(String, String), Vec<(DocumentKey, u64)>>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(plan: &'a Plan, lines: OrderLines) -> Self {
        Self {
            plan,
            lines: lines.peekable(),
            today: VecDeque::new(),
            deliveries: BTreeMap::new(),
        }
    }

    /// Reads the next day whole. False at the end.
    fn read_a_day(&mut self) -> Result<bool, PlanError> {
        let Some(first) = self.lines.next().transpose()? else {
            return Ok(false);
        };
        let date = first.date;
        let mut groups: BTreeMap<(DocumentKind, String, String), Vec<OrderLine>> = BTreeMap::new();
        let mut next = Some(first);
        while let Some(line) = next {
            let kind = if line.is_return() {
                DocumentKind::SupplierReturn
            } else {
                DocumentKind::PurchaseOrder
            };
            let vendor = self
                .plan
                .items
                .get(&line.item)
                .map_or(UNLISTED_VENDOR, |item| item.vendor.as_str());
            groups
                .entry((kind, line.store.clone(), vendor.to_owned()))
                .or_default()
                .push(line);
            next = self
                .lines
                .next_if(|line| line.as_ref().map_or(true, |line| line.date == date))
                .transpose()?;
        }
        for ((kind, store, vendor), lines) in groups {
            let document = self.document(kind, store, vendor, lines)?;
            self.today.push_back(document);
        }
        Ok(true)
    }

    fn document(
        &mut self,
        kind: DocumentKind,
        store: String,
        vendor: String,
        mut lines: Vec<OrderLine>,
    ) -> Result<Document, PlanError> {
        lines.sort_by(|one, other| one.invoice_line.cmp(&other.invoice_line));
        let date = lines.first().map_or(chrono::NaiveDate::MIN, |line| line.date);
        let key = DocumentKey::new(date, &store, &vendor, kind);
        let Some(tenant) = self.plan.tenant_of(&store) else {
            // The file has changed since the plan was read.
            let (path, line) = lines.first().map(|line| (line.path(), line.at)).unwrap_or_default();
            return Err(PlanError::NoTenant { path, line, store });
        };
        let mut after = Vec::new();
        let mut priced = Vec::new();
        for line in &lines {
            let quantity = line.bottles.unsigned_abs();
            self.follow(kind, &key, line, quantity, &mut after);
            for part in price(quantity, line.dollars.abs()) {
                priced.push(DocumentLine {
                    number: u32::try_from(priced.len() + 1).unwrap_or(u32::MAX),
                    item: line.item.clone(),
                    quantity: part.quantity,
                    unit_price: part.unit_price,
                    amount: part.amount,
                    source: line.invoice_line.clone(),
                });
            }
        }
        after.sort();
        after.dedup();
        Ok(Document {
            key,
            kind,
            tenant: tenant.entry.code.clone(),
            store,
            vendor,
            date,
            lines: priced,
            after,
        })
    }

    /// Notes a delivery; finds the latest deliveries that a return takes from.
    fn follow(
        &mut self,
        kind: DocumentKind,
        key: &DocumentKey,
        line: &OrderLine,
        quantity: u64,
        after: &mut Vec<DocumentKey>,
    ) {
        let place = (line.store.clone(), line.item.clone());
        if !self.plan.returned.contains(&place) {
            return;
        }
        let deliveries = self.deliveries.entry(place).or_default();
        match kind {
            DocumentKind::PurchaseOrder => deliveries.push((key.clone(), quantity)),
            DocumentKind::SupplierReturn => {
                let mut wanted = quantity;
                for (delivery, left) in deliveries.iter_mut().rev() {
                    let taken = wanted.min(*left);
                    if taken > 0 {
                        after.push(delivery.clone());
                    }
                    *left -= taken;
                    wanted -= taken;
                }
            }
        }
    }
}

impl Iterator for Documents<'_> {
    type Item = Result<Document, PlanError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.today.is_empty()
            && let Err(error) = self.read_a_day()
        {
            return Some(Err(error));
        }
        self.today.pop_front().map(Ok)
    }
}
