// A small program as a front-end team would write it: every operation typed by graphql-codegen, nothing cast.
import { graphql, read } from "../generated/codegen/index.ts";
import type { OrderRowFragment as Order, TypedDocumentString } from "../generated/codegen/graphql.ts";

const OrderRow = graphql(`
  fragment OrderRow on PurchaseOrder {
    id
    number
    status
    version
    orderedOn
    totalAmount {
      amount
      currencyCode
    }
    lines(first: 2) {
      nodes {
        lineNumber
        quantity {
          value
          unit
        }
        item {
          sku
        }
      }
    }
  }
`);

const Waiting = graphql(`
  query Waiting($filter: PurchaseOrderFilter!, $first: Int!, $after: String) {
    purchaseOrders(filter: $filter, first: $first, after: $after, orderBy: NUMBER_ASC) {
      totalCount
      nodes {
        ...OrderRow
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const Approve = graphql(`
  mutation Approve($input: PurchaseOrderApproveInput!) {
    purchaseOrderApprove(input: $input) {
      purchaseOrder {
        ...OrderRow
      }
      userErrors {
        __typename
        code
        message
        ... on SegregationOfDutiesError {
          rule
          conflictsWith {
            duty
            relation
          }
        }
        ... on ConflictError {
          currentVersion
        }
      }
    }
  }
`);

export type { Order };
type Ask = <Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables) => Promise<Result>;

/** All orders that wait for an approval, page by page. */
export async function waiting(ask: Ask, first: number): Promise<Order[]> {
  const orders: Order[] = [];
  let after: string | null | undefined;
  do {
    const { purchaseOrders } = await ask(Waiting, { filter: { statuses: ["IN_APPROVAL"] }, first, after });
    orders.push(...purchaseOrders.nodes.map((node) => read(OrderRow, node)));
    after = purchaseOrders.pageInfo.hasNextPage ? purchaseOrders.pageInfo.endCursor : null;
  } while (after);
  return orders;
}

/** Approves an order as it was read, and says in words what came of it. */
export async function approve(ask: Ask, { id, version }: Order): Promise<string> {
  const { purchaseOrderApprove: done } = await ask(Approve, { input: { id, expectedVersion: version } });
  const [refusal] = done.userErrors;
  if (!refusal) return `${read(OrderRow, done.purchaseOrder)?.status}`;
  switch (refusal.__typename) {
    case "SegregationOfDutiesError":
      return `${refusal.rule}: ${refusal.conflictsWith.duty}`;
    case "ConflictError":
      return `${refusal.code}: now at version ${refusal.currentVersion}`;
    default:
      return `${refusal.code}: ${refusal.message}`;
  }
}
