//! Take a person into the partner, as an operator.

use super::ROLE;
use crate::directory::{Directory, PartnerOp};
use crate::error::{Code, Refusal, Result};
use crate::id::PartnerMemberId;
use crate::input::required_text;
use crate::policy::Duty;
use crate::tx::{Outcome, Tenants};
use serde_json::json;

/// A person who is to work for the partner, by a known login.
#[derive(Debug, Clone)]
pub struct NewPartnerMember {
    /// `iss` of the person's tokens.
    pub issuer: String,
    /// `sub` of the person's tokens, byte for byte.
    pub subject: String,
    /// What the person is called; people of tenants read it.
    pub display_name: String,
}

/// One who left comes back under the name that is given now, with this role alone.
const MEMBER: &str = "INSERT INTO qm.partner_member AS m (partner_id, person_id, display_name, roles, status, created_at) VALUES ($1, $2, $3, ARRAY[$4], 'ACTIVE', $5) \
    ON CONFLICT (partner_id, person_id) DO UPDATE SET display_name = excluded.display_name, roles = excluded.roles, status = 'ACTIVE' WHERE m.status <> 'ACTIVE' RETURNING m.person_id";

/// → Active, as `msp_operator`: who may be proposed to tenants, and gets into none by it.
///
/// # Errors
/// Refusals of authority and input; `DUPLICATE` for one of the partner's people.
pub async fn member_create(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    new: &NewPartnerMember,
) -> Result<Outcome> {
    let display_name = required_text(&["displayName"], &new.display_name, 200)?;
    required_text(&["subject"], &new.subject, 255)?;
    let tx = by.begin(directory, db, Duty::PtnOperatorAssign).await?;
    let issuer = directory.find_issuer(&new.issuer).await?;
    let speaks = issuer.filter(|i| i.tenant.is_none() && i.partner.is_none_or(|p| p == by.partner.0));
    let Some(issuer) = speaks else {
        let message = "This issuer is not known, or does not speak for people of this partner.";
        return Err(Refusal::invalid(&["issuer"], message).into());
    };
    let person = directory.ensure_person(issuer.id, &new.subject).await?;
    let values = vec![
        by.partner.0.into(),
        person.into(),
        display_name.into(),
        ROLE.into(),
        tx.now().into(),
    ];
    if tx.rows(MEMBER, values).await?.is_empty() {
        let message = "This person works for the partner already.";
        return Err(Refusal::new(Code::Duplicate, &["subject"], message).into());
    }
    let data = json!({ "partnerMemberId": PartnerMemberId(person).to_string(), "roles": [ROLE] });
    tx.record(by, "partner-member-created", None, data).await?;
    tx.finish(by, Outcome::done(person, 1)).await
}
