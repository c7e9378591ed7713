// Subscriptions as server-sent events: npm graphql-sse's client in its distinct connections mode, and what PROTOCOL.md asks of the wire.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "graphql-sse";
import { actUntil, bearer, order, token, url } from "./world.ts";

const WATCH = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType documentId document { ... on PurchaseOrder { note } } } }";

interface Change {
  documentChanged: { eventType: string; documentId: string; document: { note: string | null } };
}

const client = (token: string) => createClient({ url, headers: bearer(token), retryAttempts: 0 });

test("a subscriber of graphql-sse receives what a mutation did, until it ends the stream", async () => {
  const events = client(token("auditor"));
  const changes = events.iterate<Change>({ query: WATCH });
  const made = new Set<string>();
  const first = changes.next();
  await actUntil(async () => made.add(await order(token("buyer"), "by events")), first);
  const { documentChanged } = (await first).value!.data!;
  assert(made.has(documentChanged.documentId));
  assert.equal(documentChanged.eventType, "purchase-order-created");
  assert.equal(documentChanged.document.note, "by events");
  assert((await changes.return!()).done);
  events.dispose();
});

test("two subscriptions of graphql-sse are two streams of their own", async () => {
  const events = client(token("auditor"));
  const both = [events.iterate<Change>({ query: WATCH }), events.iterate<Change>({ query: WATCH })];
  const heard = Promise.all(both.map((changes) => changes.next()));
  await actUntil(() => order(token("buyer"), "told twice"), heard);
  for (const changes of both) await changes.return!();
  events.dispose();
});

test("a query of graphql-sse is a stream of one event", async () => {
  const events = client(token("buyer"));
  const answers = [];
  for await (const answer of events.iterate({ query: "{ viewer { displayName } }" })) answers.push(answer);
  assert.deepEqual(answers, [{ data: { viewer: { displayName: "Bram Thistlegate" } } }]);
  events.dispose();
});

test("a document that is refused ends its stream of graphql-sse with GraphQL errors", async () => {
  const events = client(token("buyer"));
  const answers = [];
  for await (const answer of events.iterate({ query: "subscription { nothing }" })) answers.push(answer);
  assert.equal(answers.length, 1);
  assert.equal(answers[0]!.errors![0]!.extensions!.code, "GRAPHQL_VALIDATION_FAILED");
  events.dispose();
});

test("a token that is not good is an HTTP error for graphql-sse", async () => {
  const events = client("nonsense");
  await assert.rejects(events.iterate({ query: WATCH }).next(), (error: { response: Response }) => {
    assert.equal(error.response.status, 401);
    return true;
  });
  events.dispose();
});

/** The stream of one query, as it comes over the wire. */
async function wire(init: RequestInit & { query?: string } = {}) {
  const headers = { accept: "text/event-stream", "content-type": "application/json", ...bearer(token("buyer")) };
  const response = await fetch(url + (init.query ?? ""), { headers, ...init });
  return { response, text: await response.text() };
}

for (const method of ["GET", "POST"]) {
  test(`over the wire a ${method} is answered by next and complete, each with its event and data`, async () => {
    const document = "{ __typename }";
    const { response, text } = await wire(
      method === "GET" ? { query: `?query=${encodeURIComponent(document)}` } : { method, body: JSON.stringify({ query: document }) },
    );
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type")!, /^text\/event-stream(;|$)/);
    assert.match(response.headers.get("cache-control")!, /^no-(cache|store)$/);
    const events = text.split(/\n\n/).filter((event) => event && !event.startsWith(":"));
    const fields = events.map((event) => Object.fromEntries(event.split("\n").map((line) => line.split(/: ?(.*)/s).slice(0, 2))));
    assert.deepEqual(fields, [
      { event: "next", data: '{"data":{"__typename":"Query"}}' },
      { event: "complete", data: "" },
    ]);
  });
}

test("a request that is none is an HTTP error and no stream", async () => {
  const { response, text } = await wire({ method: "POST", body: "{" });
  assert.equal(response.status, 400);
  assert.equal(JSON.parse(text).errors[0].extensions.code, "BAD_USER_INPUT");
});
