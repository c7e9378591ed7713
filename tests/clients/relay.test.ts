// Relay: relay-compiler has compiled a fragment for every root connection (relay/generate.ts); here relay-runtime
// pages through each of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createOperationDescriptor,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getRequest,
  getSingularSelector,
  type ConcreteRequest,
  type Environment,
  type ReaderFragment,
  type SingularReaderSelector,
  type Variables,
} from "relay-runtime";
import { every } from "./generated/relay/Every.ts";
import { environment } from "./relay/environment.ts";
import { ask, mint } from "./world.ts";

interface Connection {
  totalCount: number;
  edges: { cursor: string; node: { id?: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** What a component with this fragment would be shown. */
function shown(relay: Environment, fragment: ReaderFragment, operation: ReturnType<typeof createOperationDescriptor>) {
  const root = relay.lookup(operation.fragment).data;
  const selector = getSingularSelector(fragment, root) as SingularReaderSelector;
  const { data, isMissingData } = relay.lookup(selector);
  assert(!isMissingData);
  return { data: data as Record<string, Connection>, variables: selector.variables };
}

/** Pages to the end, as `loadNext` of usePaginationFragment does, and answers what is shown after each page. */
async function pages(relay: Environment, name: string, query: ConcreteRequest, fragment: ReaderFragment, count: number) {
  const first: Variables = { count };
  const operation = createOperationDescriptor(getRequest(query), first);
  relay.retain(operation);
  await fetchQuery(relay, query, first).toPromise();
  const { paginationRequest, paginationMetadata } = getPaginationMetadata(fragment, "relay.test");
  const seen = [shown(relay, fragment, operation)];
  for (;;) {
    const { data, variables } = seen.at(-1)!;
    const { hasNextPage, endCursor } = data[name]!.pageInfo;
    if (!hasNextPage) return seen.map((page) => page.data[name]!);
    const next = getPaginationVariables("forward", count, endCursor, { ...first, ...variables }, {}, paginationMetadata);
    await fetchQuery(relay, paginationRequest as ConcreteRequest, next).toPromise();
    seen.push(shown(relay, fragment, operation));
  }
}

// A tenant that no other test writes to, so that nothing moves between two pages.
const auditor = mint("quillamore.auditor");
const partner = mint("larkenshaw.partner-admin");

for (const [name, { query, fragment }] of Object.entries(every)) {
  test(`Relay pages through ${name} in order, without a gap and without a repeat`, async () => {
    const who = name.startsWith("partner") ? partner : auditor;
    const { [name]: all } = await ask<Record<string, Connection>>(
      who,
      `{ ${name}(first: 250) { totalCount edges { cursor } } }`,
    );
    const { totalCount: total, edges } = all!;
    const { relay, stop } = environment(who);
    const count = Math.min(200, Math.max(1, Math.ceil(total / 4)));
    const seen = await pages(relay, name, query as ConcreteRequest, fragment as ReaderFragment, count);
    const last = seen.at(-1)!.edges;
    assert.equal(seen.length, Math.max(1, Math.ceil(total / count)));
    // A price is no node: its place in the list is what it has.
    assert.equal(new Set(last.map(({ node, cursor }) => node.id ?? cursor)).size, total);
    const cursors = last.map((edge) => edge.cursor);
    assert.deepEqual(cursors.slice(0, edges.length), edges.map((edge) => edge.cursor));
    // What was shown before stays where it was.
    for (const [at, page] of seen.entries()) {
      assert.deepEqual(page.edges.map((edge) => edge.cursor), cursors.slice(0, (at + 1) * count));
    }
    stop();
  });
}
