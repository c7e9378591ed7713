//! What the clients ask. The documents are constant: the server parses each once.

/// W1
pub const NEWEST_ORDERS: &str = "query NewestOrders { purchaseOrders(first: 50) { nodes { id number status createdAt totalAmount { amount } \
    supplier { id code legalName } lines(first: 10) { nodes { id lineNumber quantity { value } unitPrice { amount } receivedQuantity { value } \
    item { id sku name baseUnitCode } } } } } }";
/// W2
pub const ONE_ORDER: &str = "query OneOrder($id: ID!) { purchaseOrder(id: $id) { id number status createdAt totalAmount { amount } \
    supplier { id code legalName } lines(first: 10) { nodes { id lineNumber quantity { value } unitPrice { amount } receivedQuantity { value } \
    item { id sku name baseUnitCode } } } } }";
/// As much as one question may ask for, all but a few fields: 500 orders with 5,000 lines.
pub const MOST: &str = "query Most { a: purchaseOrders(first: 250) { ...Page } b: purchaseOrders(first: 250) { ...Page } } \
    fragment Page on PurchaseOrderConnection { nodes { id number status createdAt totalAmount { amount } supplier { id code legalName } \
    lines(first: 10) { nodes { id lineNumber quantity { value } unitPrice { amount } receivedQuantity { value } item { id sku name baseUnitCode } } } } }";
/// W3
pub const CREATE: &str = "mutation Create($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { purchaseOrder { id status } userErrors { code message } } }";
/// W4
pub const APPROVE: &str = "mutation Approve($input: PurchaseOrderApproveInput!) { purchaseOrderApprove(input: $input) { purchaseOrder { id status } userErrors { code message } } }";
/// W5
pub const RECEIVE: &str = "mutation Receive($input: ReceiptCreateInput!) { receiptCreate(input: $input) { receipt { id status } userErrors { code message } } }";
/// W6
pub const STOCK_OF_ITEM: &str = "query StockOfItem($item: ID!) { inventoryPositions(first: 20, filter: { itemIds: [$item] }) { nodes { id location { id code name } onHand { value } } } }";

/// Ledger and positions, and how many movements there are.
pub const INTEGRITY: &str = "query Integrity { stockIntegrity { ok positions movements differing } }";

/// How the tenants begin: founders come with them.
pub const TENANT: &str = "mutation Tenant($input: TenantCreateInput!) { tenantCreate(input: $input) { tenant { id } userErrors { code message } } }";
/// A member of it, made by a security administrator.
pub const MEMBER: &str = "mutation Member($input: MemberCreateInput!) { memberCreate(input: $input) { member { id } userErrors { code message } } }";
/// The member's role: one person proposes it.
pub const PROPOSE: &str = "mutation Propose($input: RoleAssignmentInput!) { roleAssignmentPropose(input: $input) { roleAssignment { id } userErrors { code message } } }";
/// Another approves it.
pub const GRANT: &str = "mutation Grant($input: RoleAssignmentApproveInput!) { roleAssignmentApprove(input: $input) { roleAssignment { id } userErrors { code message } } }";
