//! Members and their roles: a security administrator proposes, a tenant administrator approves.

use super::{SetupError, Stage, act};
use crate::commands::replay::world::Place;
use futures::{StreamExt, TryStreamExt, stream};
use quartermaster_demo::plan::{Function, Person, TenantPlan};
use quartermaster_tenants::Op;
use quartermaster_tenants::authenticate::Denied;
use quartermaster_tenants::id::{LocationId, RoleAssignmentId, TenantId};
use quartermaster_tenants::members::{self, NewAssignment, NewMember};

/// Members are made so many at a time.
const AT_ONCE: usize = 4;

/// Gives the tenant its people; founders are there already.
pub(super) async fn employ(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<(), SetupError> {
    let (security, admin) = administrators(stage, tenant, place).await?;
    let newcomers = tenant
        .people
        .iter()
        .filter(|person| !matches!(person.function, Function::SecurityAdmin | Function::TenantAdmin));
    stream::iter(newcomers)
        .map(|person| one(stage, &security, &admin, place, person, person.function.role()))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await
        .map(drop)
}

/// Gives one more person a role of this name.
pub(super) async fn one_more(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    person: &Person,
    role: &str,
) -> Result<(), SetupError> {
    let (security, admin) = administrators(stage, tenant, place).await?;
    one(stage, &security, &admin, place, person, role).await
}

/// Who proposes, and who approves.
async fn administrators(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<(Op, Op), SetupError> {
    let id: TenantId = place.tenant.parse().unwrap_or(TenantId(uuid::Uuid::nil()));
    let founder = |function| {
        tenant.office(function).next().ok_or_else(|| SetupError::Person {
            who: format!("the {function:?} of {}", tenant.entry.code),
            source: Denied::NoAccount,
        })
    };
    let security = stage.op(founder(Function::SecurityAdmin)?, id).await?;
    let admin = stage.op(founder(Function::TenantAdmin)?, id).await?;
    Ok((security, admin))
}

async fn one(
    stage: &Stage<'_>,
    security: &Op,
    admin: &Op,
    place: &Place,
    person: &Person,
    role: &str,
) -> Result<(), SetupError> {
    let store = person.store.as_deref().and_then(|store| place.locations.get(store));
    let new = NewMember {
        issuer: stage.issuer.issuer().to_owned(),
        subject: person.subject.clone(),
        display_name: person.display_name.clone(),
        email: Some(person.email.clone()),
        locations: store
            .and_then(|id| id.parse::<LocationId>().ok())
            .map(|location| vec![location.0]),
        valid_until: None,
    };
    let op = stage.repeatable(security, &person.subject, "memberCreate");
    let member = act!(
        stage,
        &format!("the member {}", person.subject),
        &op,
        members::create(stage.db, stage.directory, &op, &new)
    );
    let new = NewAssignment {
        member,
        role: role.to_owned(),
        valid_from: None,
        valid_until: None,
    };
    let op = stage.repeatable(security, &person.subject, "roleAssignmentPropose");
    let what = format!("the role {} of {}", new.role, person.subject);
    let assignment = act!(stage, &what, &op, members::propose(stage.db, &op, &new));
    let op = stage.repeatable(admin, &person.subject, "roleAssignmentApprove");
    act!(
        stage,
        &what,
        &op,
        members::approve(stage.db, &op, RoleAssignmentId(assignment), None)
    );
    Ok(())
}
