//! The files that a tenant's stewards import: what the world's files say, in the columns that the product reads. Nothing is
//! cleaned: numbers that fail or are missing go up as they are.

use bytes::Bytes;
use quartermaster_demo::Plan;
use quartermaster_demo::plan::{Item, TenantPlan};
use std::collections::BTreeMap;

/// The tenant's stores.
pub(super) fn locations(plan: &Plan, tenant: &TenantPlan) -> Result<Bytes, csv::Error> {
    let head = [
        "code",
        "name",
        "kind",
        "street",
        "city",
        "postal_code",
        "subdivision",
        "country",
        "time_zone",
    ];
    let rows = tenant.stores.iter().map(|store| {
        [
            &store.number,
            &store.name,
            "STORE",
            &store.address,
            &store.city,
            &store.postal_code,
            &store.region,
            &plan.description.country,
            &plan.description.time_zone,
        ]
    });
    table(head, rows)
}

/// The vendors that the tenant buys from.
pub(super) fn suppliers(plan: &Plan, tenant: &TenantPlan) -> Result<Bytes, csv::Error> {
    let vendors = tenant.vendors.iter().filter_map(|number| plan.vendors.get(number));
    let rows = vendors.map(|vendor| [vendor.number.as_str(), &vendor.name, &plan.description.currency]);
    table(["code", "legal_name", "currency"], rows)
}

/// The items that the tenant buys, with their numbers and packs.
pub(super) fn items(plan: &Plan, tenant: &TenantPlan) -> Result<Bytes, csv::Error> {
    let head = [
        "sku",
        "name",
        "description",
        "category",
        "base_unit",
        "gtin",
        "inner_unit",
        "inner_quantity",
        "case_unit",
        "case_quantity",
        "case_gtin",
    ];
    let rows = bought(plan, tenant).map(|item| {
        let pack = |there: bool, unit: &str, quantity: u32| match there {
            true => (unit.to_owned(), quantity.to_string()),
            false => Default::default(),
        };
        let (inner_unit, inner) = pack(
            item.inner_pack > 1 && item.inner_pack < item.pack,
            "PK",
            item.inner_pack,
        );
        let (case_unit, case) = pack(item.pack > 1, "CS", item.pack);
        let case_gtin = item.scc.as_deref().filter(|_| item.pack > 1);
        let contents = match item.volume_ml.trim() {
            "" => String::new(),
            volume => format!("{volume} ml"),
        };
        [
            item.number.clone(),
            item.description.clone(),
            contents,
            category_code(&item.category),
            "EA".to_owned(),
            item.upc.clone().unwrap_or_default(),
            inner_unit,
            inner,
            case_unit,
            case,
            case_gtin.unwrap_or_default().to_owned(),
        ]
    });
    table(head, rows)
}

/// What the tenant pays for a base unit by its vendors' lists.
pub(super) fn prices(plan: &Plan, tenant: &TenantPlan) -> Result<Bytes, csv::Error> {
    let priced = bought(plan, tenant).filter(|item| !item.list_price.is_zero());
    let rows = priced.map(|item| [item.vendor.clone(), item.number.clone(), item.list_price.to_string()]);
    table(["supplier_code", "sku", "price"], rows)
}

/// The categories of what the tenant buys: code and name.
pub(super) fn categories(plan: &Plan, tenant: &TenantPlan) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for item in bought(plan, tenant) {
        let code = category_code(&item.category);
        if !code.is_empty() {
            names.entry(code).or_insert_with(|| item.category.trim().to_owned());
        }
    }
    names
}

fn bought<'a>(plan: &'a Plan, tenant: &'a TenantPlan) -> impl Iterator<Item = &'a Item> {
    tenant.items.iter().filter_map(|number| plan.items.get(number))
}

/// The longest code that the product takes.
const LONGEST_CODE: usize = 40;

/// A code for a category that the files only name: `AMERICAN-CORDIALS-LIQUEUR`. Names that differ in nothing else share one.
fn category_code(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
        .collect();
    let mut code = words.join("-");
    code.truncate(LONGEST_CODE);
    code
}

/// A CSV file (RFC 4180).
pub(super) fn table<R, F>(head: impl IntoIterator<Item = F>, rows: impl Iterator<Item = R>) -> Result<Bytes, csv::Error>
where
    R: IntoIterator<Item: AsRef<[u8]>>,
    F: AsRef<[u8]>,
{
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(head)?;
    for row in rows {
        table.write_record(row)?;
    }
    let written = table.into_inner();
    Ok(written.map_err(|e| e.into_error())?.into())
}

#[cfg(test)]
mod tests {
    use super::category_code;

    #[test]
    fn a_category_is_called_by_its_words() {
        assert_eq!(
            category_code("TEMPORARY & SPECIALTY  PACKAGES "),
            "TEMPORARY-SPECIALTY-PACKAGES"
        );
        assert_eq!(category_code("100% Agave Tequila"), "100-AGAVE-TEQUILA");
        assert_eq!(category_code(" "), "");
    }
}
