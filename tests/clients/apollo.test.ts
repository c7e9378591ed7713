// Apollo Client: its cache, relayStylePagination, mutations that update what is shown, and subscriptions by graphql-ws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql, type ObservableQuery, type TypedDocumentNode } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { filter, firstValueFrom } from "rxjs";
import { WebSocket } from "ws";
import { actUntil, bearer, fetchAs, order, socketUrl, token, url } from "./world.ts";

function start(token: string) {
  const fetch = fetchAs(token);
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: bearer(token) });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: url, fetch }),
  );
  const cache = new InMemoryCache({
    typePolicies: { Query: { fields: { items: relayStylePagination(["filter", "orderBy"]) } } },
  });
  const apollo = new ApolloClient({ link, cache });
  return { apollo, calls: fetch.calls, stop: () => (apollo.stop(), socket.dispose()) };
}

/** What a watched query shows, once it is all there. */
async function loaded<T>(watched: ObservableQuery<T, any>, wanted: (data: T) => boolean = () => true): Promise<T> {
  const complete = filter((result: ObservableQuery.Result<T>) => result.dataState === "complete" && wanted(result.data as T));
  return (await firstValueFrom(watched.pipe(complete))).data as T;
}

interface Page {
  items: { edges: { node: { id: string; sku: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number };
}
const ITEMS: TypedDocumentNode<Page, { first: number; after?: string }> = gql`
  query Items($first: Int!, $after: String) {
    items(first: $first, after: $after) {
      totalCount
      edges { cursor node { id sku } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;

test("relayStylePagination adds page to page until there are no more", async () => {
  const { apollo, stop } = start(token("auditor"));
  const list = apollo.watchQuery({ query: ITEMS, variables: { first: 150 } });
  let pages = 1;
  let { items } = await loaded(list);
  const total = items.totalCount;
  while (items.pageInfo.hasNextPage) {
    await list.fetchMore({ variables: { after: items.pageInfo.endCursor } });
    ({ items } = await loaded(list));
    pages++;
  }
  const skus = items.edges.map((edge) => edge.node.sku);
  assert.equal(pages, Math.ceil(total / 150));
  assert(pages >= 3);
  assert.equal(new Set(skus).size, total);
  assert.deepEqual(skus, [...skus].sort());
  stop();
});

interface Order {
  id: string;
  status: string;
  version: number;
}
const ORDER: TypedDocumentNode<{ purchaseOrder: Order }, { id: string }> = gql`
  query Order($id: ID!) { purchaseOrder(id: $id) { id status version } }
`;
const SUBMIT: TypedDocumentNode<{ purchaseOrderSubmit: { purchaseOrder: Order | null; userErrors: { code: string }[] } }, { id: string }> = gql`
  mutation Submit($id: ID!) {
    purchaseOrderSubmit(input: { id: $id }) { purchaseOrder { id status version } userErrors { code message field } }
  }
`;

test("what a mutation answers updates the cache by the order's id, and nothing is asked twice", async () => {
  const { apollo, calls, stop } = start(token("buyer"));
  const id = await order(token("buyer"), "in Apollo's cache");
  const shown = apollo.watchQuery({ query: ORDER, variables: { id } });
  const first = await loaded(shown);
  assert.equal(first.purchaseOrder.status, "DRAFT");
  await apollo.mutate({ mutation: SUBMIT, variables: { id } });
  const { purchaseOrder } = await loaded(shown);
  assert.equal(purchaseOrder.status, "IN_APPROVAL");
  assert(purchaseOrder.version > first.purchaseOrder.version);
  assert.equal(calls.length, 2);
  stop();
});

test("a refusal of the business is data, and a fault of the request an error with its code", async () => {
  const { apollo, stop } = start(token("owner"));
  const id = await order(token("owner"), "made by the owner");
  await apollo.mutate({ mutation: SUBMIT, variables: { id } });
  const APPROVE: TypedDocumentNode<{
    purchaseOrderApprove: { purchaseOrder: Order | null; userErrors: { __typename: string; code: string; rule?: string }[] };
  }> = gql`
    mutation Approve($id: ID!) {
      purchaseOrderApprove(input: { id: $id }) {
        purchaseOrder { id status version }
        userErrors { code message field ... on SegregationOfDutiesError { rule conflictsWith { duty relation } } }
      }
    }
  `;
  const { data } = await apollo.mutate({ mutation: APPROVE, variables: { id } });
  const [refusal] = data!.purchaseOrderApprove.userErrors;
  assert.equal(refusal!.__typename, "SegregationOfDutiesError");
  assert.match(refusal!.rule!, /^[A-Z0-9]+-\d+$/);

  await assert.rejects(apollo.query({ query: ORDER, variables: { id: "sup_01h455vb4pex5vsknk084sn02q" } }), (error) => {
    assert(CombinedGraphQLErrors.is(error));
    assert.equal(error.errors[0]!.extensions!.code, "BAD_USER_INPUT");
    return true;
  });
  stop();
});

test("a subscription changes what a watched query shows", async () => {
  const { apollo, stop } = start(token("buyer"));
  const id = await order(token("buyer"), "watched by Apollo");
  const shown = apollo.watchQuery({ query: ORDER, variables: { id } });
  assert.equal((await loaded(shown)).purchaseOrder.status, "DRAFT");
  const CHANGED = gql`
    subscription Changed { documentChanged(types: [PURCHASE_ORDER]) { eventType id document { ... on PurchaseOrder { id status version } } } }
  `;
  let heard!: () => void;
  const stands = new Promise<void>((resolve) => (heard = resolve));
  const listening = apollo.subscribe({ query: CHANGED }).subscribe(heard);
  await actUntil(() => order(token("buyer"), "until it stands"), stands);

  // Somebody else's client: this one hears of it by its subscription alone.
  const other = start(token("buyer"));
  await other.apollo.mutate({ mutation: SUBMIT, variables: { id } });
  const { purchaseOrder } = await loaded(shown, (data) => data.purchaseOrder.status === "IN_APPROVAL");
  assert.equal(purchaseOrder.id, id);
  listening.unsubscribe();
  stop();
  other.stop();
});
