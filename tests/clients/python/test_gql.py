"""gql: introspection, documents that are validated against it, a query, a mutation, and a subscription by websockets."""

import asyncio
import unittest
from decimal import Decimal

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError, build_schema, print_schema

from world import SCHEMA, SOCKET_URL, URL, bearer, create, order_input

CREATE = gql(
    """
    mutation Create($input: PurchaseOrderCreateInput!) {
      purchaseOrderCreate(input: $input) {
        purchaseOrder { id status totalAmount { amount currencyCode } }
        userErrors { code message field }
      }
    }
    """
)
CHANGED = gql("subscription { documentChanged(types: [PURCHASE_ORDER]) { eventType documentId document { ... on PurchaseOrder { note } } } }")


def client(role: str) -> Client:
    transport = HTTPXAsyncTransport(url=URL, headers=bearer(role))
    return Client(transport=transport, fetch_schema_from_transport=True)


class Gql(unittest.IsolatedAsyncioTestCase):
    async def test_what_introspection_says_is_the_schema_that_is_checked_in(self):
        async with client("buyer") as session:
            told = session.client.schema
        checked_in = build_schema(SCHEMA.read_text())
        for name, kind in checked_in.type_map.items():
            fields = getattr(kind, "fields", None)
            if fields is not None and name not in ("Query",) and not name.startswith("__"):
                self.assertEqual(set(fields), set(told.type_map[name].fields), name)
        self.assertLessEqual(set(checked_in.query_type.fields), set(told.query_type.fields))
        self.assertIn("type PurchaseOrder implements Node", print_schema(told))

    async def test_a_document_that_the_schema_does_not_know_is_refused_before_it_is_sent(self):
        async with client("buyer") as session:
            with self.assertRaises(GraphQLError):
                await session.execute(gql("{ purchaseOrders { nothing } }"))

    async def test_a_query_is_answered_in_the_order_of_its_selection(self):
        async with client("buyer") as session:
            answer = await session.execute(gql("{ viewer { memberId displayName } roles { name } }"))
        self.assertEqual(list(answer), ["viewer", "roles"])
        self.assertEqual(list(answer["viewer"]), ["memberId", "displayName"])
        self.assertEqual(answer["viewer"]["displayName"], "Bram Thistlegate")

    async def test_a_mutation_makes_an_order_whose_amount_is_exact(self):
        async with client("buyer") as session:
            variables = {"input": order_input("buyer", "by gql")}
            answer = await session.execute(CREATE, variable_values=variables)
        made = answer["purchaseOrderCreate"]["purchaseOrder"]
        self.assertEqual(made["status"], "DRAFT")
        self.assertEqual(Decimal(made["totalAmount"]["amount"]), Decimal("0.3"))

    async def test_a_request_that_is_refused_has_its_code(self):
        async with client("buyer") as session:
            with self.assertRaises(TransportQueryError) as refused:
                await session.execute(gql('{ purchaseOrder(id: "sup_01h455vb4pex5vsknk084sn02q") { id } }'))
        self.assertEqual(refused.exception.errors[0]["extensions"]["code"], "BAD_USER_INPUT")

    async def test_a_subscriber_by_websockets_receives_what_a_mutation_did(self):
        # Named, since by itself gql 4 takes a header in small letters, as HTTP servers in Rust write it, for none.
        spoken = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
        live = Client(transport=WebsocketsTransport(url=SOCKET_URL, init_payload=bearer("auditor"), subprotocols=spoken))
        made = set()
        async with live as watching:
            changes = watching.subscribe(CHANGED)
            first = asyncio.ensure_future(anext(changes))
            while not first.done():
                made.add(await asyncio.to_thread(create, "buyer", "told to gql"))
                await asyncio.wait([first], timeout=0.5)
            change = first.result()["documentChanged"]
            await changes.aclose()
        self.assertIn(change["documentId"], made)
        self.assertEqual(change["eventType"], "purchase-order-created")
        self.assertEqual(change["document"]["note"], "told to gql")
