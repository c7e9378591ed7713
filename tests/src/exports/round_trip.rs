//! What is exported can be imported again, and that changes nothing.

use super::{exported, many_items};
use crate::imports::{Desk, approve, counts, imported};
use serde_json::json;
use std::collections::BTreeSet;

/// Text that breaks careless files: quotation marks, commas, line ends, the beginnings of formulas, other scripts.
const SUPPLIERS: &str = "code,legal_name,currency,tax_id,gln,payment_terms_days,lead_time_days,incoterm,external_key,contact_name,contact_role,contact_email,contact_phone\r\n\
    AWK-1,\"=HYPERLINK(\"\"http://x.example\"\",\"\"Bolt, Sons & Co\"\")\",EUR,-12,9506000117843,30,0,DAP,@SUM(1+9),\"+Ann, \"\"the\"\" Li\",\"Sales\nand more\",ann@acme.example,+1 515 555 0100\r\n\
    AWK-2,Δέλτα 'Α' Ε.Π.Ε.,USD,,,,,,,,,,\r\n";
const ITEMS: &str = "sku,name,base_unit,description,category,gtin,inner_unit,inner_quantity,inner_gtin,case_unit,case_quantity,case_gtin,pallet_unit,pallet_quantity,pallet_gtin,lot_tracked,expiry_tracked,serial_tracked,regulated,status\r\n\
    AWK-1,\"-1 \"\"dry\"\" Gin, 0.75 l\",EA,\"one line\nand, \"\"another\"\"\n=1+1\",SPIRITS > VODKA,00000096385074 00036000291452,XPK,6,,CS,12.5,10614141000415,XPX,720,,true,true,false,true,ACTIVE\r\n\
    AWK-2,@Water,LTR,,,,,,,,,,,,,false,false,false,false,INACTIVE\r\n";
const LOCATIONS: &str = "code,name,kind,time_zone,region,gln,street,city,postal_code,subdivision,country\r\n\
    AWK-1,\"=Store \"\"1\"\", Main\",STORE,America/Chicago,NORTH,9506000117843,\"1 Main St,\nback door\",-Des Moines,050309,IA,US\r\n\
    L1,Store,STORE,UTC,,,,,,,\r\n";
const PRICES: &str = "supplier_code,sku,price,unit,currency,valid_from,valid_to,minimum_quantity,supplier_sku,minimum_order_quantity,order_multiple,lead_time_days,preference\r\n\
    S1,SKU0,2.5,EA,USD,,,,=V0,24,12,5,1\r\n\
    S1,SKU0,2.4375,EA,USD,,,10.5,=V0,24,12,5,1\r\n\
    S1,SKU0,3,EA,EUR,2026-01-01,2026-12-31,,=V0,24,12,5,1\r\n\
    S1,SKU1,101.94,EA,USD,,,,,,,,\r\n";

/// Lines in any order: prices stand by supplier and item, in the order in which these were made.
fn lines(file: &str) -> BTreeSet<&str> {
    file.split_terminator("\r\n").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_each_kind_that_is_imported_changes_nothing() {
    let desk = Desk::open().await;
    let spirits = json!({ "code": "SPIRITS", "name": "Spirits" });
    let spirits = desk.admin.does("categoryCreate", "category { id }", spirits).await;
    let vodka = json!({ "code": "VODKA", "name": "Vodka", "parentId": spirits["category"]["id"] });
    desk.admin.does("categoryCreate", "category { id }", vodka).await;
    let north = json!({ "code": "NORTH", "name": "North" });
    desk.admin.does("regionCreate", "region { id }", north).await;
    for (kind, file, expected) in [
        (
            "suppliers",
            SUPPLIERS,
            format!("{SUPPLIERS}S1,Supplier,USD,,,,,,,,,,\r\n"),
        ),
        ("items", ITEMS, String::new()),
        ("prices", PRICES, PRICES.to_owned()),
        ("locations", LOCATIONS, LOCATIONS.to_owned()),
    ] {
        let who = if kind == "locations" {
            &desk.admin
        } else {
            &desk.steward
        };
        if kind == "items" {
            // A new item is active first.
            let first = imported(who, kind, ITEMS.replace("INACTIVE", "ACTIVE")).await;
            assert_eq!(counts(&first), [2, 0, 0, 0], "{first:#}");
            approve(&desk.approver, &first).await;
        }
        let import = imported(who, kind, file).await;
        assert_eq!(counts(&import)[3], 0, "{import:#}");
        if kind != "locations" {
            approve(&desk.approver, &import).await;
        }
        let file = exported(who, kind).await;
        if kind == "items" {
            assert!(file.starts_with(ITEMS), "{file}");
            assert_eq!(file.matches("\r\nSKU").count(), 10);
        } else {
            assert_eq!(lines(&file), lines(&expected), "{kind}");
        }
        let records = i64::try_from(lines(&file).len()).unwrap() - 1;
        let again = imported(who, kind, file.clone()).await;
        assert_eq!(
            (&again["state"], counts(&again)),
            (&json!("UNCHANGED"), [0, 0, records, 0]),
            "{again:#}"
        );
        assert_eq!(exported(who, kind).await, file, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_column_knows_stays_when_an_export_is_imported() {
    let desk = Desk::open().await;
    let supplier = json!({ "code": "WIDE", "legalName": "Wide", "currencyCode": "USD", "sites": [{ "code": "A", "name": "A" }],
        "contacts": [{ "name": "First" }, { "name": "Second", "phone": "+1" }] });
    let change = desk.steward.does("supplierCreate", "change { id }", supplier).await;
    let id = json!({ "id": change["change"]["id"] });
    desk.approver
        .does("supplierChangeApprove", "supplierChange { status }", id)
        .await;
    // Stock is counted in kilograms, people buy by the piece: no column of a file is about the piece.
    let item = json!({ "sku": "WIDE", "name": "Cheese", "baseUnitCode": "KGM", "packs": [{ "unitCode": "EA", "level": "EACH", "baseQuantity": "0.5" }],
        "gtins": [{ "gtin": "036000291452", "unitCode": "EA" }] });
    let change = desk.steward.does("itemCreate", "change { id }", item).await;
    let id = json!({ "id": change["change"]["id"] });
    desk.approver
        .does("itemChangeApprove", "itemChange { status }", id)
        .await;
    for kind in ["suppliers", "items"] {
        let again = imported(&desk.steward, kind, exported(&desk.steward, kind).await).await;
        assert_eq!((counts(&again)[1], counts(&again)[3]), (0, 0), "{again:#}");
        let renamed = exported(&desk.steward, kind)
            .await
            .replace("Cheese", "Old cheese")
            .replace(",Wide,", ",Wider,");
        let renamed = imported(&desk.steward, kind, renamed).await;
        assert_eq!(counts(&renamed)[1], 1, "{renamed:#}");
        approve(&desk.approver, &renamed).await;
    }
    let supplier =
        "query { suppliers(filter: { codes: [\"WIDE\"] }) { nodes { legalName sites { code } contacts { name } } } }";
    assert_eq!(
        desk.steward.sees(supplier).await["nodes"],
        json!([{ "legalName": "Wider", "sites": [{ "code": "A" }], "contacts": [{ "name": "First" }, { "name": "Second" }] }])
    );
    let item =
        "query { items(filter: { skus: [\"WIDE\"] }) { nodes { name packs { unitCode } gtins { gtin unitCode } } } }";
    assert_eq!(
        desk.steward.sees(item).await["nodes"],
        json!([{ "name": "Old cheese", "packs": [{ "unitCode": "EA" }], "gtins": [{ "gtin": "00036000291452", "unitCode": "EA" }] }])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_only_proposed_or_has_ended_is_in_no_file() {
    let desk = Desk::open().await;
    imported(&desk.steward, "suppliers", SUPPLIERS).await;
    imported(
        &desk.steward,
        "items",
        "sku,name,base_unit\nNEW-1,New,EA\nSKU0,Another name,EA\n",
    )
    .await;
    imported(
        &desk.admin,
        "locations",
        "code,name,kind,time_zone\nGONE,Gone,STORE,UTC\n",
    )
    .await;
    let gone = desk
        .admin
        .sees("query { locations(filter: { codes: [\"GONE\"] }) { nodes { id } } }")
        .await;
    let gone = json!({ "id": gone["nodes"][0]["id"] });
    desk.admin.does("locationClose", "location { status }", gone).await;
    let file = exported(&desk.steward, "suppliers").await;
    assert!(
        file.ends_with("contact_phone\r\nS1,Supplier,USD,,,,,,,,,,\r\n"),
        "{file}"
    );
    let file = exported(&desk.steward, "items").await;
    assert!(
        !file.contains("NEW-1") && file.contains("\r\nSKU0,Item 0,EA,"),
        "{file}"
    );
    let file = exported(&desk.steward, "locations").await;
    assert!(file.ends_with("country\r\nL1,Store,STORE,UTC,,,,,,,\r\n"), "{file}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_many_pages_has_every_record_once_and_costs_statements_by_its_pages() {
    let desk = Desk::open().await;
    many_items(&desk, 2_990).await;
    // Breaks of one day, so that a page ends between prices that only their ids tell apart.
    let sql = "INSERT INTO qm.supplier_price (tenant_id, id, supplier_id, item_id, unit, minimum_quantity, currency, valid_from, price, change_id, updated_at) \
        SELECT $1, gen_random_uuid(), $2, $3, 'EA', n, 'USD', '2026-01-01'::date + n % 2, 1 + n, gen_random_uuid(), statement_timestamp() FROM generate_series(1, 3000) n";
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&desk.shop.tenant.0, &desk.shop.supplier, &desk.shop.items[0]];
    desk.world.owner.execute(sql, &params).await.unwrap();
    for (kind, key) in [("items", 0), ("prices", 2)] {
        let before = desk.world.server.db().round_trips();
        let file = exported(&desk.steward, kind).await;
        let trips = desk.world.server.db().round_trips() - before;
        let keys: BTreeSet<&str> = file.lines().skip(1).filter_map(|l| l.split(',').nth(key)).collect();
        assert_eq!((keys.len(), file.lines().count()), (3_000, 3_001), "{kind}");
        assert!(trips <= 4 * 4, "{trips} round trips for four pages, of {kind}");
    }
}
