//! The round trip: the same person asks the same of both deployments and reads the same bytes; then works on where the tenant is now.

use super::elsewhere::{Elsewhere, PARTNER, all_of, exporting, transfer, well};
use crate::duties::{Company, one_of_each};
use crate::isolation::{everybody, schema::Schema};
use crate::world::Person;
use quartermaster_domain::archive::{Folder, Manifest, verified};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const ORDER: &str = "mutation($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { purchaseOrder { id number status } userErrors { code } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_moved_shows_the_same_to_the_same_people_who_go_on_working() {
    let company = Company::open().await;
    let mut estate = one_of_each(&company).await;
    bank_details_in_force(&company, &mut estate).await;
    let people = everybody(&company.world, &company.shop).await;
    let (buyer, approver, receiver) = (
        company.person(&["buyer"]).await,
        company.person(&["approver_l2"]).await,
        company.person(&["receiver"]).await,
    );
    let begun = company.ordered(&buyer).await;
    let order = json!({ "input": company.order(false) });
    let (_, answered) = buyer
        .send(ORDER, json!({ "input": order["input"] }), Some("before-the-move"))
        .await;
    let made = &answered["data"]["purchaseOrderCreate"]["purchaseOrder"]["number"];
    assert!(made.is_string(), "{answered}");

    let there = Elsewhere::of(&company.world).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tenant.tar.gz");
    let said = well(
        &exporting(company.shop.tenant, &file, &folder.path().join("key"))
            .output()
            .unwrap(),
    );
    assert!(said.contains("exported to") && said.contains("active"), "{said}");
    assert_private(&file);
    let said = well(&there.importing(&file).output().unwrap());
    assert!(said.contains("imported from"), "{said}");

    let server = there.server(&company.world).await;
    let base = format!("http://{}", server.addr);
    the_same_is_shown(&people, &estate, &base).await;
    the_same_is_exported(&company, &there, &file, folder.path()).await;

    // The order that was begun there goes on here; what was asked there is not done again.
    let (buyer, approver, receiver) = (buyer.at(&base), approver.at(&base), receiver.at(&base));
    let (_, repeated) = buyer
        .send(ORDER, json!({ "input": order["input"] }), Some("before-the-move"))
        .await;
    assert_eq!(repeated, answered);
    let approved = approver
        .does(
            "purchaseOrderApprove",
            "purchaseOrder { status }",
            json!({ "id": begun }),
        )
        .await;
    assert_eq!(approved["purchaseOrder"]["status"], "RELEASED");
    let own = json!({ "id": begun });
    assert_eq!(buyer.cannot("purchaseOrderApprove", own).await["code"], "FORBIDDEN");
    let received = receiver
        .does("receiptCreate", "receipt { status number }", Company::delivery(&begun))
        .await;
    assert_eq!(received["receipt"]["status"], "ACCEPTED", "{received}");
    let new = buyer
        .does("purchaseOrderCreate", "purchaseOrder { number }", company.order(false))
        .await;
    let number = new["purchaseOrder"]["number"].as_str().unwrap();
    let last = made.as_str().unwrap();
    assert!(number > last, "numbers go on: {last}, then {number}");
    let auditor = people
        .iter()
        .find(|p| p.op.roles.iter().any(|r| r == "auditor"))
        .unwrap()
        .at(&base);
    let chains = auditor.sees("{ auditIntegrity { eventCount broken } }").await;
    assert_eq!(chains["broken"], json!([]), "{chains}");
    let stock = auditor.sees("{ stockIntegrity { differing } }").await;
    assert_eq!(stock["differing"], 0, "{stock}");
}

async fn bank_details_in_force(company: &Company, estate: &mut BTreeMap<String, String>) {
    let verifier = company.person(&["supplier_approver"]).await;
    let verified = json!({ "id": estate["sbc"], "verifiedBy": "Called back" });
    verifier.does("supplierBankChangeVerify", "", verified).await;
}

/// What is in the file is for nobody else on the machine.
fn assert_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

/// Every query of the schema, with all that it can be asked for, by people of every role: and every object by its id.
async fn the_same_is_shown(people: &[Person], estate: &BTreeMap<String, String>, base: &str) {
    let schema = Schema::ask(&people[0]).await;
    let (mut asked, mut shown) = (0, 0);
    let mut compare = async |person: &Person, document: &str, variables: Value| {
        let (here, there) = (
            person.text(document, &variables).await,
            person.at(base).text(document, &variables).await,
        );
        assert_eq!(here, there, "{document}\n{variables}");
        asked += 1;
        let answer: Value = serde_json::from_str(&here).unwrap();
        let data = answer["data"]
            .as_object()
            .into_iter()
            .flatten()
            .any(|(_, v)| !v.is_null());
        shown += usize::from(data && answer["errors"].is_null());
    };
    for operation in schema.operations().into_iter().filter(|o| !o.is_mutation) {
        let places = operation.id_places(&people[0]).await;
        let named = operation.variables_of(&places, |prefix| estate.get(prefix).cloned());
        for person in people.iter().step_by(3) {
            compare(person, &operation.document, named.clone()).await;
            compare(person, &operation.document, operation.variables()).await;
        }
    }
    let every = ["po", "sup", "itm", "loc", "rcp", "evt", "ten", "mem"];
    assert!(
        every.iter().all(|p| *p == "evt" || estate.contains_key(*p)),
        "{estate:?}"
    );
    for id in estate.values() {
        let which = "query($id: ID!) { node(id: $id) { __typename } }";
        for person in people.iter().step_by(3) {
            let node = person.run(which, json!({ "id": id })).await;
            let Some(name) = node["__typename"].as_str() else {
                continue;
            };
            let document = format!(
                "query($id: ID!) {{ node(id: $id) {{ ... on {name} {} }} }}",
                schema.selection_of(name)
            );
            compare(person, &document, json!({ "id": id })).await;
        }
    }
    assert!(
        asked > 500 && shown * 2 > asked,
        "of {asked} answers {shown} showed something"
    );
}

/// What is exported there again is what came, byte for byte; what is here is as it was.
async fn the_same_is_exported(company: &Company, there: &Elsewhere, file: &Path, folder: &Path) {
    let tables = |m: Manifest| {
        m.sections
            .into_iter()
            .filter(|s| s.folder == Folder::Tables)
            .collect::<Vec<_>>()
    };
    let first = verified(file, &transfer()).unwrap();
    let again = folder.join("again.tar.gz");
    // With the data key of there: the sealed fields are its own now.
    let export = there
        .given(exporting(company.shop.tenant, &again, &folder.join("key")))
        .output();
    well(&export.unwrap());
    let second = verified(&again, &transfer()).unwrap();
    assert_eq!(first.evidence, second.evidence);
    assert_eq!(
        (first.partner.id == second.partner.id, second.partner.code.as_str()),
        (false, PARTNER)
    );
    let full = first.sections.iter().filter(|s| s.rows > 0).count();
    assert!(full > 35, "{full} tables have rows");
    let sealed = first
        .sections
        .iter()
        .filter(|s| s.folder == Folder::Sealed)
        .map(|s| s.rows);
    // The fields travel under the tenant's own key, and that key under the transfer key.
    assert_eq!(sealed.collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(tables(first), tables(second));

    // Only what the deployments have of their own differs: which key wraps the tenant's, and what was sent.
    let (ours, theirs) = (
        all_of(&company.world.owner, company.shop.tenant).await,
        all_of(&there.owner, company.shop.tenant).await,
    );
    let differing = ours
        .iter()
        .zip(&theirs)
        .filter(|(a, b)| a != b)
        .map(|(a, _)| a.0.as_str());
    assert_eq!(differing.collect::<Vec<_>>(), ["event", "tenant_key"]);
    let unsent = "SELECT count(*) FROM qm.event WHERE published_at IS NULL";
    assert_eq!(
        there.owner.query_one(unsent, &[]).await.unwrap().get::<_, i64>(0),
        0,
        "nothing is sent again"
    );
}
