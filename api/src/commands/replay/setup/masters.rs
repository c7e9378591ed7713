//! Stores, suppliers, items and prices: files that one person uploads and another approves.
//!
//! Lines that the product refuses are told. Of items whose number another item has already, the file of refused lines is
//! fetched, the numbers taken out, and the rest uploaded once more, as a steward would.

use super::{SetupError, Stage, corrections, earlier, failed, files, somebody};
use crate::commands::replay::client::{CallError, Import, OnInvalidGtin, Upload};
use crate::commands::replay::world::Place;
use bytes::Bytes;
use quartermaster_demo::Plan;
use quartermaster_demo::plan::{Function, TenantPlan};
use serde_json::json;

const CATEGORY: &str = "mutation CategoryCreate($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } userErrors { code message field } } }";
const APPROVE_SUPPLIERS: &str = "mutation SuppliersApprove($input: SupplierChangeApproveInput!) { supplierChangeApprove(input: $input) { supplierChange { id } userErrors { code message field } } }";
const APPROVE_ITEMS: &str = "mutation ItemsApprove($input: ItemChangeApproveInput!) { itemChangeApprove(input: $input) { itemChange { id } userErrors { code message field } } }";
const APPROVE_PRICES: &str = "mutation PricesApprove($input: PriceListApproveInput!) { priceListApprove(input: $input) { priceList { id } userErrors { code message field } } }";

/// A file that did not arrive is sent so often.
const ATTEMPTS: u32 = 5;

/// A line names one refused number at a time, and an item has so many columns of numbers.
const CORRECTIONS: usize = corrections::NUMBERS.len();

/// One kind of file, and the two people behind it.
pub(super) struct Kind {
    pub(super) name: &'static str,
    content: fn(&Plan, &TenantPlan) -> Result<Bytes, csv::Error>,
    pub(super) importer: Function,
    /// Who approves, and how; a harmless setting needs nobody.
    approval: Option<(Function, &'static str)>,
}

/// In the order that each needs the ones before it.
const KINDS: [Kind; 4] = [
    Kind {
        name: "locations",
        content: files::locations,
        importer: Function::TenantAdmin,
        approval: None,
    },
    Kind {
        name: "suppliers",
        content: files::suppliers,
        importer: Function::SupplierSteward,
        approval: Some((Function::SupplierApprover, APPROVE_SUPPLIERS)),
    },
    Kind {
        name: "items",
        content: files::items,
        importer: Function::CategoryManager,
        approval: Some((Function::PricingManager, APPROVE_ITEMS)),
    },
    Kind {
        name: "prices",
        content: files::prices,
        importer: Function::CategoryManager,
        approval: Some((Function::PricingManager, APPROVE_PRICES)),
    },
];

/// Imports them; answers a sentence for each file.
pub(super) async fn import(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<Vec<String>, SetupError> {
    let code = &tenant.entry.code;
    stage.once(code, "categories", categories(stage, tenant, place)).await?;
    let mut told = Vec::new();
    for kind in &KINDS {
        let file = async {
            let content = (kind.content)(stage.plan, tenant).map_err(|e| written(kind, code, &e))?;
            one(stage, tenant, place, kind, &content).await
        };
        told.push(stage.once(code, kind.name, file).await?);
    }
    Ok(told)
}

/// The categories that items name must be there before: a setting of the tenant, made by its administrator.
async fn categories(stage: &Stage<'_>, tenant: &TenantPlan, place: &Place) -> Result<String, SetupError> {
    let tenant_code = &tenant.entry.code;
    let admin = place.caller(somebody(tenant, Function::TenantAdmin)?);
    let categories = files::categories(stage.plan, tenant);
    for (code, name) in &categories {
        let key = stage.key(tenant_code, &format!("categoryCreate/{code}"));
        let input = json!({ "input": { "code": code, "name": name } });
        let made = stage.client.act(admin, key, CATEGORY, input).await;
        made.map_err(failed(format!("the category {code} of {tenant_code}")))?;
    }
    Ok(categories.len().to_string())
}

/// Uploads one file, corrects what can be corrected, has it approved.
async fn one(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    kind: &Kind,
    content: &Bytes,
) -> Result<String, SetupError> {
    let code = &tenant.entry.code;
    let importer = place.caller(somebody(tenant, kind.importer)?);
    let mut import = send(stage, tenant, place, kind, kind.name, content).await?;
    let mut told = format!("{code}: {}", sentence(kind, &import));
    for round in 1..=CORRECTIONS {
        let Some(path) = import.refused_file.as_deref() else {
            break;
        };
        let what = || failed(format!("the refused {} of {code}", kind.name));
        let refused = stage.client.download(importer, path).await.map_err(what())?;
        let better = corrections::corrected(&refused).map_err(|e| written(kind, code, &e))?;
        let Some(better) = better else { break };
        let name = format!("{}, corrected {round}", kind.name);
        import = send(stage, tenant, place, kind, &name, &better).await?;
        told.push_str("; corrected and sent again: ");
        told.push_str(&sentence(kind, &import));
    }
    Ok(told)
}

async fn send(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    kind: &Kind,
    name: &str,
    content: &Bytes,
) -> Result<Import, SetupError> {
    let code = &tenant.entry.code;
    let importer = place.caller(somebody(tenant, kind.importer)?);
    let what = || failed(format!("the {name} of {code}"));
    let upload = Upload {
        kind: kind.name,
        name,
        on_invalid_gtin: OnInvalidGtin::Omit,
        content,
    };
    let key = stage.key(code, &format!("import/{name}"));
    let mut attempt = 1;
    let import = loop {
        earlier::settle(stage, tenant, place, kind).await?;
        match stage.client.upload(importer, key, upload).await {
            Err(error) if error.may_pass() && attempt < ATTEMPTS => attempt += 1,
            done => break done.map_err(what())?,
        }
    };
    if !["PROPOSED", "APPLIED", "UNCHANGED"].contains(&import.state.as_str()) {
        let why = format!("{} is {}: {:?}", import.id, import.state, import.failure);
        return Err(what()(CallError::strange(&why)));
    }
    if let Some(change) = import.change.as_ref().filter(|_| import.state == "PROPOSED") {
        approve(stage, tenant, place, kind, &change.id).await?;
    }
    Ok(import)
}

/// Another person approves what was proposed.
pub(super) async fn approve(
    stage: &Stage<'_>,
    tenant: &TenantPlan,
    place: &Place,
    kind: &Kind,
    change: &str,
) -> Result<(), SetupError> {
    let Some((approver, document)) = kind.approval else {
        return Ok(());
    };
    let code = &tenant.entry.code;
    let approver = place.caller(somebody(tenant, approver)?);
    let key = stage.key(code, &format!("approve/{change}"));
    let input = json!({ "input": { "id": change } });
    let approved = stage.client.act(approver, key, document, input).await;
    approved
        .map(drop)
        .map_err(failed(format!("the {} of {code}", kind.name)))
}

/// What became of a file, for people, on one line.
fn sentence(kind: &Kind, import: &Import) -> String {
    let mut told = format!("{} {}, {} new", import.lines, kind.name, import.created);
    if import.omitted_gtins > 0 {
        told.push_str(&format!(
            ", {} numbers left out that are no GTINs",
            import.omitted_gtins
        ));
    }
    if import.refused > 0 {
        told.push_str(&format!(", {} refused", import.refused));
        let first = import.refusals.iter().find(|refusal| !refusal.omitted);
        if let Some(first) = first {
            told.push_str(&format!(
                " (line {} {}: {})",
                first.line_number, first.field, first.message
            ));
        }
    }
    told.replace(['\t', '\n', '\r'], " ")
}

fn written(kind: &Kind, code: &str, error: &csv::Error) -> SetupError {
    SetupError::File {
        path: format!("the {} of {code}", kind.name),
        why: error.to_string(),
    }
}
