//! A shop whose people issue keys.

use crate::database::fixture::{Shop, strict};
use crate::world::{Bearer, Person, World};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};

pub const PROPOSE: &str = "mutation($input: ApiKeyProposeInput!) { apiKeyPropose(input: $input) { apiKey { id status version machine { id } owner { id } } \
    userErrors { code message field ... on SegregationOfDutiesError { rule tier } } } }";
pub const APPROVE: &str = "mutation($id: ID!) { apiKeyApprove(input: { id: $id }) { apiKey { id status version machine { id status kind } endsAt } secret \
    userErrors { code message field ... on SegregationOfDutiesError { rule tier eligibleActors { accountId } } ... on InvalidStateError { state allowedCommands } } } }";
pub const REJECT: &str = "mutation($id: ID!) { apiKeyReject(input: { id: $id, reason: \"Not needed\" }) { apiKey { status reason } \
    userErrors { code field ... on SegregationOfDutiesError { rule } } } }";
pub const REVOKE: &str = "mutation($id: ID!) { apiKeyRevoke(input: { id: $id, reason: \"Leaked\" }) { apiKey { status reason machine { status } } \
    userErrors { code message field ... on SegregationOfDutiesError { rule } ... on InvalidStateError { state } } } }";
pub const ROTATE: &str = "mutation($id: ID!, $hours: Int!) { apiKeyRotate(input: { id: $id, overlapHours: $hours }) { apiKey { id status replacesId } \
    userErrors { code message field ... on InvalidStateError { state allowedCommands } } } }";
pub const KEY: &str = "query($id: ID!) { apiKey(id: $id) { id status endsAt lastUsedAt owner { id } machine { id kind status roleAssignments { nodes { role status } } } \
    viewerCan { approve { allowed refusal { code rule } } reject { allowed } revoke { allowed refusal { code } } rotate { allowed } } } }";
pub const VIEWER: &str = "{ viewer { memberId tenantId roles displayName } }";

pub struct Office {
    pub world: World,
    pub shop: Shop,
    /// Proposes.
    pub sec: Person,
    /// Approves.
    pub adm: Person,
    /// Answers for machines, and approves orders.
    pub owner: Person,
}

pub async fn office() -> Office {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    Office {
        sec: world.member(&shop, &["security_admin"]).await,
        adm: world.member(&shop, &["tenant_admin"]).await,
        owner: world.member(&shop, &["approver_l2"]).await,
        world,
        shop,
    }
}

pub fn mem(person: &Person) -> String {
    encode("mem", person.op.account)
}

impl Office {
    pub fn new_key(&self, owner: &Person) -> Value {
        json!({ "input": { "name": "Till system", "kind": "INTEGRATION", "role": "integration_client", "ownerId": mem(owner) } })
    }

    /// A proposed key: its id.
    pub async fn proposed(&self) -> Value {
        self.sec.done(PROPOSE, self.new_key(&self.owner)).await["apiKey"]["id"].clone()
    }

    /// An active key: its id and its secret.
    pub async fn key_of(&self, new: Value) -> (Value, String) {
        let id = self.sec.done(PROPOSE, new).await["apiKey"]["id"].clone();
        let secret = self.adm.done(APPROVE, json!({ "id": id })).await["secret"].clone();
        (id, secret.as_str().expect("the secret").to_owned())
    }

    /// A machine that `owner` answers for: the id of its key, and itself.
    pub async fn machine(&self) -> (Value, Bearer) {
        let (id, secret) = self.key_of(self.new_key(&self.owner)).await;
        (id, self.owner.with_credential(secret))
    }

    /// What whoever presents this is told: status, code, message, challenge.
    pub async fn told(&self, credential: &str) -> (u16, String, String, String) {
        let request = self.world.http.post(self.world.url()).bearer_auth(credential);
        let answer = request
            .json(&json!({ "query": VIEWER }))
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        let header = answer.headers().get("www-authenticate");
        let challenge = header.and_then(|c| c.to_str().ok()).unwrap_or_default().to_owned();
        let body: Value = answer.json().await.expect("JSON");
        let error = &body["errors"][0];
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        (
            status,
            text(&error["extensions"]["code"]),
            text(&error["message"]),
            challenge,
        )
    }
}
