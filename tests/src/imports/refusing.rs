//! What is wrong with a line is told by line number, column and code; what is wrong with a file refuses it as a whole.

use super::{Desk, ITEMS, LOCATIONS, PRICES, SUPPLIERS, approve, counts, imported, refused_file, shown, told, upload};
use serde_json::{Value, json};

/// Line number, column, code.
fn expected(lines: &[(i64, &str, &str)]) -> Vec<(i64, String, String)> {
    lines
        .iter()
        .map(|(l, f, c)| (*l, (*f).to_owned(), (*c).to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_item_is_refused_with_its_column_and_the_good_ones_go_in() {
    let desk = Desk::open().await;
    let file = "sku,name,base_unit,category,gtin,case_unit,case_quantity,case_gtin,pallet_unit,pallet_quantity,lot_tracked,status\n\
        GOOD-1,Good,EA,,,,,,,,,\n\
        ,No SKU,EA,,,,,,,,,\n\
        B-1,Wrong check digit,EA,,036000291453,,,,,,,\n\
        B-2,Unknown unit,BARREL,,,,,,,,,\n\
        B-3,Unknown category,EA,NOWHERE,,,,,,,,\n\
        B-4,Nothing in the case,EA,,,CS,0,,,,,\n\
        B-5,Too much in the case,EA,,,CS,1e30,,,,,\n\
        B-6,Forty decimals,EA,,,CS,1.0000000000000000000000000000000000000001,,,,,\n\
        B-7,No quantity,EA,,,CS,,,,,,\n\
        B-8,GTIN without pack,EA,,,,,10614141000415,,,,\n\
        B-9,Pallet below case,EA,,,CS,12,,XPX,6,,\n\
        B-10,Perhaps,EA,,,,,,,,perhaps,\n\
        B-11,Asleep,EA,,,,,,,,,INACTIVE\n\
        B-12,Too few fields,EA\n\
        B-13,Too many,EA,,,,,,,,,,surplus\n\
        GOOD-1,Same SKU,EA,,,,,,,,,\n\
        SKU0,Other base unit,KGM,,,,,,,,,\n\
        GOOD-2,\"Two\nlines\",EA,,036000291452,,,,,,,\n\
        GOOD-3,Same GTIN,EA,,0036000291452,,,,,,,\n";
    let import = imported(&desk.steward, "items", file).await;
    assert_eq!(counts(&import), [2, 0, 0, 17], "{import:#}");
    let all = shown(&desk.steward, &import).await;
    assert_eq!(
        told(&json!({ "refusals": all["refusals"]["nodes"] })),
        expected(&[
            (3, "sku", "REQUIRED"),
            (4, "gtin", "INVALID_INPUT"),
            (5, "base_unit", "UNKNOWN_CODE"),
            (6, "category", "NOT_FOUND"),
            (7, "case_quantity", "INVALID_INPUT"),
            (8, "case_quantity", "INVALID_INPUT"),
            (9, "case_quantity", "INVALID_INPUT"),
            (10, "case_quantity", "REQUIRED"),
            (11, "case_gtin", "REQUIRED"),
            (12, "case_quantity", "INVALID_INPUT"),
            (13, "lot_tracked", "INVALID_INPUT"),
            (14, "status", "INVALID_INPUT"),
            (15, "", "INVALID_INPUT"),
            (16, "", "INVALID_INPUT"),
            (17, "sku", "DUPLICATE"),
            (18, "base_unit", "INVALID_INPUT"),
            // The record before it has two lines.
            (21, "gtin", "DUPLICATE"),
        ])
    );
    let pointer = all["refusals"]["nodes"].as_array().unwrap().iter();
    let pointer = pointer
        .filter(|r| r["code"] == "DUPLICATE")
        .map(|r| r["message"].as_str().unwrap());
    assert_eq!(
        pointer.collect::<Vec<_>>(),
        [
            "Line 2 of the file has this already.",
            "Line 19 of the file has this already."
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_supplier_price_and_location_is_refused_with_its_column() {
    let desk = Desk::open().await;
    let suppliers = "code,legal_name,currency,gln,incoterm,payment_terms_days,contact_name,contact_email\n\
        A,Name,XTS,,,,,\n\
        B,Name,USD,9506000117844,,,,\n\
        C,Name,USD,,FOR,,,\n\
        D,Name,USD,,,soon,,\n\
        E,,USD,,,,,\n\
        F,Name,USD,,,,,mail@nobody.example\n\
        A B,Name,USD,,,,,\n\
        G,Name,USD,,,99999,,\n";
    let import = imported(&desk.steward, "suppliers", suppliers).await;
    assert_eq!(
        told(&import),
        expected(&[
            (2, "currency", "UNKNOWN_CODE"),
            (3, "gln", "INVALID_INPUT"),
            (4, "incoterm", "UNKNOWN_CODE"),
            (5, "payment_terms_days", "INVALID_INPUT"),
            (6, "legal_name", "REQUIRED"),
            (7, "contact_name", "REQUIRED"),
            (8, "code", "INVALID_INPUT"),
            (9, "payment_terms_days", "INVALID_INPUT"),
        ])
    );
    assert_eq!(
        (&import["state"], &import["change"]),
        (&json!("UNCHANGED"), &Value::Null)
    );
    let prices = "supplier_code,sku,unit,price,currency,valid_from,valid_to,minimum_quantity,lead_time_days\n\
        NOBODY,SKU0,,1,,,,,\n\
        S1,NOTHING,,1,,,,,\n\
        S1,SKU0,CS,1,,,,,\n\
        S1,SKU0,,1,ZZZ,,,,\n\
        S1,SKU0,,1,,2026-02-01,2026-01-01,,\n\
        S1,SKU0,,1,,2026-02-30,,,\n\
        S1,SKU0,,-1,,,,,\n\
        S1,SKU0,,1.23456,,,,,\n\
        S1,SKU0,,,,,,,\n\
        S1,SKU0,,1,,,,-5,\n\
        S1,SKU1,,1,,,,,5\n\
        S1,SKU1,,2,,,,,5\n\
        S1,SKU1,,1,,,,10,7\n";
    let import = imported(&desk.steward, "prices", prices).await;
    assert_eq!(counts(&import), [1, 0, 0, 12], "{import:#}");
    assert_eq!(
        told(&import),
        expected(&[
            (2, "supplier_code", "NOT_FOUND"),
            (3, "sku", "NOT_FOUND"),
            (4, "unit", "UNKNOWN_CODE"),
            (5, "currency", "UNKNOWN_CODE"),
            (6, "valid_to", "INVALID_INPUT"),
            (7, "valid_from", "INVALID_INPUT"),
            (8, "price", "INVALID_INPUT"),
            (9, "price", "INVALID_INPUT"),
            (10, "price", "REQUIRED"),
            (11, "minimum_quantity", "INVALID_INPUT"),
            (13, "sku", "DUPLICATE"),
            // Lead time is the supplier item's, whatever its prices.
            (14, "lead_time_days", "DUPLICATE"),
        ])
    );
    let locations = "code,name,kind,region,country,gln,time_zone\n\
        S1,Store,SHOP,,,,UTC\n\
        S2,Store,STORE,NORTH,,,UTC\n\
        S3,Store,STORE,,USA,,UTC\n\
        S4,Store,STORE,,,1,UTC\n\
        S5,Store,STORE,,,,Somewhere\n\
        S6,Store,STORE,,,,UTC\n\
        S6,Store,STORE,,,,UTC\n";
    let import = imported(&desk.admin, "locations", locations).await;
    assert_eq!(counts(&import), [1, 0, 0, 6], "{import:#}");
    assert_eq!(
        told(&import),
        expected(&[
            (2, "kind", "UNKNOWN_CODE"),
            (3, "region", "NOT_FOUND"),
            (4, "country", "UNKNOWN_CODE"),
            (5, "gln", "INVALID_INPUT"),
            (6, "time_zone", "UNKNOWN_CODE"),
            (8, "code", "DUPLICATE"),
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_refused_lines_come_back_as_a_file_that_goes_in_once_it_is_corrected() {
    let desk = Desk::open().await;
    let file = "sku,name,base_unit,gtin\r\nA-1,\"Gin, \"\"dry\"\"\",EA,036000291453\r\nA-2,Rum,EA,\r\nA-3,Short\r\n";
    let first = imported(&desk.steward, "items", file).await;
    assert_eq!(counts(&first), [1, 0, 0, 2]);
    let report = refused_file(&desk.steward, &first).await;
    let lines: Vec<&str> = report.trim_end().split("\r\n").collect();
    assert_eq!(
        lines[0],
        "refused_line,refused_field,refused_reason,sku,name,base_unit,gtin"
    );
    assert_eq!(
        lines[1],
        "2,gtin,The check digit of this GTIN is wrong.,A-1,\"Gin, \"\"dry\"\"\",EA,036000291453"
    );
    assert_eq!(lines[2], "4,,\"The line has 2 fields, the header has 4.\",A-3,Short");
    // Uploaded as it is, it is refused again, and its report does not grow.
    let again = imported(&desk.steward, "items", report.clone()).await;
    assert_eq!(counts(&again), [0, 0, 0, 2]);
    let twice = refused_file(&desk.steward, &again).await;
    assert_eq!(twice.lines().next(), Some(lines[0]));
    assert!(
        twice.contains(",A-1,\"Gin, \"\"dry\"\"\",EA,036000291453\r\n"),
        "{twice}"
    );

    let corrected = report
        .replace("036000291453", "036000291452")
        .replace("A-3,Short", "A-3,Long,EA,");
    let second = imported(&desk.steward, "items", corrected).await;
    assert_eq!(counts(&second), [2, 0, 0, 0], "{second:#}");
    approve(&desk.approver, &first).await;
    approve(&desk.approver, &second).await;
    let items = desk
        .steward
        .run(
            "query { items(filter: { skus: [\"A-1\", \"A-2\", \"A-3\"] }) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(items["totalCount"], 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_the_same_and_changes_nothing() {
    let desk = Desk::open().await;
    let bad_item = format!("{ITEMS}A-100,Twice,,,EA,,,,,,,,,\n");
    let bad_location = format!("{LOCATIONS}X,Nowhere,SHOP,,,,,,,,UTC\n");
    let desk_of = |kind: &str| {
        if kind == "locations" {
            &desk.admin
        } else {
            &desk.steward
        }
    };
    for (kind, file) in [
        ("suppliers", SUPPLIERS),
        ("items", &bad_item),
        ("prices", PRICES),
        ("locations", &bad_location),
    ] {
        let dry = imported(desk_of(kind), &format!("{kind}?dryRun=true"), file.to_owned()).await;
        assert_eq!(
            (&dry["state"], &dry["dryRun"], &dry["change"]),
            (&json!("CHECKED"), &json!(true), &Value::Null)
        );
        // Had the dry run left anything, this would not be new.
        let real = imported(desk_of(kind), kind, file.to_owned()).await;
        assert_eq!(counts(&dry), counts(&real), "{kind}");
        assert_eq!(counts(&real)[0], 2, "{kind}");
        assert_eq!(dry["refusals"], real["refusals"], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gtins_that_are_none_are_left_out_when_that_is_asked_for() {
    let desk = Desk::open().await;
    let file = "sku,name,base_unit,gtin,case_unit,case_quantity,case_gtin\n\
        A-1,Vodka,EA,036000291453 036000291452,CS,12,10614141000416\n\
        A-2,Rum,EA,12345,,,\n";
    let import = imported(&desk.steward, "items?onInvalidGtin=omit", file).await;
    assert_eq!((counts(&import), &import["omittedGtins"]), ([2, 0, 0, 0], &json!(3)));
    assert_eq!(
        told(&import),
        expected(&[
            (2, "gtin", "INVALID_INPUT"),
            (2, "case_gtin", "INVALID_INPUT"),
            (3, "gtin", "INVALID_INPUT")
        ])
    );
    assert!(
        import["refusals"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["omitted"] == true)
    );
    assert_eq!(import["refusedFile"], Value::Null);
    approve(&desk.approver, &import).await;
    let items = desk
        .steward
        .run(
            "query { items(filter: { skus: [\"A-1\"] }) { nodes { gtins { gtin } } } }",
            json!({}),
        )
        .await;
    assert_eq!(items["nodes"][0]["gtins"], json!([{ "gtin": "00036000291452" }]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_that_a_file_does_not_have_stay_and_empty_cells_empty() {
    let desk = Desk::open().await;
    approve(&desk.approver, &imported(&desk.steward, "items", ITEMS).await).await;
    let file = "sku,name,base_unit,case_gtin\nA-100,Wodka,EA,\n";
    let import = imported(&desk.steward, "items", file).await;
    assert_eq!(counts(&import), [0, 1, 0, 0], "{import:#}");
    approve(&desk.approver, &import).await;
    let query = "query { items(filter: { skus: [\"A-100\"] }) { nodes { name regulated status packs { unitCode } gtins { gtin } } } }";
    assert_eq!(
        desk.steward.run(query, json!({})).await["nodes"][0],
        json!({ "name": "Wodka", "regulated": true, "status": "ACTIVE", "packs": [{ "unitCode": "CS" }], "gtins": [{ "gtin": "00036000291452" }] })
    );
    // A second proposal for what waits for approval is refused, not put beside it.
    imported(
        &desk.steward,
        "items",
        "sku,name,base_unit,status\nA-100,Wodka,EA,INACTIVE\n",
    )
    .await;
    let rival = imported(&desk.steward, "items", "sku,name,base_unit\nA-100,Aquavit,EA\n").await;
    assert_eq!(told(&rival), expected(&[(2, "sku", "INVALID_STATE")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_of_categories_must_be_there() {
    let desk = Desk::open().await;
    let make = "mutation($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } userErrors { message } } }";
    let spirits = desk
        .admin
        .done(make, json!({ "input": { "code": "SPIRITS", "name": "Spirits" } }))
        .await;
    let parent = &spirits["category"]["id"];
    desk.admin
        .done(
            make,
            json!({ "input": { "code": "VODKA", "name": "Vodka", "parentId": parent } }),
        )
        .await;
    desk.admin
        .done(make, json!({ "input": { "code": "WINE", "name": "Wine" } }))
        .await;
    let file = "sku,name,base_unit,category\nC-1,One,EA,SPIRITS > VODKA\nC-2,Two,EA,VODKA\nC-3,Three,EA,WINE > VODKA\nC-4,Four,EA,SPIRITS > RUM\n";
    let import = imported(&desk.steward, "items", file).await;
    assert_eq!(
        told(&import),
        expected(&[(4, "category", "NOT_FOUND"), (5, "category", "NOT_FOUND")])
    );
    approve(&desk.approver, &import).await;
    let items = desk
        .steward
        .run(
            "query { items(filter: { skus: [\"C-1\", \"C-2\"] }) { nodes { category { code } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        items["nodes"],
        json!([{ "category": { "code": "VODKA" } }, { "category": { "code": "VODKA" } }])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_a_wrong_first_line_is_refused_as_a_whole() {
    let desk = Desk::open().await;
    for (file, status, code, says) in [
        ("", 422, "REQUIRED", "empty"),
        ("sku,name\nA,B\n", 422, "REQUIRED", "base_unit"),
        (
            "sku,name,base_unit,colour\nA,B,EA,red\n",
            422,
            "INVALID_INPUT",
            "“colour”",
        ),
        ("sku,sku,name,base_unit\n", 422, "INVALID_INPUT", "twice"),
        ("sku;name;base_unit\nA;B;EA\n", 422, "INVALID_INPUT", "semicolons"),
        ("sku,name,base\0unit\n", 422, "INVALID_INPUT", "NUL"),
    ] {
        let (got, answer) = upload(&desk.steward, "items", file).await;
        assert_eq!(got, status, "{file:?} {answer}");
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], code, "{file:?} {answer}");
        assert!(answer["errors"].to_string().contains(says), "{file:?} {answer}");
        assert_eq!(answer["import"], Value::Null, "{file:?} {answer}");
    }
    let jobs = desk.steward.run("query { importJobs { totalCount } }", json!({})).await;
    assert_eq!(jobs["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_order_mark_crlf_and_capitals_are_read_and_bytes_that_are_no_text_refuse_their_line() {
    let desk = Desk::open().await;
    let mut file = b"\xef\xbb\xbfSKU,Name,BASE_UNIT\r\nA-1,One,EA\r\n".to_vec();
    file.extend(b"A-2,N\0L,EA\r\nA-3,\xff\xfe,EA\r\nA-4,Four,EA");
    let import = imported(&desk.steward, "items", file).await;
    assert_eq!(counts(&import), [2, 0, 0, 2]);
    assert_eq!(
        told(&import),
        expected(&[(3, "name", "INVALID_INPUT"), (4, "name", "INVALID_INPUT")])
    );
    // What comes back shows where the bytes were, and is not taken for a name.
    let report = refused_file(&desk.steward, &import).await;
    assert!(report.contains("A-2,N\u{fffd}L,EA"), "{report}");
    let again = imported(&desk.steward, "items", report).await;
    assert_eq!(counts(&again), [0, 0, 0, 2]);
}
