// What a page of purchase orders would have: a list that grows at both ends, and an order that is read again by its id.
import { graphql } from "./graphql.ts";

graphql`
  query ordersListQuery($count: Int!) {
    ...orders_list @arguments(count: $count)
  }
`;

graphql`
  fragment orders_list on Query
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 10 }
    cursor: { type: "String" }
    statuses: { type: "[PurchaseOrderStatus!]" }
  )
  @refetchable(queryName: "ordersListPaginationQuery") {
    purchaseOrders(first: $count, after: $cursor, filter: { statuses: $statuses }) @connection(key: "orders_purchaseOrders") {
      edges {
        node {
          id
          ...orders_order
        }
      }
    }
  }
`;

graphql`
  fragment orders_order on PurchaseOrder @refetchable(queryName: "ordersOrderRefetchQuery") {
    number
    status
    note
    version
  }
`;

graphql`
  query ordersNewestQuery($last: Int!, $before: String) {
    purchaseOrders(last: $last, before: $before) {
      edges { cursor node { id } }
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    }
  }
`;

graphql`
  mutation ordersSubmitMutation($id: ID!) {
    purchaseOrderSubmit(input: { id: $id }) {
      purchaseOrder { id ...orders_order }
      userErrors { code message field }
    }
  }
`;

graphql`
  subscription ordersChangedSubscription {
    documentChanged(types: [PURCHASE_ORDER]) {
      eventType
      document { __typename ...orders_order @alias(as: "order") }
    }
  }
`;
