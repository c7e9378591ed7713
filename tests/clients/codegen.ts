// graphql-codegen: the client preset with strict scalars, from schema.graphql and the operations in codegen/.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: ["codegen/*.ts"],
  generates: {
    "generated/codegen/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "read" } },
      config: {
        documentMode: "string",
        strictScalars: true,
        scalars: {
          // Each scalar as the server writes it and reads it.
          CountryCode: "string",
          CurrencyCode: "string",
          Date: "string",
          DateTime: "string",
          Decimal: "string",
          Gln: "string",
          Gtin: "string",
          JSON: "unknown",
          UnitCode: "string",
        },
        enumsAsTypes: true,
        useTypeImports: true,
        immutableTypes: true,
        defaultScalarType: "never",
      },
    },
  },
};

export default config;
