//! The kinds of documents that events are recorded of: the words of the event table, closed.

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $word:literal $prefix:literal),* $(,)?) => {
        /// What kind of document something happened to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RecordedKind { $($(#[$doc])* $variant),* }

        impl RecordedKind {
            /// All of them, by name.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The prefix of ids of such documents; `doc` where clients cannot ask for them by id.
            #[must_use]
            pub const fn prefix(self) -> &'static str {
                match self { $(Self::$variant => $prefix),* }
            }
        }
    };
}

kinds! {
    /// A proposed administrator.
    AdministratorRecovery "ADMINISTRATOR_RECOVERY" "rcy",
    /// A correction of stock.
    Adjustment "ADJUSTMENT" "adj",
    /// An API key.
    ApiKey "API_KEY" "key",
    /// A category of items.
    Category "CATEGORY" "cat",
    /// A change of an approved purchase order.
    ChangeOrder "CHANGE_ORDER" "chg",
    /// A difference between what was ordered and what came.
    Discrepancy "DISCREPANCY" "dsc",
    /// A bulk import.
    Import "IMPORT" "imp",
    /// An invitation of a member.
    Invitation "INVITATION" "inv",
    /// An item.
    Item "ITEM" "itm",
    /// A proposed change of items.
    ItemChange "ITEM_CHANGE" "ich",
    /// A location.
    Location "LOCATION" "loc",
    /// A partner's person in the tenant.
    OperatorAssignment "OPERATOR_ASSIGNMENT" "opa",
    /// An operator's credential.
    OperatorCredential "OPERATOR_CREDENTIAL" "ops",
    /// A supplier's proposed prices.
    PriceList "PRICE_LIST" "prl",
    /// A purchase order.
    PurchaseOrder "PURCHASE_ORDER" "po",
    /// A goods receipt.
    Receipt "RECEIPT" "rcp",
    /// A command that segregation of duties refused.
    Refusal "REFUSAL" "doc",
    /// A region of locations.
    Region "REGION" "reg",
    /// Reorder points of items at locations.
    ReplenishmentPolicy "REPLENISHMENT_POLICY" "rpl",
    /// A role of a member.
    RoleAssignment "ROLE_ASSIGNMENT" "rla",
    /// The policy of segregation of duties.
    SodPolicy "SOD_POLICY" "sdp",
    /// A count of stock.
    StockCount "STOCK_COUNT" "cnt",
    /// Stock of an item at a location.
    StockPosition "STOCK_POSITION" "pos",
    /// A reorder point of an item at a location.
    StockThreshold "STOCK_THRESHOLD" "doc",
    /// A supplier.
    Supplier "SUPPLIER" "sup",
    /// A change of a supplier's bank details.
    SupplierBankChange "SUPPLIER_BANK_CHANGE" "sbc",
    /// A proposed change of suppliers.
    SupplierChange "SUPPLIER_CHANGE" "sch",
    /// A return to a supplier.
    SupplierReturn "SUPPLIER_RETURN" "rtv",
    /// The tenant itself.
    Tenant "TENANT" "ten",
    /// A transfer between locations.
    Transfer "TRANSFER" "trf",
    /// A member.
    UserAccount "USER_ACCOUNT" "mem",
    /// A change of settings that needs two people.
    WorkflowRule "WORKFLOW_RULE" "wfr",
}

impl RecordedKind {
    /// Reads the word in the database.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// The same of a row.
    ///
    /// # Errors
    /// A defect: a word that nobody wrote.
    pub fn read(word: &str) -> crate::Result<Self> {
        Self::parse(word).ok_or_else(|| crate::Error::internal(format!("no kind of document: {word}")))
    }
}
