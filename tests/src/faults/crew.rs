//! People who order, approve and receive, each act with a key of its own, and repeat it until it is answered, whatever happens to the server.

use super::Address;
use crate::database::fixture::{Shop, strict};
use crate::world::{Person, World, order_input};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

const ORDER: &str = "mutation($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { document: purchaseOrder { id number } userErrors { code message } } }";
const APPROVE: &str = "mutation($input: PurchaseOrderApproveInput!) { purchaseOrderApprove(input: $input) { document: purchaseOrder { id number } userErrors { code message } } }";
const RECEIVE: &str = "mutation($input: ReceiptCreateInput!) { receiptCreate(input: $input) { document: receipt { id number } userErrors { code message } } }";

/// A tenant and its people.
#[derive(Clone)]
pub struct Crew {
    pub tenant: quartermaster_tenants::id::TenantId,
    pub buyer: Person,
    pub auditor: Person,
    approver: Person,
    receiver: Person,
    order: Value,
}

/// An act that was answered.
pub struct Act {
    by: Person,
    document: &'static str,
    variables: Value,
    key: String,
    /// What it was answered: the document's id and number.
    pub answer: Value,
    /// How often it had been sent by then.
    pub attempts: usize,
}

/// An order from its creation to its receipt.
pub struct Cycle {
    pub acts: [Act; 3],
}

impl Cycle {
    pub fn order(&self) -> &Value {
        &self.acts[0].answer["id"]
    }
}

impl Crew {
    pub async fn of(world: &World) -> Self {
        let shop: Shop = world.shop(&strict()).await;
        Self {
            tenant: shop.tenant,
            buyer: world.member(&shop, &["buyer"]).await,
            approver: world.member(&shop, &["approver_l2"]).await,
            receiver: world.member(&shop, &["receiver"]).await,
            auditor: world.member(&shop, &["auditor"]).await,
            order: order_input(&shop, true),
        }
    }

    /// One order, to its receipt.
    pub async fn cycle(&self, at: &Address) -> Cycle {
        let ordered = answered(at, &self.buyer, ORDER, self.order.clone()).await;
        let id = ordered.answer["id"].clone();
        let approved = answered(at, &self.approver, APPROVE, json!({ "input": { "id": id } })).await;
        let lines: Vec<Value> = (1..=10)
            .map(|n| json!({ "orderLineNumber": n, "quantity": "10" }))
            .collect();
        let delivery = json!({ "input": { "orderIds": [id], "lines": lines } });
        let received = answered(at, &self.receiver, RECEIVE, delivery).await;
        Cycle {
            acts: [ordered, approved, received],
        }
    }

    /// Orders until it is told to stop, always to the receipt.
    pub async fn work(self, at: Address, stop: &AtomicBool) -> Vec<Cycle> {
        let mut cycles = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            cycles.push(self.cycle(&at).await);
        }
        cycles
    }
}

impl Act {
    /// Says it once more: the answer is the same.
    pub async fn repeat(&self, at: &Address) {
        let (again, _) = until_answered(at, &self.by, self.document, &self.variables, &self.key).await;
        assert_eq!(again, self.answer, "another answer to the same request: {}", self.key);
    }
}

async fn answered(at: &Address, by: &Person, document: &'static str, variables: Value) -> Act {
    let key = Uuid::new_v4().to_string();
    let (answer, attempts) = until_answered(at, by, document, &variables, &key).await;
    Act {
        by: by.clone(),
        document,
        variables,
        key,
        answer,
        attempts,
    }
}

/// Sends it again and again until it is done. No answer and `UNAVAILABLE` are what may come before, and nothing else.
async fn until_answered(at: &Address, by: &Person, document: &str, variables: &Value, key: &str) -> (Value, usize) {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let answer = by.at(&at.get()).attempt(document, variables.clone(), Some(key)).await;
        match answer {
            Ok((200, answer)) if answer.get("errors").is_none() => {
                let payload = answer["data"].as_object().and_then(|data| data.values().next());
                let payload = payload.unwrap_or_else(|| panic!("{answer:#}"));
                assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
                at.answered();
                return (payload["document"].clone(), attempts);
            }
            Ok((status, answer)) => {
                let code = &answer["errors"][0]["extensions"]["code"];
                assert!(
                    code == "UNAVAILABLE" && [200, 503].contains(&status),
                    "{status} after {attempts} attempts: {answer:#}"
                );
            }
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
