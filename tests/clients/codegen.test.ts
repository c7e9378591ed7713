// graphql-codegen's client preset: what it generates with strict scalars has compiled under `tsc --strict` (npm run check); here
// a small program that was written with it runs.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TypedDocumentString } from "./generated/codegen/graphql.ts";
import { approve, waiting, type Order } from "./codegen/desk.ts";
import { ask as post, order, token } from "./world.ts";

const SUBMIT = "mutation ($id: ID!) { purchaseOrderSubmit(input: { id: $id }) { userErrors { message } } }";

/** Whoever has this token, asking by generated documents. */
const as =
  (token: string) =>
  <Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result> =>
    post<Result>(token, document.toString(), variables as object);

test("a program of generated operations finds orders, approves one and shows a refusal", async () => {
  const [owner, approver] = [token("owner"), token("approver")];
  const made: string[] = [];
  for (let n = 0; n < 5; n++) made.push(await order(owner, "by the owner"));
  for (const id of made) await post(owner, SUBMIT, { id });

  const found = await waiting(as(approver), 2);
  const orders = made.map((id) => found.find((order) => order.id === id)) as [Order];
  assert(orders.every(Boolean), "every page of them was read");
  const numbers = found.map((order) => order.number);
  assert.deepEqual(numbers, [...new Set(numbers)].sort());
  const [first] = orders;
  assert.equal(first.status, "IN_APPROVAL");
  // 12 × 3.50, exactly, and as strings.
  assert.deepEqual(first.totalAmount, { amount: "42", currencyCode: "USD" });
  assert.deepEqual(first.lines.nodes[0]?.quantity, { value: "12", unit: "EA" });
  assert.match(first.orderedOn!, /^\d{4}-\d\d-\d\d$/);

  assert.equal(await approve(as(owner), first), "P2P-02: PO.CREATE");
  assert.match(await approve(as(approver), first), /^(APPROVED|RELEASED)$/);
  assert.match(await approve(as(approver), first), /^CONFLICT: now at version \d+$/);
});
