// The schema itself: every rule of @graphql-eslint for schemas (eslint.config.js), and what @graphql-inspector says that would
// break the clients of the last release.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CriticalityLevel, DiffRule, diff } from "@graphql-inspector/core";
import { ESLint } from "eslint";
import { buildSchema, parse, print, visit, type ObjectTypeDefinitionNode } from "graphql";

test("no rule of @graphql-eslint finds fault with the schema", async () => {
  const [result] = await new ESLint().lintFiles("generated/schema.graphql");
  const said = result!.messages.map(({ line, message, ruleId }) => `schema.graphql:${line}: ${message} (${ruleId})`);
  assert.equal(said.join("\n"), "");
});

const current = readFileSync("../../schema.graphql", "utf8");
const released = readFileSync("../release/schema.graphql", "utf8");

/** What would break clients of the first schema when they meet the second. Who was told by `@deprecated` may be broken. */
async function broken(before: string, after: string): Promise<string[]> {
  const changes = await diff(buildSchema(before), buildSchema(after), [DiffRule.suppressRemovalOfDeprecatedField]);
  return changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking).map((change) => change.message);
}

test("no client of the last release breaks", async () => {
  assert.deepEqual(await broken(released, current), []);
});

/** The schema with another field `note` in orders, or with none. */
function withNote(note: string | null): string {
  return print(
    visit(parse(current), {
      ObjectTypeDefinition: (type) => (type.name.value === "PurchaseOrder" ? undefined : false),
      InputObjectTypeDefinition: () => false,
      FieldDefinition: (field) => {
        if (field.name.value !== "note") return undefined;
        return note && (parse(`type Other { ${note} }`).definitions[0] as ObjectTypeDefinitionNode).fields![0];
      },
    }),
  );
}

test("what is taken away would be found, unless its clients had been told", async () => {
  assert.deepEqual(await broken(current, withNote(null)), ["Field 'note' was removed from object type 'PurchaseOrder'"]);
  assert.deepEqual(await broken(current, withNote("note: Int")), ["Field 'PurchaseOrder.note' changed type from 'String' to 'Int'"]);
  assert.deepEqual(await broken(withNote('note: String @deprecated(reason: "Use `number` until 2027-01-01.")'), withNote(null)), []);
});
