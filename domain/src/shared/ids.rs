//! Typed ids of the business documents (see `tenants::id` for their form).

pub use quartermaster_tenants::id::*;

quartermaster_tenants::ids! {
    /// A supplier.
    SupplierId "sup",
    /// A proposed change of a supplier.
    SupplierChangeId "sch",
    /// A proposed change of a supplier's bank details.
    SupplierBankChangeId "sbc",
    /// An item.
    ItemId "itm",
    /// A proposed change of an item.
    ItemChangeId "ich",
    /// A node of the category tree.
    CategoryId "cat",
    /// What a supplier offers of an item.
    SupplierItemId "spi",
    /// A supplier's price list.
    PriceListId "prl",
    /// A bulk import.
    ImportId "imp",
    /// A purchase order.
    PurchaseOrderId "po",
    /// A change of a released order.
    ChangeOrderId "chg",
    /// A goods receipt.
    ReceiptId "rcp",
    /// A difference found in receiving.
    DiscrepancyId "dsc",
    /// A return to a supplier.
    SupplierReturnId "rtv",
    /// A stock position.
    PositionId "pos",
    /// A movement of the stock ledger.
    MovementId "led",
    /// A stock adjustment.
    AdjustmentId "adj",
    /// A stock count.
    StockCountId "cnt",
    /// A transfer between locations.
    TransferId "trf",
    /// A proposed policy of replenishment.
    ReplenishmentPolicyId "rpl",
}
