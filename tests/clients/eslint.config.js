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
        },
      ],
      // Sorted by the alphabet alone, as it is printed; the preset would have ids first and times last.
      "@graphql-eslint/alphabetize": [
        "error",
        {
          definitions: true,
          fields: ["ObjectTypeDefinition", "InterfaceTypeDefinition", "InputObjectTypeDefinition"],
          values: true,
          arguments: ["FieldDefinition", "DirectiveDefinition"],
        },
      ],
      // Connections have `nodes` beside `edges`.
      "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
      "@graphql-eslint/strict-id-in-types": "off",
      "@graphql-eslint/no-root-type": "off",
      "@graphql-eslint/require-nullable-result-in-root": "off",
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
    },
  },
];
