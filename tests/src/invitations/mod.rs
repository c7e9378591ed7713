//! Invitations: a token shown once, accepted by a login that nobody knew, and every way in which it opens nothing.

use crate::database::fixture::{Shop, strict};
use crate::world::{Bearer, Person, World};
use chrono::TimeDelta;
use quartermaster_tenants::error::Code;
use quartermaster_tenants::id::{MemberId, TenantId};
use quartermaster_tenants::identity::invitation_token::InvitationToken;
use quartermaster_tenants::identity::token::IssuerBinding;
use quartermaster_tenants::invitations::{self, Login};
use serde_json::{Value, json};
use uuid::Uuid;

const INVITE: &str = "mutation($input: MemberInviteInput!) { memberInvite(input: $input) { invitation { id status expiresAt member { id status email displayName } } token \
    userErrors { code field } } }";
const ACCEPT: &str = "mutation($token: String!) { invitationAccept(input: { token: $token }) { memberId tenantId \
    userErrors { code message field ... on InvalidStateError { state } } } }";
const REVOKE: &str = "mutation($id: ID!) { invitationRevoke(input: { id: $id, reason: \"Mistyped\" }) { invitation { status member { status } } \
    userErrors { code ... on InvalidStateError { state } } } }";
const VIEWER: &str = "{ viewer { memberId displayName roles } }";

struct House {
    world: World,
    shop: Shop,
    sec: Person,
}

async fn house() -> House {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    House {
        sec: world.member(&shop, &["security_admin"]).await,
        world,
        shop,
    }
}

fn somebody() -> Value {
    json!({ "input": { "email": "ada@example.com", "displayName": "Ada" } })
}

impl House {
    /// The id of a new invitation, and its token.
    async fn invited(&self) -> (Value, String) {
        let made = self.sec.done(INVITE, somebody()).await;
        let token = made["token"].as_str().expect("the token").to_owned();
        (made["invitation"]["id"].clone(), token)
    }

    /// A verified login that nobody knows, which names this tenant.
    async fn login(&self, subject: &str, tenant: Option<TenantId>) -> Bearer {
        let issuer = self.world.server.development_issuer().expect("development issuer");
        let tenant = tenant.map(|t| t.to_string());
        let now = crate::api::now(&self.world).await;
        let token = issuer
            .mint(subject, tenant.as_deref(), "tests", TimeDelta::hours(1), now)
            .expect("token");
        self.sec.with_credential(token)
    }

    async fn stranger(&self) -> Bearer {
        self.login(&format!("s-{}", Uuid::now_v7()), Some(self.shop.tenant))
            .await
    }
}

#[tokio::test]
async fn an_invited_person_joins_with_a_login_that_nobody_knew() {
    let h = house().await;
    let made = h.sec.done(INVITE, somebody()).await;
    let member = made["invitation"]["member"].clone();
    assert_eq!(
        (&member["status"], &member["email"]),
        (&json!("INVITED"), &json!("ada@example.com"))
    );
    // Roles are proposed for the member as for any other.
    let adm = h.world.member(&h.shop, &["tenant_admin"]).await;
    let propose = "mutation($id: ID!) { roleAssignmentPropose(input: { memberId: $id, role: \"buyer\" }) { roleAssignment { id } userErrors { code } } }";
    let role = h.sec.done(propose, json!({ "id": member["id"] })).await["roleAssignment"]["id"].clone();
    let approve = "mutation($id: ID!) { roleAssignmentApprove(input: { id: $id }) { userErrors { code } } }";
    adm.done(approve, json!({ "id": role })).await;

    let ada = h.stranger().await;
    assert_eq!(ada.send(VIEWER, json!({}), None).await.0, 401);
    let joined = ada.done(ACCEPT, json!({ "token": made["token"] })).await;
    assert_eq!(
        (&joined["memberId"], &joined["tenantId"]),
        (&member["id"], &json!(h.shop.tenant.to_string()))
    );
    let viewer = ada.run(VIEWER, json!({})).await;
    assert_eq!(
        viewer,
        json!({ "memberId": member["id"], "displayName": "Ada", "roles": ["buyer"] })
    );
    // A lost answer can be asked for again, by the same person.
    assert_eq!(ada.done(ACCEPT, json!({ "token": made["token"] })).await, joined);
    let seen = "query($id: ID!) { invitation(id: $id) { status member { status } } }";
    let seen = h.sec.run(seen, json!({ "id": made["invitation"]["id"] })).await;
    assert_eq!(seen, json!({ "status": "ACCEPTED", "member": { "status": "ACTIVE" } }));
}

#[tokio::test]
async fn a_login_without_an_account_may_accept_and_nothing_else() {
    let h = house().await;
    let (_, token) = h.invited().await;
    let stranger = h.stranger().await;
    let beside = "mutation($token: String!) { invitationAccept(input: { token: $token }) { memberId } again: invitationAccept(input: { token: $token }) { memberId } }";
    let hidden = "mutation($token: String!) { ...f } fragment f on Mutation { invitationAccept(input: { token: $token }) { memberId } \
        memberInvite(input: { email: \"a@b\", displayName: \"B\" }) { token } }";
    for document in [VIEWER, beside, hidden, "{ invitations { totalCount } }"] {
        let (status, answer) = stranger.send(document, json!({ "token": token }), None).await;
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (401, &json!("UNAUTHENTICATED")),
            "{document}"
        );
    }
    stranger.done(ACCEPT, json!({ "token": token })).await;
}

#[tokio::test]
async fn without_a_persons_token_nothing_is_accepted() {
    let h = house().await;
    let (_, token) = h.invited().await;
    let request = h.world.http.post(h.world.url());
    let body = json!({ "query": ACCEPT, "variables": { "token": token } });
    let (status, code) = crate::api::refusal(request.json(&body)).await;
    assert_eq!((status, code.as_str()), (401, "UNAUTHENTICATED"));
    let forged = h.sec.with_credential("qm_x_y_z".to_owned());
    assert_eq!(forged.send(ACCEPT, json!({ "token": token }), None).await.0, 401);
}

#[tokio::test]
async fn the_token_is_shown_once_and_kept_nowhere() {
    let h = house().await;
    let (_, first) = h.sec.send(INVITE, somebody(), Some("once")).await;
    let token = first["data"]["memberInvite"]["token"].as_str().unwrap().to_owned();
    let (_, again) = h.sec.send(INVITE, somebody(), Some("once")).await;
    let again = &again["data"]["memberInvite"];
    assert_eq!((&again["token"], &again["userErrors"]), (&Value::Null, &json!([])));
    assert_eq!(
        again["invitation"]["id"],
        first["data"]["memberInvite"]["invitation"]["id"]
    );
    let part = token.rsplit_once('_').unwrap().1;
    for table in ["invitation", "event", "idempotency", "account"] {
        let sql = format!("SELECT count(*) FROM qm.{table} t WHERE tenant_id = $1 AND position($2 IN t::text) > 0");
        let row = h.world.owner.query_one(&sql, &[&h.shop.tenant.0, &part]).await.unwrap();
        assert_eq!(row.get::<_, i64>(0), 0, "{table}");
    }
}

#[tokio::test]
async fn tokens_that_open_nothing_are_all_answered_alike() {
    let h = house().await;
    let (id, token) = h.invited().await;
    let other = h.world.shop(&strict()).await;
    let known = quartermaster_tenants::id::decode(id.as_str().unwrap()).unwrap().1;
    let made = |tenant: TenantId, id| InvitationToken::generate(tenant.0, id).unwrap().0;
    let parts: Vec<&str> = token.split('_').collect();
    let elsewhere = made(other.tenant, known);
    let swapped = format!("qmi_{}_{}_{}", elsewhere.split('_').nth(1).unwrap(), parts[2], parts[3]);
    let stranger = h.stranger().await;
    let mut told = Vec::new();
    for wrong in [
        made(h.shop.tenant, known),
        made(h.shop.tenant, Uuid::now_v7()),
        made(TenantId::fresh(), known),
        elsewhere,
        swapped,
        String::new(),
        "x".to_owned(),
        token.to_uppercase(),
        token.replacen("qmi", "qm", 1),
    ] {
        told.push(stranger.refused(ACCEPT, json!({ "token": wrong })).await);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(
        (&told[0]["code"], &told[0]["field"]),
        (&json!("NOT_FOUND"), &json!(["token"]))
    );
    // None of them made anybody of the stranger.
    let issuers: i64 = h
        .world
        .owner
        .query_one(
            "SELECT count(*) FROM qm.account WHERE tenant_id = $1 AND status = 'INVITED'",
            &[&h.shop.tenant.0],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(issuers, 1);
    stranger.done(ACCEPT, json!({ "token": token })).await;
}

#[tokio::test]
async fn an_expired_a_revoked_and_a_used_invitation_say_so_to_the_holder_of_the_token() {
    let h = house().await;
    let refused = async |token: &str| {
        let error = h.stranger().await.refused(ACCEPT, json!({ "token": token })).await;
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("INVALID_STATE"), &json!(["token"]))
        );
        error["state"].clone()
    };
    let (expired, token) = h.invited().await;
    let over = "UPDATE qm.invitation SET expires_at = statement_timestamp() WHERE tenant_id = $1";
    h.world.owner.execute(over, &[&h.shop.tenant.0]).await.unwrap();
    assert_eq!(refused(&token).await, "EXPIRED");
    let list =
        "query($s: [InvitationStatus!]) { invitations(filter: { statuses: $s }) { totalCount nodes { id status } } }";
    let found = h.sec.run(list, json!({ "s": ["EXPIRED"] })).await;
    assert_eq!(found["nodes"], json!([{ "id": expired, "status": "EXPIRED" }]));

    let (revoked, token) = h.invited().await;
    let answer = h.sec.done(REVOKE, json!({ "id": revoked })).await["invitation"].clone();
    assert_eq!(
        answer,
        json!({ "status": "REVOKED", "member": { "status": "INACTIVE" } })
    );
    assert_eq!(refused(&token).await, "REVOKED");
    assert_eq!(
        h.sec.refused(REVOKE, json!({ "id": revoked })).await["state"],
        "REVOKED"
    );

    let (used, token) = h.invited().await;
    h.stranger().await.done(ACCEPT, json!({ "token": token })).await;
    assert_eq!(refused(&token).await, "ACCEPTED");
    assert_eq!(h.sec.refused(REVOKE, json!({ "id": used })).await["state"], "ACCEPTED");
}

#[tokio::test]
async fn a_waiting_member_who_was_stopped_is_joined_by_nobody() {
    let h = house().await;
    let made = h.sec.done(INVITE, somebody()).await;
    let stop = "mutation($id: ID!) { memberDeactivate(input: { id: $id, reason: \"no\" }) { userErrors { code } } }";
    h.sec
        .done(stop, json!({ "id": made["invitation"]["member"]["id"] }))
        .await;
    let refused = h
        .stranger()
        .await
        .refused(ACCEPT, json!({ "token": made["token"] }))
        .await;
    assert_eq!(
        (&refused["code"], &refused["state"]),
        (&json!("INVALID_STATE"), &json!("REVOKED"))
    );
    let seen = "query($id: ID!) { invitation(id: $id) { status } }";
    let seen = h.sec.run(seen, json!({ "id": made["invitation"]["id"] })).await;
    assert_eq!(seen["status"], "REVOKED");
}

#[tokio::test]
async fn a_person_with_an_account_in_the_tenant_does_not_get_a_second_one() {
    let h = house().await;
    let member = h.world.member(&h.shop, &["buyer"]).await;
    let (id, token) = h.invited().await;
    let refused = member.refused(ACCEPT, json!({ "token": token })).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("DUPLICATE"), &json!(["token"]))
    );
    let seen = "query($id: ID!) { invitation(id: $id) { status } }";
    assert_eq!(h.sec.run(seen, json!({ "id": id })).await["status"], "PENDING");
}

#[tokio::test]
async fn a_member_of_one_tenant_joins_another_as_the_same_person() {
    let h = house().await;
    let other = h.world.shop(&strict()).await;
    let seller = h.world.member(&other, &["buyer"]).await;
    let (_, token) = h.invited().await;
    let joined = seller.done(ACCEPT, json!({ "token": token })).await;
    let account: MemberId = joined["memberId"].as_str().unwrap().parse().unwrap();
    let person: Option<Uuid> = h
        .world
        .owner
        .query_one(
            "SELECT person_id FROM qm.account WHERE tenant_id = $1 AND id = $2",
            &[&h.shop.tenant.0, &account.0],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(person, seller.op.person);
    let here = h.login(&seller.op.account.to_string(), Some(h.shop.tenant)).await;
    assert_eq!(here.run(VIEWER, json!({})).await["memberId"], joined["memberId"]);
}

#[tokio::test]
async fn an_issuer_that_does_not_speak_for_the_tenant_brings_nobody_in() {
    let h = house().await;
    let (_, token) = h.invited().await;
    let (db, directory) = (h.world.server.db(), h.world.server.directory());
    let issuer: Uuid = h
        .world
        .owner
        .query_one("SELECT id FROM qm.issuer WHERE status = 'ACTIVE' LIMIT 1", &[])
        .await
        .unwrap()
        .get(0);
    let mut login = Login {
        issuer,
        subject: format!("s-{}", Uuid::now_v7()),
        binding: IssuerBinding::Partner(Uuid::now_v7()),
        request_id: Uuid::now_v7(),
        clock_offset: TimeDelta::zero(),
    };
    for binding in [
        IssuerBinding::Partner(Uuid::now_v7()),
        IssuerBinding::Tenant(Uuid::now_v7()),
    ] {
        login.binding = binding;
        let refused = crate::controls::refusals(invitations::accept(db, directory, &login, &token).await);
        assert_eq!(
            (refused[0].code, refused[0].field.join(".")),
            (Code::Forbidden, "token".to_owned())
        );
    }
    assert!(directory.find_login(issuer, &login.subject).await.unwrap().is_none());
    // The shop's partner has the shop's own id.
    login.binding = IssuerBinding::Partner(h.shop.tenant.0);
    invitations::accept(db, directory, &login, &token).await.unwrap();
}

#[tokio::test]
async fn two_logins_racing_for_one_invitation_make_one_member() {
    let h = house().await;
    let (_, token) = h.invited().await;
    let (one, two) = (h.stranger().await, h.stranger().await);
    let asked = json!({ "token": token });
    let (first, second) = tokio::join!(one.run(ACCEPT, asked.clone()), two.run(ACCEPT, asked));
    let joined = [&first, &second].iter().filter(|a| a["memberId"].is_string()).count();
    assert_eq!(joined, 1, "{first:#} {second:#}");
}

#[tokio::test]
async fn whoever_manages_users_invites_and_nobody_else_and_bad_input_is_refused_by_its_field() {
    let h = house().await;
    let buyer = h.world.member(&h.shop, &["buyer"]).await;
    assert_eq!(buyer.refused(INVITE, somebody()).await["code"], "FORBIDDEN");
    let (id, _) = h.invited().await;
    assert_eq!(buyer.refused(REVOKE, json!({ "id": id })).await["code"], "FORBIDDEN");
    let cases = [
        ("email", json!("nobody"), "INVALID_INPUT"),
        ("email", json!(" "), "REQUIRED"),
        ("email", json!("a b@c"), "INVALID_INPUT"),
        ("displayName", json!(""), "REQUIRED"),
        ("locationIds", json!([]), "REQUIRED"),
        ("validUntil", json!("2020-01-01T00:00:00Z"), "INVALID_INPUT"),
    ];
    for (field, value, code) in cases {
        let mut new = somebody();
        new["input"][field] = value;
        let error = h.sec.refused(INVITE, new).await;
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!([field])));
    }
    let all = h.sec.run("{ invitations { totalCount } }", json!({})).await;
    assert_eq!(all["totalCount"], 1);
}

#[tokio::test]
async fn the_life_of_an_invitation_is_on_record() {
    let h = house().await;
    let auditor = h.world.member(&h.shop, &["auditor"]).await;
    let (taken_back, _) = h.invited().await;
    h.sec.done(REVOKE, json!({ "id": taken_back })).await;
    let (id, token) = h.invited().await;
    let joined = h.stranger().await.done(ACCEPT, json!({ "token": token })).await;
    let log = "query($id: ID!) { events(filter: { documentIds: [$id] }, orderBy: OLDEST) { nodes { type documentId actorId actorKind } } }";
    let types = async |of: &Value| {
        let nodes = auditor.run(log, json!({ "id": of })).await["nodes"].clone();
        let nodes = nodes.as_array().unwrap().clone();
        nodes
            .into_iter()
            .map(|e| e["type"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(types(&taken_back).await, ["invitation-issued", "invitation-revoked"]);
    assert_eq!(types(&id).await, ["invitation-issued", "invitation-accepted"]);
    assert_eq!(types(&joined["memberId"]).await, ["member-invited", "member-joined"]);
    let last = auditor.run(log, json!({ "id": id })).await["nodes"][1].clone();
    assert_eq!((&last["documentId"], &last["actorId"]), (&id, &joined["memberId"]));
    assert_eq!(last["actorKind"], "HUMAN");
    assert_eq!(
        auditor.run("{ auditIntegrity { broken } }", json!({})).await["broken"],
        json!([])
    );
}
