-- What acts look up, and what only cost them.
CREATE INDEX role_assignment_in_force ON qm.role_assignment (tenant_id, account_id) WHERE state = 'APPROVED'; -- the roles of an account: facts of every act

-- Nothing asks for the receipts of an item; each line of each receipt paid for it.
DROP INDEX qm.receipt_line_item;

-- Keys are forgotten over all tenants, by time alone.
CREATE INDEX idempotency_old ON qm.idempotency (at); -- forgetting keys older than a day
DROP INDEX qm.idempotency_at;

COMMENT ON COLUMN qm.purchase_order_line.is_open IS 'something is expected of it: inbound stock once its order is released';
