// Batches, as Apollo Client's batch link sends them: refused as a whole, in words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, CombinedGraphQLErrors, InMemoryCache, gql } from "@apollo/client";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { bearer, fetchAs, token, url } from "./world.ts";

const REFUSAL = "Batches are not served: send one request at a time.";
const NAME = "{ viewer { displayName } }";

function start() {
  const fetch = fetchAs(token("buyer"));
  const link = new BatchHttpLink({ uri: url, fetch, batchMax: 5, batchInterval: 5 });
  return { apollo: new ApolloClient({ link, cache: new InMemoryCache() }), calls: fetch.calls };
}

test("a batch is one bad request, and nothing of it is run", async () => {
  for (const batch of ["[]", JSON.stringify([{ query: NAME }]), JSON.stringify([{ query: NAME }, { query: NAME }])]) {
    const headers = { "content-type": "application/json", ...bearer(token("buyer")) };
    const response = await fetch(url, { method: "POST", headers, body: batch });
    assert.equal(response.status, 400);
    const { data, errors } = (await response.json()) as { data?: unknown; errors: { message: string }[] };
    assert.equal(data, undefined);
    assert.deepEqual(errors.map((error) => error.message), [REFUSAL]);
  }
});

test("Apollo's batch link passes the refusal on, and settles each of many operations", async () => {
  const { apollo, calls } = start();
  await assert.rejects(apollo.query({ query: gql(NAME) }), (error) => CombinedGraphQLErrors.is(error) && error.errors[0]!.message === REFUSAL);
  const many = ["One", "Two", "Three"].map((name) => apollo.query({ query: gql(`query ${name} ${NAME}`) }));
  for (const { status } of await Promise.allSettled(many)) assert.equal(status, "rejected");
  assert.equal(calls.length, 2);
});
