//! The platform's operator at the console: a partner begins, with its first administrator and the issuer of its people.
//!
//! There is no seeded super-user. Whoever can connect as the owner of the schema can do this, and nothing that serves can.

use super::{connect, statement};
use crate::error::{Error, Result};
use crate::id::PartnerId;
use crate::identity::token::SigningAlgorithm;
use crate::input::{code, required_text};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use serde_json::json;
use uuid::Uuid;

/// For whom a new issuer may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerScope {
    /// For everybody: the platform's own, and the development issuer.
    Platform,
    /// For the people of the new partner and of its tenants.
    Partner,
}

/// An OpenID issuer, as an operator enters it.
#[derive(Debug, Clone)]
pub struct NewIssuer {
    /// Exactly as its tokens write it in `iss`.
    pub issuer: String,
    /// For whom it may speak.
    pub scope: IssuerScope,
    /// Its algorithms; all that are accepted when empty.
    pub algorithms: Vec<SigningAlgorithm>,
    /// Where its keys are; found by discovery when not given.
    pub jwks_url: Option<String>,
}

/// A partner, as an operator enters it.
#[derive(Debug, Clone)]
pub struct NewPartner {
    /// Short and unique.
    pub code: String,
    /// What people read.
    pub name: String,
    /// Where its people log in.
    pub issuer: NewIssuer,
    /// `sub` of its first administrator at that issuer.
    pub admin_subject: String,
    /// What that person is called.
    pub admin_name: String,
}

const ISSUER: &str = "INSERT INTO qm.issuer (id, issuer, partner_id, algorithms, jwks_url, status, created_at) \
    VALUES ($1, $2, $3, string_to_array($4, ','), $5, 'ACTIVE', statement_timestamp()) ON CONFLICT (issuer) DO NOTHING";
const ISSUER_ROW: &str = "SELECT id, partner_id, bound_tenant_id FROM qm.issuer WHERE issuer = $1";
const PARTNER: &str = "INSERT INTO qm.partner (id, code, name, created_at) VALUES ($1, $2, $3, statement_timestamp()) ON CONFLICT (code) DO NOTHING";
const PARTNER_ROW: &str = "SELECT id FROM qm.partner WHERE code = $1";
const PERSON: &str = "SELECT qm.ensure_person($1, $2, $3, statement_timestamp()) AS person";
const PLATFORM_PERSON: &str = "UPDATE qm.person SET platform = $2 WHERE id = $1";
const MEMBER: &str = "INSERT INTO qm.partner_member (partner_id, person_id, display_name, roles, status, created_at) \
    VALUES ($1, $2, $3, '{partner_admin}', 'ACTIVE', statement_timestamp()) ON CONFLICT (partner_id, person_id) DO NOTHING";
const EVENT: &str = "INSERT INTO qm.directory_event (id, partner_id, type, at, request_id, data) VALUES ($1, $2, 'partner-created', statement_timestamp(), $3, $4)";

/// A partner with its issuer and its first administrator. The same again changes nothing and answers the same.
///
/// # Errors
/// Refusals of the input; an issuer that speaks for somebody else already.
pub async fn partner(owner_url: &str, new: &NewPartner) -> Result<PartnerId> {
    let code = code(&["code"], &new.code)?;
    let name = required_text(&["name"], &new.name, 200)?;
    let admin_name = required_text(&["adminName"], &new.admin_name, 200)?;
    let subject = required_text(&["adminSubject"], &new.admin_subject, 255)?;
    let db = owner(owner_url).await?;
    let tx = db.begin().await?;
    let fresh = Uuid::now_v7();
    let values = vec![fresh.into(), code.clone().into(), name.into()];
    let made = tx.execute_raw(statement(PARTNER, values)).await?.rows_affected() == 1;
    let row = tx
        .query_one_raw(statement(PARTNER_ROW, vec![code.clone().into()]))
        .await?;
    let partner: Uuid = row
        .ok_or_else(|| Error::internal("the partner was not made"))?
        .try_get("", "id")?;
    let issuer = bind(&tx, &new.issuer, partner).await?;
    let values = vec![issuer.into(), subject.into(), Uuid::now_v7().into()];
    let row = tx.query_one_raw(statement(PERSON, values)).await?;
    let person: Uuid = row
        .ok_or_else(|| Error::internal("the person was not made"))?
        .try_get("", "person")?;
    if made {
        let values = vec![partner.into(), person.into(), admin_name.into()];
        tx.execute_raw(statement(MEMBER, values)).await?;
        let data = json!({ "code": code, "issuer": new.issuer.issuer, "firstAdministrator": person });
        let values = vec![
            Uuid::now_v7().into(),
            partner.into(),
            Uuid::now_v7().into(),
            data.into(),
        ];
        tx.execute_raw(statement(EVENT, values)).await?;
    }
    tx.commit().await?;
    Ok(PartnerId(partner))
}

/// An issuer that speaks for the whole platform: the development issuer of a demonstration.
///
/// # Errors
/// What the database said; an issuer that speaks for somebody else already.
pub async fn platform_issuer(owner_url: &str, issuer: &NewIssuer) -> Result<Uuid> {
    let db = owner(owner_url).await?;
    let tx = db.begin().await?;
    let id = bind(&tx, issuer, Uuid::nil()).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes the person of a login in among the platform's people, or out again. Two of them, neither of whom proposed it, can give an
/// administrator to a tenant that has none left; nothing else is open to them.
///
/// # Errors
/// An issuer that is not known, or is not the platform's: a partner or a tenant could name people through its own.
pub async fn platform_person(owner_url: &str, issuer: &str, subject: &str, belongs: bool) -> Result<Uuid> {
    let subject = required_text(&["subject"], subject, 255)?;
    let db = owner(owner_url).await?;
    let tx = db.begin().await?;
    let row = tx.query_one_raw(statement(ISSUER_ROW, vec![issuer.into()])).await?;
    let row = row.ok_or_else(|| crate::Refusal::not_found(&["issuer"], "issuer"))?;
    let bound: (Option<Uuid>, Option<Uuid>) = (row.try_get("", "partner_id")?, row.try_get("", "bound_tenant_id")?);
    if bound != (None, None) {
        let message = "The platform's people log in at an issuer of the platform.";
        return Err(crate::Refusal::invalid(&["issuer"], message).into());
    }
    let id: Uuid = row.try_get("", "id")?;
    let values = vec![id.into(), subject.into(), Uuid::now_v7().into()];
    let row = tx.query_one_raw(statement(PERSON, values)).await?;
    let person: Uuid = row
        .ok_or_else(|| Error::internal("the person was not made"))?
        .try_get("", "person")?;
    tx.execute_raw(statement(PLATFORM_PERSON, vec![person.into(), belongs.into()]))
        .await?;
    tx.commit().await?;
    Ok(person)
}

async fn bind(tx: &DatabaseTransaction, new: &NewIssuer, partner: Uuid) -> Result<Uuid> {
    let text = required_text(&["issuer"], &new.issuer, 500)?;
    let scope = match new.scope {
        IssuerScope::Platform => None,
        IssuerScope::Partner => Some(partner),
    };
    let algorithms = if new.algorithms.is_empty() {
        &SigningAlgorithm::ALL[..]
    } else {
        &new.algorithms
    };
    let algorithms: Vec<&str> = algorithms.iter().map(|a| a.as_str()).collect();
    let values = vec![
        Uuid::now_v7().into(),
        text.clone().into(),
        scope.into(),
        algorithms.join(",").into(),
        new.jwks_url.clone().into(),
    ];
    tx.execute_raw(statement(ISSUER, values)).await?;
    let row = tx
        .query_one_raw(statement(ISSUER_ROW, vec![text.into()]))
        .await?
        .ok_or_else(|| Error::internal("the issuer was not made"))?;
    let bound: (Option<Uuid>, Option<Uuid>) = (row.try_get("", "partner_id")?, row.try_get("", "bound_tenant_id")?);
    if bound != (scope, None) {
        let message = "This issuer speaks for somebody else already.";
        return Err(crate::Refusal::new(crate::error::Code::Duplicate, &["issuer"], message).into());
    }
    Ok(row.try_get("", "id")?)
}

async fn owner(url: &str) -> Result<DatabaseConnection> {
    connect(url, 1, false).await
}
