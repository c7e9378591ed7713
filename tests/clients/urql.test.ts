// urql with its normalized cache: pages by relayPagination, and a mutation that changes what is shown.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Client, fetchExchange, gql, subscriptionExchange, type OperationResult } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { buildSchema, introspectionFromSchema } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { actUntil, bearer, fetchAs, order, socketUrl, token, url } from "./world.ts";

// With the schema, the cache knows which types a fragment matches and which fields may be null.
const schema = introspectionFromSchema(buildSchema(readFileSync("../../schema.graphql", "utf8")));
/** What the cache finds fault with: a type without a key, a field that the schema does not know. */
const warnings: string[] = [];

function start(token: string) {
  const fetch = fetchAs(token);
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: bearer(token) });
  const cache = cacheExchange({
    schema,
    resolvers: { Query: { items: relayPagination() } },
    logger: (severity, message) => severity !== "debug" && warnings.push(message),
    // Values without an identity of their own.
    keys: { Money: () => null, Quantity: () => null, DocumentChange: () => null, PurchaseOrderPayload: () => null },
  });
  const live = subscriptionExchange({
    forwardSubscription: (request) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query! }, sink as never) }),
    }),
  });
  const urql = new Client({ url, fetch, preferGetMethod: false, exchanges: [cache, fetchExchange, live] });
  return { urql, calls: fetch.calls, stop: () => socket.dispose() };
}

const ITEMS = gql<
  { items: { edges: { node: { sku: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number } },
  { first: number; after?: string }
>`
  query Items($first: Int!, $after: String) {
    items(first: $first, after: $after) {
      totalCount
      edges { cursor node { id sku } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

const good = <Data>({ data, error }: OperationResult<Data, any>): Data => {
  assert.equal(error, undefined);
  return data!;
};

test("relayPagination adds page to page until there are no more", async () => {
  const { urql, calls, stop } = start(token("auditor"));
  let { items } = good(await urql.query(ITEMS, { first: 150 }).toPromise());
  while (items.pageInfo.hasNextPage) {
    const after = items.pageInfo.endCursor;
    ({ items } = good(await urql.query(ITEMS, { first: 150, after }).toPromise()));
  }
  const skus = items.edges.map((edge) => edge.node.sku);
  assert(calls.length >= 3);
  assert.equal(calls.length, Math.ceil(items.totalCount / 150));
  assert.deepEqual(skus, [...new Set(skus)].sort());
  assert.equal(skus.length, items.totalCount);
  stop();
});

interface Order {
  id: string;
  status: string;
  totalAmount: { amount: string };
}
const ORDER = gql<{ purchaseOrder: Order }, { id: string }>`
  query Order($id: ID!) { purchaseOrder(id: $id) { id status totalAmount { amount currencyCode } } }
`;
const SUBMIT = gql<{ purchaseOrderSubmit: { purchaseOrder: Order } }, { id: string }>`
  mutation Submit($id: ID!) {
    purchaseOrderSubmit(input: { id: $id }) { purchaseOrder { id status } userErrors { code message } }
  }
`;
const CHANGED = gql<{ documentChanged: { document: Order } }>`
  subscription Changed { documentChanged(types: [PURCHASE_ORDER]) { eventType documentId document { id ... on PurchaseOrder { status } } } }
`;

test("a mutation and a subscription change what a watched query shows", async () => {
  const { urql, calls, stop } = start(token("buyer"));
  const ids = [await order(token("buyer"), "by urql"), await order(token("buyer"), "watched by urql")] as const;
  const shown: Record<string, string> = {};
  const watched = ids.map((id) => urql.query(ORDER, { id }).subscribe((result) => (shown[id] = good(result).purchaseOrder.status)));
  await until(() => ids.every((id) => shown[id] === "DRAFT"));

  good(await urql.mutation(SUBMIT, { id: ids[0] }).toPromise());
  await until(() => shown[ids[0]] === "IN_APPROVAL");
  assert.equal(calls.length, 3);

  let heard!: () => void;
  const stands = new Promise<void>((resolve) => (heard = resolve));
  watched.push(urql.subscription(CHANGED, {}).subscribe((change) => (good(change), heard())));
  await actUntil(() => order(token("buyer"), "until it stands"), stands);
  // Somebody else's client: this one hears of it by its subscription alone.
  const other = start(token("buyer"));
  good(await other.urql.mutation(SUBMIT, { id: ids[1] }).toPromise());
  await until(() => shown[ids[1]] === "IN_APPROVAL");
  for (const watching of watched) watching.unsubscribe();
  stop();
  other.stop();
  assert.deepEqual(warnings, []);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 10));
}
