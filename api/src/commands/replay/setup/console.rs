//! What only the platform's operator does, at the console: the partner begins, with its first administrator and the issuer of
//! its people. Everything else goes through the API.

use super::SetupError;
use quartermaster_demo::Plan;
use quartermaster_tenants::directory::bootstrap::{self, IssuerScope, NewIssuer, NewPartner};

/// Makes the partner and answers its id, as `ptn_…`; a repeat answers the same.
///
/// # Errors
/// [`SetupError::Partner`]
pub async fn partner(plan: &Plan, owner_url: &str, issuer: &str) -> Result<String, SetupError> {
    let admin = &plan.partner_admin;
    let issuer = NewIssuer {
        issuer: issuer.to_owned(),
        scope: IssuerScope::Platform,
        algorithms: Vec::new(),
        jwks_url: None,
    };
    let partner = NewPartner {
        code: plan.description.partner.code.clone(),
        name: plan.description.partner.name.clone(),
        issuer,
        admin_subject: admin.subject.clone(),
        admin_name: admin.display_name.clone(),
    };
    let made = bootstrap::partner(owner_url, &partner).await;
    made.map(|id| id.to_string()).map_err(|source| SetupError::Partner {
        code: partner.code,
        source,
    })
}
