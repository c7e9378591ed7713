// Subscriptions by npm graphql-ws: its client, and its protocol (PROTOCOL.md) message by message.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType, createClient, validateMessage, type Client, type Message } from "graphql-ws";
import { WebSocket } from "ws";
import { actUntil, bearer, cancel, order, socketUrl, token } from "./world.ts";

const WATCH = "subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType id document { ... on PurchaseOrder { note version } } } }";

interface Change {
  documentChanged: { eventType: string; id: string; document: { note: string | null; version: number } };
}

function client(connectionParams: Record<string, unknown>): Client {
  return createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
}

test("a subscriber of graphql-ws receives what a mutation did", async () => {
  const live = client(bearer(token("auditor")));
  const changes = live.iterate<Change>({ query: WATCH });
  const made = new Set<string>();
  const buyer = token("buyer");
  const first = changes.next();
  await actUntil(async () => made.add(await order(buyer, "over the socket")), first);
  const { data } = (await first).value!;
  assert(made.has(data!.documentChanged.id));
  assert.equal(data!.documentChanged.eventType, "purchase-order-created");
  assert.equal(data!.documentChanged.document.note, "over the socket");

  // From here on every change comes: the next one of this order is its cancellation.
  const id = data!.documentChanged.id;
  await cancel(buyer, id);
  for (;;) {
    const change = (await changes.next()).value!.data!.documentChanged;
    if (change.id !== id || change.eventType === "purchase-order-created") continue;
    assert.equal(change.eventType, "purchase-order-cancelled");
    assert(change.document.version > data!.documentChanged.document.version);
    break;
  }
  await changes.return!();
  await live.dispose();
});

test("an operation of graphql-ws that is no subscription answers once", async () => {
  const live = client(bearer(token("buyer")));
  const answers = [];
  for await (const answer of live.iterate({ query: "{ viewer { displayName } }" })) answers.push(answer.data);
  assert.deepEqual(answers, [{ viewer: { displayName: "Bram Thistlegate" } }]);
  await live.dispose();
});

test("a document that is refused ends its own subscription with GraphQL errors and not the socket", async () => {
  const live = client(bearer(token("buyer")));
  const other = live.iterate({ query: WATCH });
  const still = other.next();
  const refused = live.iterate({ query: "subscription { nothing }" }).next();
  await assert.rejects(refused, (errors: { extensions: { code: string } }[]) => {
    assert.equal(errors[0]!.extensions.code, "GRAPHQL_VALIDATION_FAILED");
    return true;
  });
  await actUntil(() => order(token("buyer"), "still watched"), still);
  await other.return!();
  await live.dispose();
});

test("a token that is not good closes the socket of graphql-ws with 4403, and the client gives up", async () => {
  const live = client({ authorization: "Bearer nonsense" });
  await assert.rejects(live.iterate({ query: WATCH }).next(), (close: CloseEvent) => {
    assert.equal(close.code, CloseCode.Forbidden);
    return true;
  });
});

/** A socket that speaks the protocol word by word; every message of the server is one by graphql-ws's own check. */
async function raw(protocols: string[] = [GRAPHQL_TRANSPORT_WS_PROTOCOL]) {
  const socket = new WebSocket(socketUrl, protocols);
  const heard: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on("message", (data) => {
    const message = validateMessage(JSON.parse(String(data)));
    const next = waiting.shift();
    if (next) next(message);
    else heard.push(message);
  });
  const closed = once(socket, "close").then(([code]) => code as number);
  await once(socket, "open");
  return {
    socket,
    closed,
    say: (message: object) => socket.send(JSON.stringify(message)),
    hear: () => new Promise<Message>((next) => (heard.length ? next(heard.shift()!) : waiting.push(next))),
  };
}

const INIT = { type: "connection_init", payload: bearer(token("buyer")) };
const subscribe = (id: string, query = WATCH) => ({ type: "subscribe", id, payload: { query } });

async function acknowledged() {
  const peer = await raw();
  peer.say(INIT);
  assert.equal((await peer.hear()).type, MessageType.ConnectionAck);
  return peer;
}

test("the socket speaks graphql-transport-ws and nothing else", async () => {
  const peer = await raw();
  assert.equal(peer.socket.protocol, GRAPHQL_TRANSPORT_WS_PROTOCOL);
  peer.socket.close();
  assert.equal(await (await raw([])).closed, CloseCode.SubprotocolNotAcceptable);
});

const closing: [string, number, object[]][] = [
  ["a subscription before connection_init", CloseCode.Unauthorized, [subscribe("1")]],
  ["a second connection_init", CloseCode.TooManyInitialisationRequests, [INIT, INIT]],
  ["a second subscriber of the same id", CloseCode.SubscriberAlreadyExists, [INIT, subscribe("1"), subscribe("1")]],
  ["a message of no type", CloseCode.BadRequest, [INIT, { id: "1" }]],
  ["a message of a type that there is not", CloseCode.BadRequest, [INIT, { type: "start", id: "1" }]],
  ["a subscribe without an id", CloseCode.BadRequest, [INIT, { type: "subscribe", payload: { query: WATCH } }]],
  // ["a subscribe without a query", CloseCode.BadRequest, [INIT, { type: "subscribe", id: "1", payload: {} }]],
];
for (const [what, code, messages] of closing) {
  test(`${what} closes the socket with ${code}`, async () => {
    const peer = await raw();
    for (const message of messages) peer.say(message);
    assert.equal(await peer.closed, code);
  });
}

test("text that is no JSON closes the socket with 4400", async () => {
  const peer = await raw();
  peer.socket.send("{");
  assert.equal(await peer.closed, CloseCode.BadRequest);
});

test("a socket without connection_init is closed with 4408", async () => {
  const peer = await raw();
  assert.equal(await peer.closed, CloseCode.ConnectionInitialisationTimeout);
});

test("a ping is answered by a pong with its payload, before and after connection_init", async () => {
  const peer = await raw();
  const ping = { type: "ping", payload: { at: 1 } };
  const pong = { type: "pong", payload: { at: 1 } };
  peer.say(ping);
  assert.deepEqual(await peer.hear(), pong);
  peer.say(INIT);
  assert.equal((await peer.hear()).type, MessageType.ConnectionAck);
  peer.say(ping);
  assert.deepEqual(await peer.hear(), pong);
  peer.say({ type: "pong" });
  peer.say(subscribe("1", "{ __typename }"));
  assert.deepEqual(await peer.hear(), { type: "next", id: "1", payload: { data: { __typename: "Query" } } });
  assert.deepEqual(await peer.hear(), { type: "complete", id: "1" });
  peer.socket.close();
});

test("many subscriptions share a socket, and an id is free again once its subscription has ended", async () => {
  const peer = await acknowledged();
  peer.say(subscribe("a"));
  peer.say(subscribe("b"));
  const both = new Set<string>();
  await actUntil(
    () => order(token("buyer"), "heard twice"),
    (async () => {
      while (both.size < 2) {
        const message = await peer.hear();
        assert.equal(message.type, MessageType.Next);
        if (message.type === MessageType.Next) both.add(message.id);
      }
    })(),
  );
  assert.deepEqual([...both].sort(), ["a", "b"]);

  peer.say({ type: "complete", id: "a" });
  peer.say({ type: "complete", id: "b" });
  peer.say({ type: "complete", id: "never begun" });
  peer.say(subscribe("a", "{ __typename }"));
  for (;;) {
    const message = await peer.hear();
    if (message.type === MessageType.Next && "documentChanged" in message.payload.data!) continue;
    assert.deepEqual(message, { type: "next", id: "a", payload: { data: { __typename: "Query" } } });
    break;
  }
  assert.deepEqual(await peer.hear(), { type: "complete", id: "a" });
  peer.socket.close();
});
