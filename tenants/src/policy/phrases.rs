//! English words for duties and documents: the one table to translate.

use super::vocabulary::{DocumentKind, Duty};

/// How a duty is put into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    /// What was done: "submitted".
    pub(super) verb: &'static str,
    /// What may be done: "submit".
    pub(super) base: &'static str,
}

const fn phrase(verb: &'static str, base: &'static str) -> Phrase {
    Phrase { verb, base }
}

/// "approve a purchase order".
pub(super) fn task(duty: Duty) -> String {
    let noun = noun(duty.document());
    let a = if noun.starts_with(['a', 'e', 'i', 'o', 'A']) {
        "an"
    } else {
        "a"
    };
    format!("{} {a} {noun}", of(duty).base)
}

/// The words of a duty.
pub(super) const fn of(duty: Duty) -> Phrase {
    match duty {
        Duty::SupPropose
        | Duty::ItemPropose
        | Duty::PricePropose
        | Duty::CoCreate
        | Duty::StkAdjust
        | Duty::WoffPropose
        | Duty::RoleGrant
        | Duty::UsrMerge
        | Duty::PtnOperatorAssign
        | Duty::KeyIssue => phrase("proposed", "propose"),
        Duty::SupApprove
        | Duty::ItemApprove
        | Duty::PriceApprove
        | Duty::ContractApprove
        | Duty::ReqApprove
        | Duty::PoApprove
        | Duty::CoApprove
        | Duty::StkAdjustApprove
        | Duty::WoffApprove
        | Duty::ReplApprove
        | Duty::RtvApprove
        | Duty::RoleGrantApprove
        | Duty::ExcApprove
        | Duty::UsrMergeApprove => phrase("approved or rejected", "approve"),
        Duty::SupBankPropose | Duty::InvCapture => phrase("entered", "enter"),
        Duty::SupBankVerify => phrase("verified", "verify"),
        Duty::SupBlock => phrase("blocked or unblocked", "block"),
        Duty::ContractDraft => phrase("drafted", "draft"),
        Duty::ReqCreate | Duty::RtvCreate | Duty::PtnTenantCreate => phrase("created", "create"),
        Duty::PoCreate => phrase("created or edited", "create"),
        Duty::PoSubmit => phrase("submitted", "submit"),
        Duty::PoSend => phrase("sent", "send"),
        Duty::PoCancel => phrase("cancelled", "cancel"),
        Duty::ConfRecord | Duty::RcvRecord | Duty::RtvCredit | Duty::PrvRequest => phrase("recorded", "record"),
        Duty::ConfAccept | Duty::SoAccept => phrase("accepted", "accept"),
        Duty::RcvReverse => phrase("reversed", "reverse"),
        Duty::QcInspect => phrase("did", "do"),
        Duty::QcDispose => phrase("decided", "decide"),
        Duty::DiscRaise => phrase("raised", "raise"),
        Duty::DiscResolve => phrase("resolved", "resolve"),
        Duty::InvMatchOverride => phrase("accepted a variance of", "accept a variance of"),
        Duty::InvApprove | Duty::CntApprove | Duty::PrvEraseApprove => phrase("approved", "approve"),
        Duty::PayPropose => phrase("assembled", "assemble"),
        Duty::PayRelease => phrase("released", "release"),
        Duty::CntPlan => phrase("planned", "plan"),
        Duty::CntEnter => phrase("entered counts of", "enter counts of"),
        Duty::TrfCreate => phrase("ordered", "order"),
        Duty::TrfShip | Duty::RtvShip | Duty::SoShip => phrase("shipped", "ship"),
        Duty::TrfReceive => phrase("received", "receive"),
        Duty::ReplEdit | Duty::WfEdit | Duty::PolEdit => phrase("edited", "edit"),
        Duty::WfPublish | Duty::PolPublish => phrase("published", "publish"),
        Duty::ExcRequest | Duty::BgRequest => phrase("requested", "request"),
        Duty::BgApprove => phrase("opened", "open"),
        Duty::BgReview => phrase("reviewed", "review"),
        Duty::UsrManage => phrase("managed", "manage"),
        Duty::TenConfig => phrase("changed", "change"),
        Duty::TenOperatorAdmit => phrase("admitted", "admit"),
        Duty::KeyApprove => phrase("activated", "activate"),
        Duty::AudRead => phrase("read", "read"),
        Duty::AudReview => phrase("certified", "certify"),
        Duty::RoleBenefit | Duty::ExcBenefit => phrase("gain from", "gain from"),
        Duty::SupplierParty => phrase("act for", "act for"),
        Duty::AgentActor => phrase("act as", "act as"),
    }
}

/// The words of a document type.
pub(super) const fn noun(document: DocumentKind) -> &'static str {
    match document {
        DocumentKind::SupplierChange => "supplier change",
        DocumentKind::SupplierBankChange => "change of supplier bank data",
        DocumentKind::ItemChange => "item change",
        DocumentKind::PriceList => "price list",
        DocumentKind::Contract => "contract",
        DocumentKind::Requisition => "requisition",
        DocumentKind::PurchaseOrder => "purchase order",
        DocumentKind::ChangeOrder => "change order",
        DocumentKind::Confirmation => "confirmation",
        DocumentKind::Receipt => "goods receipt",
        DocumentKind::QcInspection => "quality inspection",
        DocumentKind::Discrepancy => "discrepancy",
        DocumentKind::Invoice => "invoice",
        DocumentKind::PaymentBatch => "payment batch",
        DocumentKind::Adjustment => "stock adjustment",
        DocumentKind::StockCount => "stock count",
        DocumentKind::WriteOff => "write off",
        DocumentKind::Transfer => "transfer",
        DocumentKind::ReplenishmentPolicy => "replenishment policy",
        DocumentKind::SupplierReturn => "supplier return",
        DocumentKind::CreditNote => "credit note",
        DocumentKind::SalesOrder => "sales order",
        DocumentKind::ShipNotice => "ship notice",
        DocumentKind::WorkflowRule => "workflow rule",
        DocumentKind::SodPolicy => "policy of segregation of duties",
        DocumentKind::RoleAssignment => "role assignment",
        DocumentKind::SodException => "exception to segregation of duties",
        DocumentKind::BreakGlass => "emergency access",
        DocumentKind::UserAccount => "user account",
        DocumentKind::PersonMerge => "person merge",
        DocumentKind::TenantSetting => "tenant setting",
        DocumentKind::OperatorAssignment => "operator assignment",
        DocumentKind::Tenant => "tenant",
        DocumentKind::ApiKey => "API key",
        DocumentKind::AuditLog => "audit log",
        DocumentKind::AccessReview => "access review",
        DocumentKind::PrivacyRequest => "privacy request",
        DocumentKind::Supplier => "supplier",
        DocumentKind::Any => "document",
    }
}
