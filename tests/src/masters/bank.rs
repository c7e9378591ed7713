use super::{change_of, code, rule, supplier, world};
use crate::database::fixture::member;
use quartermaster_domain::changes::{self, ChangeKind};
use quartermaster_domain::sealing::{self, Ring};
use quartermaster_domain::shared::seal::Place;
use quartermaster_domain::suppliers::bank::{self, BankDetails};
use quartermaster_domain::suppliers::{self, queries};
use quartermaster_tenants::error::Code;

const KEY: &str = "V/y1ZaAmmI3iBZUw/LWjVaeQ0l46n1zJbSGPMTsRsOY=";
const IBAN: &str = "DE89370400440532013000";

fn details() -> BankDetails {
    BankDetails {
        account_holder: "Acme Ltd".to_owned(),
        country: "DE".to_owned(),
        account: IBAN.to_owned(),
        bank: None,
    }
}

#[tokio::test]
async fn bank_details_need_two_people_and_nobody_reads_them_anywhere() {
    let w = world().await;
    let ring = Ring::parse(KEY).unwrap();
    let made = suppliers::create(&w.db, &w.steward, supplier("ACME")).await.unwrap();
    changes::approve(&w.db, &w.approver, ChangeKind::Supplier, change_of(&made), None)
        .await
        .unwrap();
    let id = made.document.unwrap();
    let entered = bank::propose(&w.db, &w.steward, &ring, id.into(), &details())
        .await
        .unwrap();
    let change = entered.document.unwrap();
    let own = bank::verify(&w.db, &w.steward, change.into(), "call-back", None).await;
    assert_eq!(code(&own), Some(Code::Forbidden));
    let silent = bank::verify(&w.db, &w.approver, change.into(), "", None).await;
    assert_eq!(code(&silent), Some(Code::Required));
    let shown = async || {
        queries::suppliers_by_ids(&w.db, &w.steward, &[id]).await.unwrap()[&id]
            .bank_mask
            .clone()
    };
    assert_eq!(shown().await, None);
    bank::verify(
        &w.db,
        &w.approver,
        change.into(),
        "called the number of the contract",
        None,
    )
    .await
    .unwrap();
    assert_eq!(shown().await.as_deref(), Some("DE••••••••3000"));

    // Every column of every table, as the owner of the database sees them.
    let tables = w.owner.query("SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'qm' AND c.relkind = 'r'", &[]).await.unwrap();
    assert!(tables.len() > 30);
    for table in tables {
        let table: String = table.get(0);
        let sql = format!(
            "SELECT count(*) FROM qm.\"{table}\" t WHERE t::text LIKE '%0532013%' OR t::text LIKE '%' || encode('0532013', 'hex') || '%'"
        );
        let found: i64 = w.owner.query_one(&sql, &[]).await.unwrap().get(0);
        assert_eq!(found, 0, "the account is readable in {table}");
    }
    // The tenant's key opens what is stored, in its place and nowhere else.
    let stored = w
        .owner
        .query_one("SELECT key_id, sealed FROM qm.supplier_bank WHERE id = $1", &[&id])
        .await
        .unwrap();
    let place = Place {
        tenant: w.shop.tenant.0,
        document: id,
        field: "bank",
    };
    let opened = async |place| sealing::opened(&w.db, &w.steward, &ring, stored.get(0), place, stored.get(1)).await;
    assert!(opened(place).await.unwrap().contains(IBAN));
    let other = Place {
        field: "other",
        ..place
    };
    assert!(opened(other).await.is_err());
}

#[tokio::test]
async fn one_hand_with_both_roles_cannot_verify_what_it_entered() {
    let w = world().await;
    let ring = Ring::parse(KEY).unwrap();
    let made = suppliers::create(&w.db, &w.steward, supplier("ACME")).await.unwrap();
    let entered = bank::propose(&w.db, &w.steward, &ring, made.document.unwrap().into(), &details())
        .await
        .unwrap();
    // The same person gets the other role as well: the static rule S-12 would not let it be granted, the act is refused anyway.
    let sql = format!(
        "INSERT INTO qm.role_assignment (tenant_id, id, account_id, role, state, round, version, event_sequence, event_hash, created_at, updated_at) \
         VALUES ('{}', gen_random_uuid(), '{}', 'supplier_approver', 'APPROVED', 1, 1, 0, '', now(), now())",
        w.shop.tenant.0, w.steward.account
    );
    w.owner.batch_execute(&sql).await.unwrap();
    let own = bank::verify(&w.db, &w.steward, entered.document.unwrap().into(), "myself", None).await;
    assert_eq!(rule(&own).as_deref(), Some("VND-02"), "{own:?}");
    let other = member(&w.owner, w.shop.tenant, &["supplier_approver"]).await;
    bank::reject(&w.db, &other, entered.document.unwrap().into(), "another number", None)
        .await
        .unwrap();
}
