"""sgqlc: types generated from what introspection says, operations built from them, answers read by them."""

import importlib.util
import json
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.introspection import query as introspection
from sgqlc.introspection import variables as introspection_variables
from sgqlc.operation import Operation

from world import URL, bearer


class Sgqlc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = HTTPEndpoint(URL, bearer("auditor"))
        told = cls.endpoint(introspection, introspection_variables(include_description=True, include_deprecated=True))
        with tempfile.TemporaryDirectory() as folder:
            said, types = Path(folder, "schema.json"), Path(folder, "quartermaster_types.py")
            said.write_text(json.dumps(told))
            generator = Path(sys.executable).with_name("sgqlc-codegen")
            subprocess.run([generator, "schema", "--docstrings", said, types], check=True)
            spec = importlib.util.spec_from_file_location("quartermaster_types", types)
            cls.types = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(cls.types)

    def test_every_order_is_read_page_by_page(self):
        schema, numbers, pages, after = self.types, [], 0, None
        while True:
            operation = Operation(schema.Query)
            orders = operation.purchase_orders(first=20, after=after, order_by="NUMBER_ASC")
            orders.total_count()
            orders.nodes.number()
            orders.nodes.total_amount.amount()
            orders.page_info.__fields__("has_next_page", "end_cursor")
            page = (operation + self.endpoint(operation)).purchase_orders
            numbers += [order.number for order in page.nodes]
            self.assertTrue(all(Decimal(order.total_amount.amount) > 0 for order in page.nodes))
            pages += 1
            if not page.page_info.has_next_page:
                break
            after = page.page_info.end_cursor
        self.assertGreaterEqual(pages, 3)
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_a_fragment_on_an_interface_is_read_as_its_type(self):
        schema = self.types
        find = Operation(schema.Query)
        find.purchase_orders(first=1).nodes.id()
        wanted = (find + self.endpoint(find)).purchase_orders.nodes[0].id
        operation = Operation(schema.Query)
        node = operation.node(id=wanted)
        node.id()
        node.__as__(schema.PurchaseOrder).status()
        found = (operation + self.endpoint(operation)).node
        self.assertIsInstance(found, schema.PurchaseOrder)
        self.assertIn(found.status, schema.PurchaseOrderStatus)
