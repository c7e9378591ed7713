// The running server and its people, as run.ts tells them to every test.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface World {
  /** Such as `http://127.0.0.1:8080`. */
  url: string;
  binary: string;
  /** Where the development issuer keeps its key. */
  folder: string;
  /** By subject. */
  tokens: Record<string, string>;
}

const world: World = JSON.parse(readFileSync(process.env.QUARTERMASTER_WORLD!, "utf8"));

export const url = `${world.url}/graphql`;
export const socketUrl = url.replace(/^http/, "ws");

/** A token of the persona whose subject ends like this: of the franchisee unless another tenant is named. */
export function token(role: "owner" | "buyer" | "approver" | "receiver" | "auditor", tenant = "dunnoway-foods"): string {
  const subject = Object.keys(world.tokens).find((subject) => subject.startsWith(`${tenant}.${role}`));
  assert(subject, `no ${role} of ${tenant} among ${Object.keys(world.tokens)}`);
  return world.tokens[subject]!;
}

/** A token of any login, such as the partner's administrator. */
export function mint(subject: string): string {
  const env = { ...process.env, QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER: join(world.folder, "issuer") };
  return execFileSync(world.binary, ["token", subject], { env, encoding: "utf8" }).trim();
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A `fetch` that presents this token, and keeps what it was asked. */
export function fetchAs(token: string) {
  const calls: { method: string; url: string; body: string }[] = [];
  const ask: typeof fetch = (input, init) => {
    calls.push({ method: init?.method ?? "GET", url: String(input), body: String(init?.body ?? "") });
    const headers = new Headers(init?.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
  return Object.assign(ask, { calls });
}

/** The data of an operation that must succeed. */
export async function ask<T>(token: string, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearer(token) },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as { data: T; errors?: unknown[] };
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

/** Makes an order of one line like the last one that there is, and answers its id. */
export async function order(token: string, note: string): Promise<string> {
  const { purchaseOrders } = await ask<{
    purchaseOrders: { nodes: { supplier: Id; location: Id; lines: { nodes: { item: Id }[] } }[] };
  }>(token, "{ purchaseOrders(first: 1) { nodes { supplier { id } location { id } lines(first: 1) { nodes { item { id } } } } } }");
  const [like] = purchaseOrders.nodes;
  assert(like?.lines.nodes[0], "the demo's world has orders");
  const made = await ask<{ purchaseOrderCreate: { purchaseOrder: Id | null; userErrors: { message: string }[] } }>(
    token,
    "mutation ($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { purchaseOrder { id } userErrors { message } } }",
    {
      input: {
        order: {
          supplierId: like.supplier.id,
          locationId: like.location.id,
          note,
          lines: [{ itemId: like.lines.nodes[0].item.id, quantity: "12", unitPrice: "3.50" }],
        },
      },
    },
  );
  assert.deepEqual(made.purchaseOrderCreate.userErrors, []);
  return made.purchaseOrderCreate.purchaseOrder!.id;
}

/** Withdraws an order. */
export async function cancel(token: string, id: string): Promise<void> {
  const done = await ask<{ purchaseOrderCancel: { userErrors: { message: string }[] } }>(
    token,
    'mutation ($id: ID!) { purchaseOrderCancel(input: { id: $id, reason: "Not needed" }) { userErrors { message } } }',
    { id },
  );
  assert.deepEqual(done.purchaseOrderCancel.userErrors, []);
}

interface Id {
  id: string;
}

/** Acts until what it leads to is heard: nobody says when a subscription stands. */
export async function actUntil<T>(act: () => Promise<unknown>, heard: Promise<T>): Promise<T> {
  let done = false;
  const end = heard.finally(() => (done = true));
  while (!done) {
    await act();
    await Promise.race([end, new Promise((next) => setTimeout(next, 500))]);
  }
  return end;
}
