// GraphQL over HTTP: the audit of npm graphql-http.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";
import { fetchAs, token, url } from "./world.ts";

const fetchFn = fetchAs(token("buyer"));

for (const audit of serverAudits({ url, fetchFn })) {
  test(`${audit.id} ${audit.name}`, async (t) => {
    const result = await audit.fn();
    const outcome = result.status === "ok" ? "ok" : `${result.status}: ${result.reason}`;
    // What a server MAY do is told and not asked for.
    if (audit.name.startsWith("MAY")) t.diagnostic(`${audit.name}: ${outcome}`);
    else assert.equal(outcome, "ok");
  });
}
