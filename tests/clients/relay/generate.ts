// Writes generated/relay/Every.ts: for each root field that is a connection, the fragment with which Relay pages through it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { buildSchema, getNamedType, isLeafType, isObjectType, isRequiredArgument, type GraphQLObjectType } from "graphql";

const sdl = readFileSync("../../schema.graphql", "utf8");
const schema = buildSchema(sdl);

/** What a node says of itself without being asked for anything. */
function leaves(type: GraphQLObjectType): string {
  const plain = Object.values(type.getFields()).filter((field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument));
  return plain.map((field) => field.name).join(" ");
}

const connections = Object.values(schema.getQueryType()!.getFields()).flatMap((field) => {
  const type = getNamedType(field.type);
  if (!isObjectType(type) || !type.name.endsWith("Connection")) return [];
  return [{ name: field.name, node: getNamedType(type.getFields().nodes!.type) as GraphQLObjectType }];
});

const documents = connections.map(({ name, node }) => {
  const Name = name[0]!.toUpperCase() + name.slice(1);
  return `
graphql\`
  query Every${Name}Query($count: Int!) {
    ...Every_${name} @arguments(count: $count)
  }
\`;
graphql\`
  fragment Every_${name} on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 50 }, cursor: { type: "String" })
  @refetchable(queryName: "Every${Name}PaginationQuery") {
    ${name}(first: $count, after: $cursor) @connection(key: "Every_${name}") {
      totalCount
      edges { node { __typename ${leaves(node)} } }
    }
  }
\`;
`;
});
const imports = connections.map(({ name }) => {
  const Name = name[0]!.toUpperCase() + name.slice(1);
  return `import ${name}Query from "./__generated__/Every${Name}Query.graphql.ts";
import ${name} from "./__generated__/Every_${name}.graphql.ts";`;
});
const entries = connections.map(({ name }) => `  ${name}: { query: ${name}Query, fragment: ${name} },`);

mkdirSync("generated/relay", { recursive: true });
// relay-compiler takes no schema from outside its own folder.
writeFileSync("generated/schema.graphql", sdl);
writeFileSync(
  "generated/relay/Every.ts",
  `import { graphql } from "../../relay/graphql.ts";
${imports.join("\n")}

export const every = {
${entries.join("\n")}
};
${documents.join("")}`,
);
