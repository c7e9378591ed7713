// The API as a subgraph of Apollo Federation 2: composed by both compositions, alone and with a partner's subgraph that extends an
// entity, and executed through a gateway.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { composeServices } from "@apollo/composition";
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { assertCompositionSuccess, composeServices as composeByGuild } from "@theguild/federation-composition";
import { buildSchema, parse, type GraphQLObjectType, type GraphQLUnionType } from "graphql";
import { ask, token, url } from "./world.ts";

const buyer = token("buyer");

/** A partner's own service: it rates suppliers and tracks orders, which it knows by their ids alone. */
const PARTNER = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])

  type Query {
    bestSupplier: Supplier!
  }

  type Supplier @key(fields: "id") {
    id: ID!
    rating: Int!
  }

  type PurchaseOrder @key(fields: "id") {
    id: ID!
    trackingCode: String
  }
`;

let own = "";
before(async () => {
  own = (await ask<{ _service: { sdl: string } }>(buyer, "{ _service { sdl } }"))._service.sdl;
});

type Subgraph = [name: string, sdl: string];
const us = (): Subgraph => ["quartermaster", own];
const partner: Subgraph = ["partner", PARTNER];
const place = (name: string) => (name === "partner" ? "local://partner" : url);

const compositions: Record<string, (subgraphs: Subgraph[]) => string> = {
  "@apollo/composition": (subgraphs) => {
    const services = subgraphs.map(([name, sdl]) => ({ name, url: place(name), typeDefs: parse(sdl) }));
    const { errors, supergraphSdl } = composeServices(services);
    assert.deepEqual(errors, undefined);
    return supergraphSdl!;
  },
  "@theguild/federation-composition": (subgraphs) => {
    const composed = composeByGuild(subgraphs.map(([name, sdl]) => ({ name, url: place(name), typeDefs: parse(sdl) })));
    assertCompositionSuccess(composed);
    return composed.supergraphSdl;
  },
};

for (const [library, compose] of Object.entries(compositions)) {
  test(`${library} composes the subgraph alone`, () => {
    const supergraph = compose([us()]);
    assert.match(supergraph, /type PurchaseOrder[^{]*@join__type\(graph: QUARTERMASTER, key: "id"\)/s);
  });

  test(`${library} composes it with a partner's subgraph that extends its entities`, () => {
    const supergraph = compose([us(), partner]);
    const supplier = /^type Supplier\b[^{]*\{.*?^\}/ms.exec(supergraph)![0];
    assert.match(supplier, /rating: Int! +@join__field\(graph: PARTNER\)/);
    assert.match(supplier, /legalName: String! +@join__field\(graph: QUARTERMASTER\)/);
  });
}

/** The partner's service, at work; `best` is the supplier that it prefers. */
function partnersService(best: string): LocalGraphQLDataSource {
  const federated = PARTNER.replace(/extend schema.*\n/, "")
    .replaceAll(' @key(fields: "id")', "")
    .replace("type Query {", "scalar _Any union _Entity = Supplier | PurchaseOrder type Query { _entities(representations: [_Any!]!): [_Entity]!");
  const schema = buildSchema(federated);
  const fields = schema.getQueryType()!.getFields();
  fields._entities!.resolve = (_, { representations }) => representations;
  fields.bestSupplier!.resolve = () => ({ id: best });
  (schema.getType("_Entity") as GraphQLUnionType).resolveType = (entity) => entity.__typename;
  (schema.getType("Supplier") as GraphQLObjectType).getFields().rating!.resolve = ({ id }) => id.length;
  (schema.getType("PurchaseOrder") as GraphQLObjectType).getFields().trackingCode!.resolve = ({ id }) => `T-${id}`;
  return new LocalGraphQLDataSource(schema);
}

class Ours extends RemoteGraphQLDataSource {
  override willSendRequest({ request }: Parameters<NonNullable<RemoteGraphQLDataSource["willSendRequest"]>>[0]): void {
    request.http!.headers.set("authorization", `Bearer ${buyer}`);
  }
}

async function gateway(best: string) {
  const server = new ApolloServer({
    gateway: new ApolloGateway({
      supergraphSdl: compositions["@apollo/composition"]!([us(), partner]),
      buildService: ({ name, url }) => (name === "partner" ? partnersService(best) : new Ours({ url })),
    }),
  });
  await server.start();
  return {
    run: async (query: string) => {
      const { body } = await server.executeOperation({ query });
      assert(body.kind === "single");
      return body.singleResult;
    },
    stop: () => server.stop(),
  };
}

interface Named {
  id: string;
  legalName: string;
}

test("a gateway asks both for one answer: from ours into the partner's, and from the partner's into ours", async () => {
  const { suppliers } = await ask<{ suppliers: { nodes: Named[] } }>(buyer, "{ suppliers(first: 3) { nodes { id legalName } } }");
  const best = suppliers.nodes[2]!;
  const { run, stop } = await gateway(best.id);
  const answer = await run(`{
    suppliers(first: 3) { nodes { id legalName rating } }
    bestSupplier { legalName rating }
    purchaseOrders(first: 2) { nodes { id number trackingCode supplier { legalName rating } } }
  }`);
  await stop();
  assert.equal(answer.errors, undefined);
  const data = JSON.parse(JSON.stringify(answer.data));
  assert.deepEqual(data.suppliers.nodes, suppliers.nodes.map((supplier) => ({ ...supplier, rating: supplier.id.length })));
  assert.deepEqual(data.bestSupplier, { legalName: best.legalName, rating: best.id.length });
  assert.equal(data.purchaseOrders.nodes.length, 2);
  for (const order of data.purchaseOrders.nodes) {
    assert.equal(order.trackingCode, `T-${order.id}`);
    assert.equal(typeof order.supplier.rating, "number");
    assert.match(order.number, /^PO-/);
  }
});

test("an entity of another tenant is not there for a gateway either", async () => {
  const elsewhere = await ask<{ suppliers: { nodes: Named[] } }>(token("approver", "quillamore"), "{ suppliers(first: 1) { nodes { id legalName } } }");
  const { run, stop } = await gateway(elsewhere.suppliers.nodes[0]!.id);
  const answer = JSON.parse(JSON.stringify(await run("{ bestSupplier { id legalName } }")));
  await stop();
  assert.equal(answer.data, null);
  assert(!JSON.stringify(answer).includes(elsewhere.suppliers.nodes[0]!.legalName));
});
