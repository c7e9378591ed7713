// React with Relay: a list that grows, an order that is read again by its id, a mutation and a subscription that change both.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Suspense, createElement, type ReactNode } from "react";
import { RelayEnvironmentProvider, useLazyLoadQuery, usePaginationFragment, useRefetchableFragment } from "react-relay";
import { act, create } from "react-test-renderer";
import { commitMutation, fetchQuery, requestSubscription, type Environment } from "relay-runtime";
import listFragment, { type orders_list$key } from "./generated/relay/__generated__/orders_list.graphql.ts";
import orderFragment, { type orders_order$key } from "./generated/relay/__generated__/orders_order.graphql.ts";
import changed, { type ordersChangedSubscription } from "./generated/relay/__generated__/ordersChangedSubscription.graphql.ts";
import type { ordersListPaginationQuery } from "./generated/relay/__generated__/ordersListPaginationQuery.graphql.ts";
import listQuery, { type ordersListQuery } from "./generated/relay/__generated__/ordersListQuery.graphql.ts";
import newestQuery, { type ordersNewestQuery } from "./generated/relay/__generated__/ordersNewestQuery.graphql.ts";
import type { ordersOrderRefetchQuery } from "./generated/relay/__generated__/ordersOrderRefetchQuery.graphql.ts";
import submit, { type ordersSubmitMutation } from "./generated/relay/__generated__/ordersSubmitMutation.graphql.ts";
import { environment } from "./relay/environment.ts";
import { actUntil, mint, order, token } from "./world.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

/** Shows an element in this environment, and waits until nothing is loading any more. */
async function show(relay: Environment, element: ReactNode) {
  const within = createElement(Suspense, { fallback: "loading" }, element);
  const root = createElement(RelayEnvironmentProvider, { environment: relay, children: within });
  let shown!: ReturnType<typeof create>;
  await act(async () => void (shown = create(root)));
  await until(() => shown.toJSON() !== null && JSON.stringify(shown.toJSON()) !== '"loading"');
  return { shown, text: () => [shown.toJSON()].flat().map(String) };
}

async function until(holds: () => boolean): Promise<void> {
  for(let i=0;i<100 && !holds();i++) await act(() => new Promise((next) => setTimeout(next, 10)));
}

test("usePaginationFragment grows over the whole list, and starts again with another filter", async () => {
  const { relay, stop } = environment(mint("quillamore.auditor"));
  let list!: ReturnType<typeof usePaginationFragment<ordersListPaginationQuery, orders_list$key>>;
  function Orders() {
    const root = useLazyLoadQuery<ordersListQuery>(listQuery, { count: 40 });
    list = usePaginationFragment<ordersListPaginationQuery, orders_list$key>(listFragment, root);
    return list.data.purchaseOrders.edges.map((edge) => edge.node.id).join("\n");
  }
  const { text } = await show(relay, createElement(Orders));
  const ids = () => text().join("").split("\n");
  const first = ids();
  assert.equal(first.length, 40);
  let pages = 1;
  while (list.hasNext) {
    const before = ids();
    await act(async () => void list.loadNext(40));
    await until(() => !list.isLoadingNext);
    assert.deepEqual(ids().slice(0, before.length), before);
    pages++;
  }
  assert(pages >= 3, `${pages} pages`);
  assert.equal(new Set(ids()).size, ids().length);
  assert.deepEqual(ids().slice(0, 40), first);

  // No order of the demo's world is on hold, so the list that is asked for anew is empty.
  await act(async () => void list.refetch({ statuses: ["ON_HOLD"], count: 40 }));
  await until(() => text().join("") === "");
  stop();
});

test("an order is read again by node(id:), and a mutation's answer changes what is shown", async () => {
  const buyer = token("buyer");
  const { relay, calls, stop } = environment(buyer);
  const id = await order(buyer, "in Relay's store");
  let again!: () => void;
  function Newest() {
    const root = useLazyLoadQuery<ordersListQuery>(listQuery, { count: 20 });
    const { data } = usePaginationFragment<ordersListPaginationQuery, orders_list$key>(listFragment, root);
    const edge = data.purchaseOrders.edges.find((edge) => edge.node.id === id);
    return edge ? createElement(Order, { order: edge.node }) : "not there";
  }
  function Order(props: { order: orders_order$key }) {
    const [data, refetch] = useRefetchableFragment<ordersOrderRefetchQuery, orders_order$key>(orderFragment, props.order);
    again = () => void refetch({}, { fetchPolicy: "network-only" });
    return `${data.status} ${data.note}`;
  }
  const { text } = await show(relay, createElement(Newest));
  assert.deepEqual(text(), ["DRAFT in Relay's store"]);

  await act(
    () =>
      new Promise<void>((onCompleted, onError) => {
        commitMutation<ordersSubmitMutation>(relay, { mutation: submit, variables: { id }, onCompleted: () => onCompleted(), onError });
      }),
  );
  assert.deepEqual(text(), ["IN_APPROVAL in Relay's store"]);

  await act(async () => again());
  await until(() => text()[0] === "IN_APPROVAL in Relay's store");
  const refetched = JSON.parse(calls.at(-1)!.body);
  assert.equal(refetched.operationName, "ordersOrderRefetchQuery");
  assert.match(refetched.query, /node\(id: \$id\)/);
  stop();
});

test("a subscription changes an order that is in the store", async () => {
  const buyer = token("buyer");
  const { relay, stop } = environment(buyer);
  const id = await order(buyer, "watched by Relay");
  function Status() {
    const root = useLazyLoadQuery<ordersListQuery>(listQuery, { count: 20 });
    const { data } = usePaginationFragment<ordersListPaginationQuery, orders_list$key>(listFragment, root);
    const edge = data.purchaseOrders.edges.find((edge) => edge.node.id === id);
    return edge ? createElement(Order, { order: edge.node }) : "not there";
  }
  function Order(props: { order: orders_order$key }) {
    return useRefetchableFragment<ordersOrderRefetchQuery, orders_order$key>(orderFragment, props.order)[0].status;
  }
  const { text } = await show(relay, createElement(Status));
  assert.deepEqual(text(), ["DRAFT"]);
  let heard!: () => void;
  const stands = new Promise<void>((resolve) => (heard = resolve));
  const listening = requestSubscription<ordersChangedSubscription>(relay, { subscription: changed, variables: {}, onNext: heard });
  await act(() => actUntil(() => order(buyer, "until it stands"), stands));

  // Somebody else's client submits it.
  const other = environment(buyer);
  commitMutation<ordersSubmitMutation>(other.relay, { mutation: submit, variables: { id } });
  await until(() => text()[0] === "IN_APPROVAL");
  listening.dispose();
  stop();
  other.stop();
});

test("a list is read backwards from its end", async () => {
  const { relay, stop } = environment(mint("quillamore.auditor"));
  const all: string[] = [];
  let before: string | null | undefined;
  for (let more = true, pages = 0; more; pages++) {
    const page = await fetchQuery<ordersNewestQuery>(relay, newestQuery, { last: 40, before }).toPromise();
    const { edges, pageInfo } = page!.purchaseOrders;
    assert.equal(pageInfo.hasNextPage, pages > 0);
    all.unshift(...edges.map((edge) => edge.node.id));
    before = pageInfo.startCursor;
    more = pageInfo.hasPreviousPage;
  }
  const forward = await fetchQuery<ordersListQuery>(relay, listQuery, { count: 250 }).toPromise();
  assert(forward);
  assert(all.length > 80);
  assert.equal(new Set(all).size, all.length);
  stop();
});
