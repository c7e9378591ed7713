//! The settings of a tenant that need two people, as they are read and as they are proposed.

use crate::graphql::document_kind::DocumentKind;
use crate::graphql::error::coded;
use crate::graphql::scalar::{CurrencyCode, DateTime, Decimal};
use async_graphql::{Enum, ID, InputObject, Result, SimpleObject};
use quartermaster_tenants::RecordedKind;
use quartermaster_tenants::id::{TenantId, WorkflowRuleId};
use quartermaster_tenants::rules::SettingsDraft;
use quartermaster_tenants::rules::queries::SettingsRecord;
use quartermaster_tenants::settings::{NegativeStock, Settings};
use quartermaster_tenants::tx::Numbering;

/// In the data of a request where the deployment has registered documents: without one nobody could ask anything more.
pub struct DocumentsRegistered;

/// What happens to a movement that would make stock negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "NegativeStock")]
pub enum NegativeStockPolicy {
    /// It is refused.
    Refuse,
    /// It is posted, and an event asks for attention.
    Flag,
}

/// How documents of one kind are numbered.
#[derive(SimpleObject, Debug, Clone)]
pub struct DocumentNumbering {
    /// The kind of document.
    document_kind: DocumentKind,
    /// `PO-{YYYY}-{NNNNNN}`: one counter; `{YYYY}` restarts it each year.
    pattern: String,
    /// No gaps, ever.
    gapless: bool,
}

/// What one unit of a foreign currency is worth in the tenant's.
#[derive(SimpleObject, Debug, Clone)]
pub struct ExchangeRate {
    /// The foreign currency.
    currency_code: CurrencyCode,
    /// Units of the tenant's currency.
    rate: Decimal,
}

/// Settings that weaken or strengthen a control: two people change them.
#[derive(SimpleObject, Debug, Clone)]
pub struct TenantSettings {
    /// The tenant.
    tenant_id: ID,
    /// Rises with each publication.
    version: i32,
    /// The rule that made them; none for those that the tenant began with.
    workflow_rule_id: Option<ID>,
    /// When they came into force.
    updated_at: DateTime,
    /// Amounts here are in this currency.
    currency_code: CurrencyCode,
    /// Four rising limits: the level of an amount is the number of limits that it exceeds.
    approval_limits: Vec<Decimal>,
    /// Days in which orders of one maker to one supplier add up for their level; 0 is off.
    aggregation_window_days: i32,
    /// How much more than ordered may be received, in percent.
    over_receipt_tolerance_percent: Decimal,
    /// How much less than ordered is no discrepancy, in percent.
    under_receipt_tolerance_percent: Decimal,
    /// An approved order is released at once, as a system act.
    release_on_approval: bool,
    /// What happens to a movement that would make stock negative.
    negative_stock: NegativeStockPolicy,
    /// A count within this percentage of the expected quantity needs no recount.
    count_tolerance_percent: Decimal,
    /// Receivers do not see what was ordered.
    blind_receiving: bool,
    /// The API runs registered documents for the tenant and no others: those that the deployment's front-ends were built with.
    registered_documents_only: bool,
    /// Published exchange rates, for approval levels.
    exchange_rates: Vec<ExchangeRate>,
    /// How documents are numbered.
    numbering: Vec<DocumentNumbering>,
}

impl TenantSettings {
    pub(super) fn of(tenant: TenantId, record: SettingsRecord) -> Self {
        let s: Settings = record.settings;
        Self {
            tenant_id: ID(tenant.to_string()),
            version: record.version,
            workflow_rule_id: record.rule.map(|r| ID(WorkflowRuleId(r).to_string())),
            updated_at: DateTime(record.updated_at),
            currency_code: s.currency.into(),
            approval_limits: s.approval_limits.map(Decimal).to_vec(),
            aggregation_window_days: i32::try_from(s.aggregation_window_days).unwrap_or(i32::MAX),
            over_receipt_tolerance_percent: Decimal(s.over_receipt_tolerance_percent),
            under_receipt_tolerance_percent: Decimal(s.under_receipt_tolerance_percent),
            release_on_approval: s.release_on_approval,
            negative_stock: s.negative_stock.into(),
            count_tolerance_percent: Decimal(s.count_tolerance_percent),
            blind_receiving: s.blind_receiving,
            registered_documents_only: s.registered_documents_only,
            exchange_rates: (s.exchange_rates.into_iter())
                .map(|(code, rate)| ExchangeRate {
                    currency_code: code.into(),
                    rate: Decimal(rate),
                })
                .collect(),
            numbering: (s.numbering.into_iter())
                .filter_map(|(kind, n)| {
                    Some(DocumentNumbering {
                        document_kind: RecordedKind::parse(&kind)?.into(),
                        pattern: n.pattern,
                        gapless: n.gapless,
                    })
                })
                .collect(),
        }
    }
}

/// A rate.
#[derive(InputObject)]
pub struct ExchangeRateInput {
    /// The foreign currency.
    currency_code: CurrencyCode,
    /// Units of the tenant's currency, above zero.
    rate: Decimal,
}

/// How documents of one kind are to be numbered.
#[derive(InputObject)]
pub struct DocumentNumberingInput {
    /// The kind of document.
    document_kind: DocumentKind,
    /// `PO-{YYYY}-{NNNNNN}`.
    pattern: String,
    /// No gaps, ever.
    #[graphql(default)]
    gapless: bool,
}

/// Settings to change; what is not given stays.
#[derive(InputObject)]
pub struct SettingsDraftInput {
    /// Exactly four rising limits, none negative.
    approval_limits: Option<Vec<Decimal>>,
    /// Days, 0 to 365.
    aggregation_window_days: Option<i32>,
    /// 0 to 100.
    over_receipt_tolerance_percent: Option<Decimal>,
    /// 0 to 100.
    under_receipt_tolerance_percent: Option<Decimal>,
    /// Release approved orders at once.
    release_on_approval: Option<bool>,
    /// What happens to a movement that would make stock negative.
    negative_stock: Option<NegativeStockPolicy>,
    /// 0 to 100.
    count_tolerance_percent: Option<Decimal>,
    /// Receivers do not see what was ordered.
    blind_receiving: Option<bool>,
    /// Run registered documents for the tenant and no others.
    registered_documents_only: Option<bool>,
    /// All rates, in place of those there are.
    exchange_rates: Option<Vec<ExchangeRateInput>>,
    /// Patterns of these kinds; other kinds keep theirs.
    numbering: Option<Vec<DocumentNumberingInput>>,
}

impl SettingsDraftInput {
    pub(super) fn draft(self) -> Result<SettingsDraft> {
        let limits = self.approval_limits.map(|l| {
            let amounts: Vec<_> = l.into_iter().map(|d| d.0).collect();
            amounts
                .try_into()
                .map_err(|_| coded("BAD_USER_INPUT", "There are four approval limits."))
        });
        let days = self
            .aggregation_window_days
            .map(|d| u32::try_from(d).map_err(|_| coded("BAD_USER_INPUT", "The aggregation window is not negative.")));
        let rates = self
            .exchange_rates
            .map(|r| r.into_iter().map(|r| (r.currency_code.into(), r.rate.0)).collect());
        let numbering = self.numbering.unwrap_or_default().into_iter().map(|n| {
            let DocumentNumberingInput { pattern, gapless, .. } = n;
            let kind = RecordedKind::from(n.document_kind);
            (kind.as_str().to_owned(), Numbering { pattern, gapless })
        });
        Ok(SettingsDraft {
            approval_limits: limits.transpose()?,
            aggregation_window_days: days.transpose()?,
            over_receipt_tolerance_percent: self.over_receipt_tolerance_percent.map(|d| d.0),
            under_receipt_tolerance_percent: self.under_receipt_tolerance_percent.map(|d| d.0),
            release_on_approval: self.release_on_approval,
            negative_stock: self.negative_stock.map(Into::into),
            count_tolerance_percent: self.count_tolerance_percent.map(|d| d.0),
            blind_receiving: self.blind_receiving,
            registered_documents_only: self.registered_documents_only,
            exchange_rates: rates,
            numbering: numbering.collect(),
        })
    }
}
