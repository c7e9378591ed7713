"""ariadne-codegen: the package that it generates from schema.graphql and queries.graphql, at work."""

import asyncio
import unittest
from datetime import datetime, timezone
from decimal import Decimal

from quartermaster_client import PurchaseOrderApproveInput, Quartermaster
from quartermaster_client.enums import PurchaseOrderStatus, UserErrorCode
from quartermaster_client.exceptions import GraphQLClientGraphQLMultiError
from world import SOCKET_URL, URL, bearer, create


def client(role: str) -> Quartermaster:
    return Quartermaster(url=URL, headers=bearer(role), ws_url=SOCKET_URL, ws_connection_init_payload=bearer(role))


class Ariadne(unittest.IsolatedAsyncioTestCase):
    async def test_orders_are_read_page_by_page_into_values_of_python(self):
        made = {create("owner", "by ariadne-codegen", submit=True) for _ in range(3)}
        found, after = [], None
        async with client("approver") as desk:
            while True:
                page = (await desk.waiting(first=2, after=after)).purchase_orders
                found += page.nodes
                if not page.page_info.has_next_page:
                    break
                after = page.page_info.end_cursor
        self.assertLessEqual(made, {order.id for order in found})
        self.assertEqual([order.number for order in found], sorted({order.number for order in found}))
        order = next(order for order in found if order.id in made)
        self.assertEqual(order.status, PurchaseOrderStatus.IN_APPROVAL)
        self.assertEqual(order.total_amount.amount, Decimal("0.3"))
        self.assertEqual(order.created_at.tzinfo, timezone.utc)
        self.assertLess(order.created_at, datetime.now(timezone.utc))

    async def test_a_mutation_has_typed_inputs_and_its_refusal_a_typed_error(self):
        order = create("owner", "to be approved", submit=True)
        async with client("owner") as owner, client("approver") as approver:
            refused = (await owner.approve(PurchaseOrderApproveInput(id=order))).purchase_order_approve
            approved = (await approver.approve(PurchaseOrderApproveInput(id=order))).purchase_order_approve
        (refusal,) = refused.user_errors
        self.assertEqual(refusal.typename__, "SegregationOfDutiesError")
        self.assertEqual(refusal.code, UserErrorCode.SEGREGATION_OF_DUTIES)
        self.assertEqual(refusal.rule, "P2P-02")
        self.assertEqual(approved.user_errors, [])
        self.assertIn(approved.purchase_order.status, (PurchaseOrderStatus.APPROVED, PurchaseOrderStatus.RELEASED))

    async def test_a_fault_of_the_request_is_the_clients_own_exception(self):
        async with client("approver") as desk:
            with self.assertRaises(GraphQLClientGraphQLMultiError) as refused:
                await desk.waiting(first=251)
        self.assertEqual(refused.exception.errors[0].extensions["code"], "BAD_USER_INPUT")

    async def test_a_subscription_is_an_iterator_of_typed_changes(self):
        made = set()
        async with client("auditor") as desk:
            changes = desk.changed()
            first = asyncio.ensure_future(anext(changes))
            while not first.done():
                made.add(await asyncio.to_thread(create, "buyer", "told to ariadne-codegen"))
                await asyncio.wait([first], timeout=0.5)
            change = first.result().document_changed
            await changes.aclose()
        self.assertIn(change.document_id, made)
        self.assertEqual(change.document.typename__, "PurchaseOrder")
        self.assertEqual(change.document.status, PurchaseOrderStatus.DRAFT)
