//! The partner, its networks, and its tenants with their founders.

use super::{SetupError, Stage, document};
use crate::commands::replay::world::{Place, World};
use quartermaster_demo::description::TenantKind as Kind;
use quartermaster_demo::plan::{Function, TenantPlan};
use quartermaster_tenants::authenticate::{Caller, Denied};
use quartermaster_tenants::directory::bootstrap::{self, IssuerScope, NewIssuer, NewPartner};
use quartermaster_tenants::directory::{Founder, FounderRole, NewTenant, TenantKind, network_create, tenant_create};
use quartermaster_tenants::id::{PartnerId, TenantId};
use quartermaster_tenants::settings::Settings;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Makes the partner; a repeat answers the same.
pub(super) async fn begin(stage: &Stage<'_>) -> Result<PartnerId, SetupError> {
    let description = &stage.plan.description;
    let admin = &stage.plan.partner_admin;
    let issuer = NewIssuer {
        issuer: stage.issuer.issuer().to_owned(),
        scope: IssuerScope::Platform,
        algorithms: Vec::new(),
        jwks_url: None,
    };
    let partner = NewPartner {
        code: description.partner.code.clone(),
        name: description.partner.name.clone(),
        issuer,
        admin_subject: admin.subject.clone(),
        admin_name: admin.display_name.clone(),
    };
    bootstrap::partner(stage.owner_url, &partner)
        .await
        .map_err(|source| SetupError::Act {
            what: format!("the partner {}", partner.code),
            source,
        })
}

/// Makes its networks and tenants; a repeat answers the same.
pub(super) async fn tenants(stage: &Stage<'_>, id: PartnerId) -> Result<World, SetupError> {
    let description = &stage.plan.description;
    let admin = &stage.plan.partner_admin;
    let Caller::Partner(op) = stage.who(&admin.subject, Some(id.to_string())).await? else {
        return Err(SetupError::Person {
            who: admin.subject.clone(),
            source: Denied::NoAccount,
        });
    };
    let mut networks: BTreeMap<&str, Uuid> = BTreeMap::new();
    for network in &description.networks {
        let made = network_create(stage.directory, stage.db, &op, &network.code, &network.name).await;
        networks.insert(&network.code, document(made, &format!("the network {}", network.code))?);
    }
    let mut world = World::default();
    for tenant in &stage.plan.tenants {
        let network = tenant.entry.network.as_deref().and_then(|code| networks.get(code));
        let new = new_tenant(stage, tenant, network.copied());
        let made = tenant_create(stage.directory, stage.db, &op, &new).await;
        let made = document(made, &format!("the tenant {}", tenant.entry.code))?;
        let place = Place {
            tenant: TenantId(made).to_string(),
            ..Place::default()
        };
        world.tenants.insert(tenant.entry.code.clone(), place);
    }
    Ok(world)
}

fn new_tenant(stage: &Stage<'_>, tenant: &TenantPlan, network: Option<Uuid>) -> NewTenant {
    let description = &stage.plan.description;
    let founders = tenant.people.iter().filter_map(|person| {
        let role = match person.function {
            Function::SecurityAdmin => FounderRole::SecurityAdmin,
            Function::TenantAdmin => FounderRole::TenantAdmin,
            _ => return None,
        };
        Some(Founder {
            issuer: stage.issuer.issuer().to_owned(),
            subject: person.subject.clone(),
            display_name: person.display_name.clone(),
            email: Some(person.email.clone()),
            role,
        })
    });
    NewTenant {
        code: tenant.entry.code.clone(),
        name: tenant.entry.name.clone(),
        kind: match tenant.entry.kind {
            Kind::Brand => TenantKind::Retailer,
            Kind::Franchisor => TenantKind::Franchisor,
            Kind::Franchisee => TenantKind::Franchisee,
        },
        network,
        locale: description.locale.clone(),
        time_zone: description.time_zone.clone(),
        country: description.country.clone(),
        // Every order has an approver, and an approved one is released by rule.
        settings: Settings {
            currency: description.currency.clone(),
            approval_limits: [0, 5_000, 50_000, 500_000].map(Decimal::from),
            release_on_approval: true,
            ..Settings::default()
        },
        founders: founders.collect(),
        location: None,
        branding: None,
    }
}
