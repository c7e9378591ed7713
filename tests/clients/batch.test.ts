// Batches, as Apollo Client's batch link sends them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { fetchAs, token, url } from "./world.ts";

test("a batch is refused as a whole, with a sentence that says what to do", async () => {
  const fetch = fetchAs(token("buyer"));
  const link = new BatchHttpLink({ uri: url, fetch, batchMax: 2, batchInterval: 5 });
  const apollo = new ApolloClient({ link, cache: new InMemoryCache() });
  const names = ["One", "Two"].map((name) => apollo.query({ query: gql(`query ${name} { viewer { displayName } }`) }));
  for (const asked of names) {
    await assert.rejects(asked, /Batches are not served: send one request at a time/);
  }
  assert.equal(fetch.calls.length, 1);
});
