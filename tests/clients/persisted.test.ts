// Automatic persisted queries, as Apollo Client's persisted-query link asks for them.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { test } from "node:test";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql, type TypedDocumentNode } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { fetchAs, token, url } from "./world.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function client(useGETForHashedQueries: boolean) {
  const fetch = fetchAs(token("buyer"));
  const link = ApolloLink.from([new PersistedQueryLink({ sha256, useGETForHashedQueries }), new HttpLink({ uri: url, fetch })]);
  return { apollo: new ApolloClient({ link, cache: new InMemoryCache() }), calls: fetch.calls };
}

/** A document that no server has seen before. */
function unseen(): TypedDocumentNode<{ viewer: { displayName: string } }> {
  return gql(`query Unseen_${randomUUID().replaceAll("-", "")} { viewer { displayName } }`);
}

for (const byGet of [false, true]) {
  test(`a document is sent once and then named by its hash, by ${byGet ? "GET" : "POST"}`, async () => {
    const { apollo, calls } = client(byGet);
    const query = unseen();
    for (let times = 0; times < 3; times++) {
      const { data } = await apollo.query({ query, fetchPolicy: "no-cache" });
      assert.deepEqual(data?.viewer.displayName, "Bram Thistlegate");
    }
    const sent = calls.map((call) => {
      const text = decodeURIComponent(call.url) + call.body;
      return { method: call.method, document: text.includes("displayName"), hash: text.includes("sha256Hash") };
    });
    const hashed = { method: byGet ? "GET" : "POST", document: false, hash: true };
    // The hash alone, which the server does not know; the document with it; from then on the hash alone.
    assert.deepEqual(sent, [hashed, { method: "POST", document: true, hash: true }, hashed, hashed]);
  });
}

test("two clients share what one of them sent", async () => {
  const query = unseen();
  await client(false).apollo.query({ query });
  const { apollo, calls } = client(true);
  await apollo.query({ query });
  assert.equal(calls.length, 1);
});

test("a mutation that is named by its hash is never sent by GET", async () => {
  const { apollo, calls } = client(true);
  const name = `Unseen_${randomUUID().replaceAll("-", "")}`;
  const mutation = gql(`mutation ${name} { purchaseOrderCancel(input: { id: "po_01h455vb4pex5vsknk084sn02q", reason: "None" }) { userErrors { code } } }`);
  for (let times = 0; times < 2; times++) {
    const { data } = await apollo.mutate<{ purchaseOrderCancel: { userErrors: { code: string }[] } }>({ mutation });
    assert.equal(data?.purchaseOrderCancel.userErrors[0]?.code, "NOT_FOUND");
  }
  assert(calls.every((call) => call.method === "POST"));
});
