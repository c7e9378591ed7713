"""The running server and its people, as run.ts tells them to every test."""

import json
import os
from pathlib import Path
from urllib.request import Request, urlopen

_WORLD = json.loads(Path(os.environ["QUARTERMASTER_WORLD"]).read_text())

HERE = Path(__file__).parent
SCHEMA = HERE.parent.parent.parent / "schema.graphql"
URL = _WORLD["url"] + "/graphql"
SOCKET_URL = URL.replace("http", "ws", 1)


def bearer(role: str) -> dict[str, str]:
    """The header of the franchisee's persona with this role."""
    found = [token for subject, token in _WORLD["tokens"].items() if subject.startswith(f"dunnoway-foods.{role}")]
    assert len(found) == 1, f"{role} among {list(_WORLD['tokens'])}"
    return {"Authorization": f"Bearer {found[0]}"}


def ask(role: str, query: str, **variables) -> dict:
    """The data of an operation that must succeed, without any client."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    with urlopen(Request(URL, body, {"Content-Type": "application/json", **bearer(role)})) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer
    return answer["data"]


LIKE = "{ purchaseOrders(first: 1) { nodes { supplier { id } location { id } lines(first: 1) { nodes { item { id } } } } } }"
CREATE = """
mutation ($input: PurchaseOrderCreateInput!) {
  purchaseOrderCreate(input: $input) { purchaseOrder { id } userErrors { message } }
}
"""


def order_input(role: str, note: str) -> dict:
    """An order of one line, like the last one that there is."""
    like = ask(role, LIKE)["purchaseOrders"]["nodes"][0]
    line = {"itemId": like["lines"]["nodes"][0]["item"]["id"], "quantity": "3", "unitPrice": "0.1"}
    order = {"supplierId": like["supplier"]["id"], "locationId": like["location"]["id"], "note": note, "lines": [line]}
    return {"order": order}


def create(role: str, note: str, submit: bool = False) -> str:
    """Makes such an order and answers its id."""
    made = ask(role, CREATE, input={**order_input(role, note), "submit": submit})["purchaseOrderCreate"]
    assert made["userErrors"] == [], made
    return made["purchaseOrder"]["id"]
