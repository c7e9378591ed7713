//! A partner with its administrator and an operator, and a tenant of it.

use crate::database::fixture::{Shop, strict};
use crate::world::{Bearer, Person, World};
use chrono::{DateTime, TimeDelta, Utc};
use quartermaster_tenants::id::{PartnerId, PartnerMemberId};
use serde_json::{Value, json};
use uuid::Uuid;

pub struct Land {
    pub world: World,
    pub shop: Shop,
    /// The partner's administrator.
    pub ada: Bearer,
    /// The operator, logged in at the partner, and his login.
    pub otto: Bearer,
    pub otto_subject: String,
    /// `ptm_…` of the operator.
    pub operator: String,
    /// Admits operators.
    pub tenant_admin: Person,
}

pub const NAME: &str = "Otto of the partner";

pub const PROPOSE: &str = "mutation($tenant: ID!, $operator: ID!, $until: DateTime!) { operatorAssignmentPropose(input: { tenantId: $tenant, operatorId: $operator, validUntil: $until, purpose: \"Season's orders\" }) \
    { operatorAssignment { id status displayName memberId version validUntil } userErrors { code message field } } }";
pub const ADMIT: &str = "mutation($id: ID!) { operatorAssignmentAdmit(input: { id: $id }) { operatorAssignment { id status memberId version } \
    userErrors { code message field ... on SegregationOfDutiesError { rule } } } }";
pub const REJECT: &str = "mutation($id: ID!) { operatorAssignmentReject(input: { id: $id, reason: \"Not now\" }) { operatorAssignment { id status reason } \
    userErrors { code message field ... on SegregationOfDutiesError { rule } } } }";
pub const REVOKE: &str = "mutation($id: ID!) { operatorAssignmentRevoke(input: { id: $id, reason: \"Enough\" }) { operatorAssignment { id status reason } \
    userErrors { code message field ... on SegregationOfDutiesError { rule } } } }";
pub const CREDENTIAL: &str = "mutation($id: ID!, $minutes: Int!) { operatorCredentialCreate(input: { assignmentId: $id, purpose: \"Orders of the week\", minutes: $minutes }) \
    { operatorCredentialId secret expiresAt userErrors { code message field } } }";
pub const REVOKE_CREDENTIAL: &str = "mutation($id: ID!, $credential: ID) { operatorCredentialRevoke(input: { id: $id, credentialId: $credential, reason: \"Lost\" }) \
    { operatorAssignment { id status } userErrors { code message field } } }";
pub const GRANT: &str = "mutation($member: ID!, $role: String!) { roleAssignmentPropose(input: { memberId: $member, role: $role }) { roleAssignment { id } \
    userErrors { code message field ... on SegregationOfDutiesError { rule } } } }";
pub const APPROVE_ROLE: &str = "mutation($id: ID!) { roleAssignmentApprove(input: { id: $id }) { roleAssignment { id status } userErrors { code message field } } }";
pub const VIEWER: &str = "{ viewer { memberId tenantId displayName roles } }";

impl Land {
    pub async fn new() -> Self {
        let world = World::start().await;
        let shop = world.shop(&strict()).await;
        let (_, ada_subject) = partner_person(&world, &shop, "partner_admin").await;
        let ada = at_partner(&world, &shop, &ada_subject).await;
        let (_, otto_subject) = world.stranger().await;
        let made = ada
            .done(
                "mutation($issuer: String!, $subject: String!, $name: String!) { partnerMemberCreate(input: { issuer: $issuer, subject: $subject, displayName: $name }) \
                 { partnerMember { id status roles } userErrors { code message field } } }",
                json!({ "issuer": world.issuer(), "subject": otto_subject, "name": NAME }),
            )
            .await;
        assert_eq!(made["partnerMember"]["roles"], json!(["msp_operator"]));
        let operator = made["partnerMember"]["id"].as_str().unwrap().to_owned();
        let otto = at_partner(&world, &shop, &otto_subject).await;
        let tenant_admin = world.member(&shop, &["tenant_admin"]).await;
        Self {
            world,
            shop,
            ada,
            otto,
            otto_subject,
            operator,
            tenant_admin,
        }
    }

    pub async fn now(&self) -> DateTime<Utc> {
        let row = self.world.owner.query_one("SELECT clock_timestamp()", &[]).await;
        row.unwrap().get(0)
    }

    pub async fn proposal(&self, for_minutes: i64) -> Value {
        let until = self.now().await + TimeDelta::minutes(for_minutes);
        json!({ "tenant": self.shop.tenant.to_string(), "operator": self.operator, "until": until.to_rfc3339() })
    }

    /// A proposal of the partner for ten days: its id.
    pub async fn proposed(&self) -> Value {
        let done = self.ada.done(PROPOSE, self.proposal(14_400).await).await;
        assert_eq!(done["operatorAssignment"]["status"], "PENDING");
        json!({ "id": done["operatorAssignment"]["id"] })
    }

    /// The same, admitted.
    pub async fn admitted(&self) -> Value {
        let id = self.proposed().await;
        let done = self.tenant_admin.done(ADMIT, id.clone()).await;
        assert_eq!(done["operatorAssignment"]["status"], "ADMITTED");
        id
    }

    /// A credential of the operator: its id and its secret.
    pub async fn credential(&self, assignment: &Value) -> (Value, String) {
        let wanted = json!({ "id": assignment["id"], "minutes": 30 });
        let made = self.otto.done(CREDENTIAL, wanted).await;
        let secret = made["secret"].as_str().unwrap().to_owned();
        (made["operatorCredentialId"].clone(), secret)
    }

    /// The operator at work in the tenant.
    pub async fn at_work(&self, assignment: &Value) -> Bearer {
        self.world.bearer(self.credential(assignment).await.1)
    }

    /// The operator's member, as its roles are granted by two people of the tenant.
    pub async fn granted(&self, member: &Value, role: &str) {
        let security = self.world.member(&self.shop, &["security_admin"]).await;
        let proposed = security.done(GRANT, json!({ "member": member, "role": role })).await;
        let id = json!({ "id": proposed["roleAssignment"]["id"] });
        self.tenant_admin.done(APPROVE_ROLE, id).await;
    }

    /// Events of these types, oldest first: type, what the actor is called, kind of actor.
    pub async fn events(&self, types: &[&str]) -> Vec<[String; 3]> {
        let auditor = self.world.member(&self.shop, &["auditor"]).await;
        let found = auditor
            .run(
                "query($types: [String!]) { events(filter: { types: $types }, orderBy: OLDEST) { nodes { type actorDisplay actorKind } } }",
                json!({ "types": types }),
            )
            .await;
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let nodes = found["nodes"].as_array().unwrap();
        nodes
            .iter()
            .map(|n| [text(&n["type"]), text(&n["actorDisplay"]), text(&n["actorKind"])])
            .collect()
    }
}

/// A person of the shop's partner, with this role there.
pub async fn partner_person(world: &World, shop: &Shop, role: &str) -> (Uuid, String) {
    let (person, subject) = world.stranger().await;
    works_for(world, shop, person, role).await;
    (person, subject)
}

/// This person works for the shop's partner too.
pub async fn works_for(world: &World, shop: &Shop, person: Uuid, role: &str) {
    let sql = format!(
        "INSERT INTO qm.partner_member (partner_id, person_id, display_name, roles, status, created_at) \
         VALUES ('{}', '{person}', 'Ada of the partner', '{{{role}}}', 'ACTIVE', statement_timestamp())",
        shop.tenant.0
    );
    world.owner.batch_execute(&sql).await.unwrap();
}

/// Whoever has this login, above the tenants of the shop's partner, whose id is the shop's.
pub async fn at_partner(world: &World, shop: &Shop, subject: &str) -> Bearer {
    world.log_in(subject, &PartnerId(shop.tenant.0).to_string()).await
}

pub fn operator_id(person: Uuid) -> String {
    PartnerMemberId(person).to_string()
}

/// The HTTP status of a small query: 200 for whoever is let in.
pub async fn status(of: &Bearer) -> u16 {
    of.send(VIEWER, json!({}), None).await.0
}
