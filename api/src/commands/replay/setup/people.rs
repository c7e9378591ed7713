//! Members and their roles, many in one call: a security administrator makes them and proposes their roles, a tenant
//! administrator approves.

use super::{SetupError, Stage, failed, somebody};
use crate::commands::replay::client::text;
use crate::commands::replay::world::Place;
use quartermaster_demo::plan::{Function, Person, TenantPlan};
use serde_json::{Value, json};

const CREATE: &str = "mutation MembersCreate($input: MemberCreateBulkInput!) { memberCreateBulk(input: $input) { results { member { id } userErrors { code message field } } } }";
const PROPOSE: &str = "mutation RolesPropose($input: RoleAssignmentProposeBulkInput!) { roleAssignmentProposeBulk(input: $input) { results { roleAssignment { id } userErrors { code message field } } } }";
const APPROVE: &str = "mutation RolesApprove($input: RoleAssignmentApproveBulkInput!) { roleAssignmentApproveBulk(input: $input) { results { roleAssignment { id } userErrors { code message field } } } }";

/// People in one call: the most that a bulk mutation takes is twice as many.
const BATCH: usize = 50;

/// Those who work for the whole tenant; its founders are there already.
pub(super) async fn office(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<(), SetupError> {
    let founder = |person: &Person| matches!(person.function, Function::SecurityAdmin | Function::TenantAdmin);
    some(stage, tenant, place, |person| {
        person.store.is_none() && !founder(person)
    })
    .await
}

/// Those who work for one store each, and see no other.
pub(super) async fn stores(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<(), SetupError> {
    some(stage, tenant, place, |person| person.store.is_some()).await
}

async fn some(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    wanted: impl Fn(&Person) -> bool,
) -> Result<(), SetupError> {
    let people: Vec<_> = tenant
        .people
        .iter()
        .filter(|person| wanted(person))
        .map(|person| (person, person.function.role()))
        .collect();
    for batch in people.chunks(BATCH) {
        employ(stage, tenant, place, batch).await?;
    }
    Ok(())
}

/// Makes members of these people, each with a role of this name; a repeat changes nothing.
pub(super) async fn employ(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    people: &[(&Person, &str)],
) -> Result<(), SetupError> {
    let Some((first, _)) = people.first() else {
        return Ok(());
    };
    let code = &tenant.entry.code;
    let security = place.caller(somebody(tenant, Function::SecurityAdmin)?);
    let admin = place.caller(somebody(tenant, Function::TenantAdmin)?);
    let key = |step: &str| stage.key(&first.subject, &format!("{step}/{}", people.len()));
    let what = |what: &str| failed(format!("{what} of {code}, from {} on", first.subject));
    let act = async {
        let new = people.iter().map(|(person, _)| new_member(stage, place, person));
        let members = stage
            .client
            .act_bulk(security, key("memberCreateBulk"), CREATE, new.collect());
        let members = members.await.map_err(what("members"))?;
        let proposals = members.iter().zip(people).map(|(made, (_, role))| {
            let member = &made["member"]["id"];
            json!({ "memberId": member, "role": role })
        });
        let proposed = stage
            .client
            .act_bulk(security, key("roleAssignmentProposeBulk"), PROPOSE, proposals.collect());
        let proposed = proposed.await.map_err(what("proposed roles"))?;
        let approvals = proposed
            .iter()
            .map(|made| json!({ "id": made["roleAssignment"]["id"] }))
            .collect();
        let approved = stage
            .client
            .act_bulk(admin, key("roleAssignmentApproveBulk"), APPROVE, approvals);
        approved.await.map_err(what("approved roles"))?;
        let ids: Vec<String> = members.iter().map(|made| text(&made["member"]["id"])).collect();
        Ok(ids.join(" "))
    };
    let step = format!("{} people from {} on", people.len(), first.subject);
    stage.once(code, &step, act).await.map(drop)
}

fn new_member(stage: &Stage<'_>, place: &Place, person: &Person) -> Value {
    let store = person.store.as_deref().map(|store| [place.locations.get(store)]);
    json!({
        "issuer": stage.issuer,
        "subject": person.subject,
        "displayName": person.display_name,
        "email": person.email,
        "locationIds": store,
    })
}
