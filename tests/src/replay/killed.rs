//! A replay can be killed at any moment, also while it sets up, and nothing is doubled.

use super::town::{Town, ask, differences};
use quartermaster_api::commands::replay::Lived;
use quartermaster_demo::Size;
use quartermaster_demo::plan::{Function, TenantPlan};

const PEOPLE: &str = "{ members(first: 0) { totalCount } roleAssignments(first: 0) { totalCount } }";
const MASTERS: &str =
    "{ locations(first: 0) { totalCount } suppliers(first: 0) { totalCount } items(first: 0) { totalCount } }";

#[tokio::test]
async fn a_world_that_was_killed_again_and_again_is_there_once_and_as_its_files_say() {
    let town = Town::start().await;
    town.invent(Size { weeks: 3, ..Size::TINY }, |_| ());
    // The title, the network, six tenants, their settings, offices, files and store people are the journal's first lines.
    let mut before = 0;
    for (lines, polls) in [
        (1, 2),
        (4, 1),
        (11, 3),
        (16, 4),
        (23, 9),
        (38, 2),
        (47, 5),
        (60, 1),
        (90, 3),
    ] {
        let lines = town.live_until(before.max(lines), polls).await;
        assert!(lines >= before, "a journal never loses what is done");
        before = lines;
    }
    let journal = town.journal();
    let documents = journal.iter().filter(|line| line.contains("/order\t")).count();
    assert!(documents > 0 && documents < 100, "{documents} orders were lived before");

    let lived = town.live().await.expect("lived");
    assert_eq!(differences(&lived), Vec::<String>::new());
    assert!(lived.equal());
    assert_eq!(lived.proof.len(), 6);
    assert!(lived.proof.iter().all(|tenant| tenant.found.orders > 0));
    assert!(lived.proof.iter().any(|tenant| tenant.found.returns > 0));
    for tenant in &lived.plan.tenants {
        let count = |answer: &serde_json::Value, what: &str| answer[what]["totalCount"].as_u64();
        let people = ask(&lived, tenant, Function::SecurityAdmin, PEOPLE).await;
        assert_eq!(count(&people, "members"), some(tenant.people.len()));
        assert_eq!(count(&people, "roleAssignments"), some(tenant.people.len()));
        let masters = ask(&lived, tenant, Function::Approver, MASTERS).await;
        assert_eq!(count(&masters, "locations"), some(tenant.stores.len()));
        assert_eq!(count(&masters, "suppliers"), some(tenant.vendors.len()));
        assert_eq!(count(&masters, "items"), some(tenant.items.len()));
        two_people_stand_behind(&lived, tenant).await;
    }

    // And once more: nothing is left to do, and all of it is proved again.
    let lines = town.journal().len();
    drop(lived);
    let again = town.live().await.expect("lived again");
    assert!(again.equal() && again.proof.len() == 6);
    assert_eq!(town.journal().len(), lines);
}

fn some(count: usize) -> Option<u64> {
    u64::try_from(count).ok()
}

/// What came by the public API and needs two people: who did it.
const BY: [(&str, Function); 7] = [
    ("workflow-rule-edited", Function::SecurityAdmin),
    ("workflow-rule-published", Function::TenantAdmin),
    ("role-assignment-proposed", Function::SecurityAdmin),
    ("role-assignment-approved", Function::TenantAdmin),
    ("supplier-change-approved", Function::SupplierApprover),
    ("item-change-approved", Function::PricingManager),
    ("price-list-approved", Function::PricingManager),
];

async fn two_people_stand_behind(lived: &Lived, tenant: &TenantPlan) {
    for (kind, function) in BY {
        let query =
            format!("{{ events(first: 250, filter: {{ types: [\"{kind}\"] }}) {{ nodes {{ actorDisplay }} }} }}");
        let answer = ask(lived, tenant, Function::Auditor, &query).await;
        let events = answer["events"]["nodes"].as_array().expect("events");
        let name = &tenant.office(function).next().expect("somebody").display_name;
        let by: Vec<_> = events.iter().map(|event| &event["actorDisplay"]).collect();
        assert!(
            by.iter().any(|by| *by == name.as_str()),
            "{kind} by {by:?}, not by {name}"
        );
    }
}
