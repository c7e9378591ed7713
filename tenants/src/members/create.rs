//! Create a member whose login is known.

use super::account::{Member, MemberStatus};
use super::repo::{self, MemberDetails};
use crate::act::{Standing, Subject};
use crate::authenticate::speaks_for;
use crate::directory::Directory;
use crate::error::{Code, Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::MemberId;
use crate::identity::token::IssuerBinding;
use crate::input::{Refusals, optional_text, required_text};
use crate::op::{AccountKind, Op};
use crate::policy::{DocumentKind, Duty, duty};
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

/// A person who is to belong to the tenant.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// `iss` of the person's tokens.
    pub issuer: String,
    /// `sub` of the person's tokens, byte for byte.
    pub subject: String,
    /// What the person is called here.
    pub display_name: String,
    /// For messages.
    pub email: Option<String>,
    /// The locations that the member sees and acts at; all when not given.
    pub locations: Option<Vec<Uuid>>,
    /// The account ends by itself.
    pub valid_until: Option<DateTime<Utc>>,
}

const HERE: &str = "SELECT 1 AS one FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = $2";

/// → Active, without any role.
///
/// # Errors
/// Refusals of authority and input; `DUPLICATE` when the person has an account here.
pub async fn create(db: &Tenants, directory: &Directory, op: &Op, new: &NewMember) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let id = MemberId::fresh();
    let mut reads = Flight::new();
    let known = repo::known_locations(op, new.locations.as_deref(), &mut reads);
    let subject = Subject::new(DocumentKind::UserAccount, id);
    let (mut facts, landing) = tx.facts(subject, &[Duty::UsrManage], reads).await?;
    let created = facts.authorize::<duty::UsrManage>(&Standing::new_document())?;

    let mut refusals = Refusals::default();
    let display_name = refusals.take(required_text(&["displayName"], &new.display_name, 200));
    let email = refusals.take(optional_text(&["email"], new.email.as_deref(), 320));
    refusals.take(required_text(&["subject"], &new.subject, 255));
    let locations = refusals.take(checked_locations(new.locations.as_deref(), landing.get(known).len()));
    if new.valid_until.is_some_and(|u| u <= facts.now) {
        refusals.push(Refusal::invalid(
            &["validUntil"],
            "The account would have ended already.",
        ));
    }
    refusals.finish()?;
    let person = person(directory, op, &new.issuer, &new.subject).await?;
    let mut reads = Flight::new();
    let here = reads.rows(HERE, params![op.tenant.0, person]);
    if tx.fly(reads).await?.optional(here).is_some() {
        let message = "This person has an account in the tenant.";
        return Err(Refusal::new(Code::Duplicate, &["subject"], message).into());
    }

    let mut member = Member {
        id: id.0,
        person: Some(person),
        sponsor: None,
        kind: AccountKind::Human,
        status: MemberStatus::Active,
        trail: Trail::new(),
    };
    member.trail.touch();
    let data = json!({ "kind": "HUMAN", "allLocations": new.locations.is_none(), "validUntil": new.valid_until });
    tx.record(
        Event::new("member-created", "USER_ACCOUNT", id, data).of_act(created.act()),
        &mut member.trail,
    )?;
    let mut writes = Flight::new();
    let locations = locations.flatten();
    let details = MemberDetails {
        display_name: display_name.as_deref().unwrap_or_default(),
        email: email.as_ref().and_then(Option::as_deref),
        locations: locations.as_deref(),
        valid_until: new.valid_until,
    };
    repo::insert_member(&tx, created, &member, &details, &mut writes)?;
    tx.commit(writes, Outcome::done(id, member.trail.version)).await
}

/// The person of a login whose issuer may speak for this tenant.
async fn person(directory: &Directory, op: &Op, issuer: &str, subject: &str) -> Result<Uuid> {
    let issuer = directory.find_issuer(issuer).await?;
    let tenant = directory.find_tenant(op.tenant).await?.ok_or(Error::Inactive)?;
    let speaks = issuer.filter(|i| {
        let binding = match (i.partner, i.tenant) {
            (_, Some(tenant)) => IssuerBinding::Tenant(tenant),
            (Some(partner), None) => IssuerBinding::Partner(partner),
            (None, None) => IssuerBinding::Platform,
        };
        speaks_for(binding, op.tenant, tenant)
    });
    let Some(issuer) = speaks else {
        let message = "This issuer is not known, or does not speak for people of this tenant.";
        return Err(Refusal::invalid(&["issuer"], message).into());
    };
    directory.ensure_person(issuer.id, subject).await
}

/// Locations, each once and each known; `None` is all of them.
pub(crate) fn checked_locations(wanted: Option<&[Uuid]>, known: usize) -> Result<Option<Vec<Uuid>>, Refusal> {
    let Some(wanted) = wanted else { return Ok(None) };
    let mut ids = wanted.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        let message = "A member limited to locations has at least one.";
        return Err(Refusal::new(Code::Required, &["locationIds"], message));
    }
    if ids.len() != known {
        return Err(Refusal::not_found(&["locationIds"], "location"));
    }
    Ok(Some(ids))
}
