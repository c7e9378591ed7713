//! Kinds of documents and of actors, as clients read them.

use async_graphql::Enum;
use quartermaster_tenants::op::AccountKind;
use uuid::Uuid;

/// What kind of document something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "quartermaster_tenants::RecordedKind")]
pub enum DocumentKind {
    /// A proposed administrator.
    AdministratorRecovery,
    /// A correction of stock.
    Adjustment,
    /// An API key.
    ApiKey,
    /// A category of items.
    Category,
    /// A change of an approved purchase order.
    ChangeOrder,
    /// A difference between what was ordered and what came.
    Discrepancy,
    /// A bulk import.
    Import,
    /// An invitation of a member.
    Invitation,
    /// An item.
    Item,
    /// A proposed change of items.
    ItemChange,
    /// A location.
    Location,
    /// A partner's person in the tenant.
    OperatorAssignment,
    /// An operator's credential.
    OperatorCredential,
    /// A supplier's proposed prices.
    PriceList,
    /// A purchase order.
    PurchaseOrder,
    /// A goods receipt.
    Receipt,
    /// A command that segregation of duties refused.
    Refusal,
    /// A region of locations.
    Region,
    /// Reorder points of items at locations.
    ReplenishmentPolicy,
    /// A role of a member.
    RoleAssignment,
    /// The policy of segregation of duties.
    SodPolicy,
    /// A count of stock.
    StockCount,
    /// Stock of an item at a location.
    StockPosition,
    /// A reorder point of an item at a location.
    StockThreshold,
    /// A supplier.
    Supplier,
    /// A change of a supplier's bank details.
    SupplierBankChange,
    /// A proposed change of suppliers.
    SupplierChange,
    /// A return to a supplier.
    SupplierReturn,
    /// The tenant itself.
    Tenant,
    /// A transfer between locations.
    Transfer,
    /// A member.
    UserAccount,
    /// A change of settings that needs two people.
    WorkflowRule,
}

/// What kind of somebody acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ActorKind {
    /// A person of the tenant.
    Human,
    /// A person of the tenant's partner, admitted until a date.
    Operator,
    /// A system with an API key.
    Integration,
    /// An AI agent.
    Agent,
    /// A person of the partner or the platform, who has no account here.
    Above,
    /// A published rule, by itself.
    System,
}

impl ActorKind {
    /// Without an account: people above the tenant are persons, a published rule is none.
    pub(super) fn of(account: Option<AccountKind>, person: Option<Uuid>) -> Self {
        match account {
            Some(AccountKind::Human) => Self::Human,
            Some(AccountKind::Operator) => Self::Operator,
            Some(AccountKind::Integration) => Self::Integration,
            Some(AccountKind::Agent) => Self::Agent,
            None if person.is_some() => Self::Above,
            None => Self::System,
        }
    }
}
