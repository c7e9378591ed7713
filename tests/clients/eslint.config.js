// Every rule that @graphql-eslint has for schemas, and for Relay's lists; what is left out or set otherwise says why.
import graphql from "@graphql-eslint/eslint-plugin";

export default [
  {
    files: ["generated/schema.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: "generated/schema.graphql" } } },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-all"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      // Everything is described, not only types and root fields.
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          DirectiveDefinition: true,
          // Those of the specification come as they are.
          ignoredSelectors: ["DirectiveDefinition > InputValueDefinition"],
        },
      ],
      // Connections have `nodes` beside `edges`; lines, movements of stock, events and prices are no nodes: nobody refetches them alone.
      "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
      // The schema is sorted as it is printed, capitals first; the rule sorts `inTransit` behind `inbound`.
      "@graphql-eslint/alphabetize": "off",
      // Nodes have an id; amounts, previews, connections and payloads have no identity.
      "@graphql-eslint/strict-id-in-types": "off",
      // It wants an argument that the specification's directive does not have. The reason says the day, and the server refuses what is past it.
      "@graphql-eslint/require-deprecation-date": "off",
      // It would forbid mutations and subscriptions.
      "@graphql-eslint/no-root-type": "off",
      // A payload says why nothing was done and a list may be empty: neither is null. What one may not see is, and those are nullable.
      "@graphql-eslint/require-nullable-result-in-root": "off",
      // A payload has the document as it is now; lists that it changes are asked for by those who show them.
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
    },
  },
];
