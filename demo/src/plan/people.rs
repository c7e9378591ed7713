//! Who lives the documents. Rules of segregation look back over days and months while a replay takes minutes, so every
//! person has one function, and no function holds two acts that must not meet in one hand.

use serde::{Deserialize, Serialize};

use super::{Document, TenantPlan};

/// What a person does, all day, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Creates the tenants; of the partner, in no tenant.
    PartnerAdmin,
    /// Founder: invites people, proposes their roles, drafts settings.
    SecurityAdmin,
    /// Founder: approves roles, publishes settings, sets up locations.
    TenantAdmin,
    /// Proposes suppliers.
    SupplierSteward,
    /// Approves suppliers.
    SupplierApprover,
    /// Proposes items and prices.
    CategoryManager,
    /// Approves items and prices.
    PricingManager,
    /// Approves orders and returns.
    Approver,
    /// Reads the audit log, and does nothing else.
    Auditor,
    /// Makes the orders and returns of one store.
    Buyer,
    /// Receives and ships back at one store.
    Receiver,
}

/// The office of a tenant: eleven people, who approve for all its stores. Two approvers, since an order above the highest
/// limit needs both, and so that one person's locks do not slow every order.
const OFFICE: [(Function, &str); 11] = [
    (Function::SecurityAdmin, "security-1"),
    (Function::SecurityAdmin, "security-2"),
    (Function::TenantAdmin, "admin-1"),
    (Function::TenantAdmin, "admin-2"),
    (Function::SupplierSteward, "supplier-steward"),
    (Function::SupplierApprover, "supplier-approver"),
    (Function::CategoryManager, "category-manager"),
    (Function::PricingManager, "pricing-manager"),
    (Function::Approver, "approver-1"),
    (Function::Approver, "approver-2"),
    (Function::Auditor, "auditor"),
];

const GIVEN: [&str; 25] = [
    "Ada", "Bram", "Cleo", "Dov", "Edda", "Finn", "Greta", "Hal", "Ines", "Jory", "Kaia", "Lorn", "Mira", "Nils",
    "Oona", "Piet", "Quill", "Runa", "Sten", "Tova", "Ugo", "Vesna", "Wim", "Yara", "Zeno",
];
const FAMILY: [[&str; 12]; 2] = [
    [
        "Thistle", "Marrow", "Quarrel", "Windle", "Saffer", "Tollen", "Grindle", "Fenner", "Orsle", "Pellam", "Dunno",
        "Kester",
    ],
    [
        "wick", "by", "mere", "cote", "beck", "croft", "combe", "shaw", "hurst", "stead", "low", "gate",
    ],
];

/// One natural person with one login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Subject of the person's tokens; unique in the world.
    pub subject: String,
    /// An invented name.
    pub display_name: String,
    /// In the reserved domain `.example` (RFC 2606).
    pub email: String,
    /// What the person does.
    pub function: Function,
    /// The one store that the person works for; `None` in the office.
    pub store: Option<String>,
}

/// The three persons behind a document; always three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands<'a> {
    /// Creates, submits and releases an order; creates a return.
    pub maker: &'a Person,
    /// Approves it.
    pub approver: &'a Person,
    /// Receives the goods, or ships them back.
    pub custodian: &'a Person,
}

impl Function {
    /// The standard role that the person is granted.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::PartnerAdmin => "partner_admin",
            Self::SecurityAdmin => "security_admin",
            Self::TenantAdmin => "tenant_admin",
            Self::SupplierSteward => "supplier_steward",
            Self::SupplierApprover => "supplier_approver",
            Self::CategoryManager => "category_manager",
            Self::PricingManager => "pricing_manager",
            Self::Approver => "approver_l4",
            Self::Auditor => "auditor",
            Self::Buyer => "buyer",
            Self::Receiver => "receiver",
        }
    }

    /// The duties that the replay exercises in this function; a part of what the role grants.
    #[must_use]
    pub fn duties(self) -> &'static [&'static str] {
        match self {
            Self::PartnerAdmin => &["PTN.TENANT.CREATE"],
            Self::SecurityAdmin => &["ROLE.GRANT", "USR.MANAGE", "WF.EDIT"],
            Self::TenantAdmin => &["ROLE.GRANT.APPROVE", "WF.PUBLISH", "TEN.CONFIG"],
            Self::SupplierSteward => &["SUP.PROPOSE"],
            Self::SupplierApprover => &["SUP.APPROVE"],
            Self::CategoryManager => &["ITEM.PROPOSE", "PRICE.PROPOSE"],
            Self::PricingManager => &["ITEM.APPROVE", "PRICE.APPROVE"],
            Self::Approver => &["PO.APPROVE", "RTV.APPROVE"],
            Self::Auditor => &["AUD.READ"],
            Self::Buyer => &["PO.CREATE", "PO.SUBMIT", "PO.SEND", "RTV.CREATE"],
            Self::Receiver => &["RCV.RECORD", "RTV.SHIP"],
        }
    }

    /// All functions.
    pub const ALL: [Self; 11] = [
        Self::PartnerAdmin,
        Self::SecurityAdmin,
        Self::TenantAdmin,
        Self::SupplierSteward,
        Self::SupplierApprover,
        Self::CategoryManager,
        Self::PricingManager,
        Self::Approver,
        Self::Auditor,
        Self::Buyer,
        Self::Receiver,
    ];
}

/// Gives every tenant its people; returns the partner's administrator.
pub(super) fn employ(partner: &str, tenants: &mut [TenantPlan]) -> Person {
    let mut names = 0;
    let mut person = |of: &str, desk: &str, function: Function, store: Option<String>| {
        let subject = format!("{of}.{desk}");
        let given = GIVEN[names % GIVEN.len()];
        // No name twice among the first 25 x 144 people.
        let family = names / GIVEN.len() + names % GIVEN.len() * 7;
        let family = [FAMILY[0][family / 12 % 12], FAMILY[1][family % 12]].concat();
        names += 1;
        Person {
            email: format!("{subject}@{partner}.example"),
            display_name: format!("{given} {family}"),
            subject,
            function,
            store,
        }
    };
    let partner_admin = person(partner, "partner-admin", Function::PartnerAdmin, None);
    for tenant in tenants {
        let code = &tenant.entry.code;
        for (function, desk) in OFFICE {
            tenant.people.push(person(code, desk, function, None));
        }
        for store in &tenant.stores {
            for (function, desk) in [(Function::Buyer, "buyer"), (Function::Receiver, "receiver")] {
                let desk = format!("{desk}-{}", store.number);
                tenant
                    .people
                    .push(person(code, &desk, function, Some(store.number.clone())));
            }
        }
    }
    partner_admin
}

impl TenantPlan {
    /// The people of an office function.
    pub fn office(&self, function: Function) -> impl Iterator<Item = &Person> {
        self.people
            .iter()
            .filter(move |person| person.function == function && person.store.is_none())
    }

    /// The one person who does this at a store.
    #[must_use]
    pub fn at_store(&self, store: &str, function: Function) -> Option<&Person> {
        self.people
            .iter()
            .find(|person| person.function == function && person.store.as_deref() == Some(store))
    }
}

impl<'a> Hands<'a> {
    pub(super) fn of(tenant: &'a TenantPlan, document: &Document) -> Option<Self> {
        let approvers: Vec<&Person> = tenant.office(Function::Approver).collect();
        let turn = document.key.as_str().bytes().map(usize::from).sum::<usize>() % approvers.len().max(1);
        Some(Self {
            maker: tenant.at_store(&document.store, Function::Buyer)?,
            approver: approvers.get(turn)?,
            custodian: tenant.at_store(&document.store, Function::Receiver)?,
        })
    }
}
