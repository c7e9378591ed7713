import type { ResultOf } from 'gql.tada';
import { graphql } from './graphql';

export const VIEWER = graphql(`
  query Viewer {
    viewer {
      displayName
      roles
    }
  }
`);

export const ORDERS = graphql(`
  query Orders($filter: PurchaseOrderFilter, $after: String) {
    purchaseOrders(first: 20, after: $after, filter: $filter) {
      nodes {
        id
        number
        status
        orderedOn
        note
        supplier { legalName }
        location { name }
        totalAmount { amount currencyCode }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export const ORDER = graphql(`
  query Order($id: ID!) {
    purchaseOrder(id: $id) {
      id
      version
      number
      status
      note
      orderedOn
      buyer { displayName }
      supplier { legalName }
      location { name }
      totalAmount { amount currencyCode }
      viewerCan { approve { allowed refusal { code } } }
      lines(first: 50) {
        nodes {
          id
          lineNumber
          quantity { value unit }
          unitPrice { amount currencyCode }
          item { sku name }
        }
        totalCount
      }
    }
  }
`);

/** Asks for what a refusal can tell: each kind of `UserError` has fields of its own beside code and message. */
export const APPROVE = graphql(`
  mutation Approve($input: PurchaseOrderApproveInput!) {
    purchaseOrderApprove(input: $input) {
      purchaseOrder { id version status }
      userErrors {
        __typename
        code
        message
        field
        ... on SegregationOfDutiesError {
          rule
          tier
          conflictsWith { duty at personDisplay document relation }
          eligibleActors(first: 5) { accountId displayName }
        }
        ... on ConflictError { currentVersion }
      }
    }
  }
`);

export type OrderRow = ResultOf<typeof ORDERS>['purchaseOrders']['nodes'][number];
export type Order = NonNullable<ResultOf<typeof ORDER>['purchaseOrder']>;
export type UserError = ResultOf<typeof APPROVE>['purchaseOrderApprove']['userErrors'][number];
