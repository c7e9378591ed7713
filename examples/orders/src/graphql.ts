import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env';

/**
 * Typed documents: `gql.tada check` holds each against `schema.graphql`, and answers have its types without generated code.
 * Decimals, dates and times stay strings, so nothing is rounded.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Date: string; DateTime: string; Decimal: string; CurrencyCode: string; UnitCode: string };
}>();
