//! The partner's networks and tenants, and the settings that a replay needs.

use super::{SetupError, Stage, failed, somebody};
use crate::commands::replay::client::{Caller, text};
use crate::commands::replay::world::{Place, World};
use quartermaster_demo::description::TenantKind;
use quartermaster_demo::plan::{Function, TenantPlan};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NETWORK: &str = "mutation NetworkCreate($input: NetworkCreateInput!) { networkCreate(input: $input) { networkId userErrors { code message field } } }";
const TENANT: &str = "mutation TenantCreate($input: TenantCreateInput!) { tenantCreate(input: $input) { tenant { id } userErrors { code message field } } }";
const EDIT: &str = "mutation SettingsEdit($input: WorkflowRuleEditInput!) { workflowRuleEdit(input: $input) { workflowRule { id } userErrors { code message field } } }";
const PUBLISH: &str = "mutation SettingsPublish($input: WorkflowRulePublishInput!) { workflowRulePublish(input: $input) { workflowRule { id } userErrors { code message field } } }";

/// Makes the networks and the tenants, by the partner's administrator; the API answers the same for the same code.
pub(super) async fn create(stage: &Stage<'_>) -> Result<World, SetupError> {
    let description = &stage.plan.description;
    let caller = Caller {
        subject: &stage.plan.partner_admin.subject,
        side: stage.partner,
    };
    let mut networks: BTreeMap<&str, String> = BTreeMap::new();
    for network in &description.networks {
        let make = async {
            let key = stage.key(&network.code, "networkCreate");
            let input = json!({ "code": network.code, "name": network.name });
            let made = stage.client.act(caller, key, NETWORK, json!({ "input": input })).await;
            let made = made.map_err(failed(format!("the network {}", network.code)))?;
            Ok(text(&made["networkId"]))
        };
        networks.insert(&network.code, stage.once(&network.code, "network", make).await?);
    }
    let mut world = World::default();
    // One after the other: a franchisee's network must have its franchisor.
    for tenant in &stage.plan.tenants {
        let code = &tenant.entry.code;
        let network = tenant.entry.network.as_deref().and_then(|code| networks.get(code));
        let make = async {
            let key = stage.key(code, "tenantCreate");
            let input = new_tenant(stage, tenant, network);
            let made = stage.client.act(caller, key, TENANT, json!({ "input": input })).await;
            let made = made.map_err(failed(format!("the tenant {code}")))?;
            Ok(text(&made["tenant"]["id"]))
        };
        let place = Place {
            tenant: stage.once(code, "tenant", make).await?,
            ..Place::default()
        };
        world.tenants.insert(code.clone(), place);
    }
    Ok(world)
}

fn new_tenant(stage: &Stage<'_>, tenant: &TenantPlan, network: Option<&String>) -> Value {
    let description = &stage.plan.description;
    let founders = tenant.people.iter().filter_map(|person| {
        let role = match person.function {
            Function::SecurityAdmin => "SECURITY_ADMIN",
            Function::TenantAdmin => "TENANT_ADMIN",
            _ => return None,
        };
        Some(json!({
            "issuer": stage.issuer,
            "subject": person.subject,
            "displayName": person.display_name,
            "email": person.email,
            "role": role,
        }))
    });
    let kind = match tenant.entry.kind {
        TenantKind::Brand => "RETAILER",
        TenantKind::Franchisor => "FRANCHISOR",
        TenantKind::Franchisee => "FRANCHISEE",
    };
    json!({
        "code": tenant.entry.code,
        "name": tenant.entry.name,
        "kind": kind,
        "networkId": network,
        "locale": description.locale,
        "timeZone": description.time_zone,
        "countryCode": description.country,
        "currencyCode": description.currency,
        "founders": founders.collect::<Value>(),
    })
}

/// Sets the lowest approval limit to zero, so that every order has an approver, and releases what is approved. One person
/// edits, another publishes.
pub(super) async fn configure(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<(), SetupError> {
    let code = &tenant.entry.code;
    let what = || failed(format!("the settings of {code}"));
    let (editor, publisher) = (
        somebody(tenant, Function::SecurityAdmin)?,
        somebody(tenant, Function::TenantAdmin)?,
    );
    let publish = async {
        let input = json!({
            "settings": { "approvalLimits": ["0", "5000", "50000", "500000"], "releaseOnApproval": true },
            "note": "Every order has an approver, and an approved one is released.",
        });
        let key = stage.key(code, "workflowRuleEdit");
        let call = stage
            .client
            .act(place.caller(editor), key, EDIT, json!({ "input": input }));
        let rule = text(&call.await.map_err(what())?["workflowRule"]["id"]);
        let key = stage.key(code, "workflowRulePublish");
        let input = json!({ "input": { "id": rule } });
        let call = stage.client.act(place.caller(publisher), key, PUBLISH, input);
        call.await.map_err(what())?;
        Ok(rule)
    };
    stage.once(code, "settings", publish).await.map(drop)
}
