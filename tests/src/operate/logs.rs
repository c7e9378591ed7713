use super::process::{Process, command};
use crate::database::fixture::strict;
use crate::world::World;
use serde_json::json;

const IBAN: &str = "DE89370400440532013000";
const EMAIL: &str = "ada.lovelace@example.com";
const PHONE: &str = "+49 30 5550188";
const TAX: &str = "DE811907980";
const HOLDER: &str = "Analytical Engines Ltd";

/// What must stand in no log line, in any part that could be searched for.
fn secrets() -> Vec<String> {
    let sure = [IBAN, EMAIL, PHONE, TAX, HOLDER, "Lovelace"];
    sure.iter().map(|s| (*s).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_log_line_holds_a_credential_bank_details_or_personal_data_even_when_all_is_logged() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let mut command = command("serve");
    command
        .env("QUARTERMASTER_ENVIRONMENT", "development")
        .env("QUARTERMASTER_LISTEN", "127.0.0.1:0")
        .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", world.folder())
        .env("RUST_LOG", "trace");
    let mut server = Process::start(command);
    let base = server.address("serving").await;
    let mut secret = secrets();

    let sec = world.member(&shop, &["security_admin"]).await.at(&base);
    let steward = world
        .member(&shop, &["supplier_steward", "category_manager"])
        .await
        .at(&base);
    secret.extend([sec.token().to_owned(), steward.token().to_owned()]);

    // A supplier with all that is known of it, twice: the second is refused by what is in the database.
    let supplier = json!({ "code": "ENGINES", "legalName": HOLDER, "currencyCode": "USD", "taxId": TAX,
        "contacts": [{ "name": "Ada Lovelace", "email": EMAIL, "phone": PHONE }] });
    let made = steward
        .does("supplierCreate", "supplier { id }", supplier.clone())
        .await;
    steward.tries("supplierCreate", "supplier { id }", supplier).await;
    let bank =
        json!({ "supplierId": made["supplier"]["id"], "accountHolder": HOLDER, "countryCode": "DE", "account": IBAN });
    steward.does("supplierBankChangePropose", "", bank).await;
    // An invitation: an address, and a token that opens an account.
    let invited = sec
        .does(
            "memberInvite",
            "token",
            json!({ "email": EMAIL, "displayName": "Ada Lovelace" }),
        )
        .await;
    secret.push(invited["token"].as_str().expect("a token").to_owned());
    // Values where they do not belong: refused, and not repeated in a line.
    let wrong = "query($id: ID!) { node(id: $id) { id } }";
    steward.ask(wrong, json!({ "id": EMAIL })).await;
    steward
        .ask(&format!("{{ node(id: \"{IBAN}\") {{ id }} }}"), json!({}))
        .await;
    steward
        .ask(&format!("{{ nothing(iban: \"{IBAN}\") }}"), json!({}))
        .await;
    steward
        .ask(
            "query($n: Int!) { purchaseOrders(first: $n) { nodes { id } } }",
            json!({ "n": PHONE }),
        )
        .await;
    let file = format!("code,legal_name,currency,tax_id\nE2,{HOLDER},USD,{TAX}\nE2,{HOLDER},NONE,{TAX}\n");
    let upload = steward.rest(reqwest::Method::POST, "/v1/imports/suppliers");
    let upload = upload.header("content-type", "text/csv").body(file).send().await;
    assert!(upload.expect("an answer").status().as_u16() < 500);
    // Credentials that open nothing, and some where no credential belongs.
    for bad in [
        "qm_0000000000_stolenstolenstolenstolen",
        "eyJhbGciOiJub25lIn0.eyJzdG9sZW4iOjF9.stolen",
    ] {
        let told = steward
            .with_credential(bad.to_owned())
            .send("{ viewer { memberId } }", json!({}), None)
            .await;
        assert_eq!(told.0, 401);
        secret.push(bad.to_owned());
    }
    let misplaced = format!("/graphql/{}?email={EMAIL}&access_token=stolenbyquery", steward.token());
    let lost = steward
        .rest(reqwest::Method::GET, &misplaced)
        .send()
        .await
        .expect("an answer");
    assert_eq!(lost.status().as_u16(), 404);
    secret.push("stolenbyquery".to_owned());

    server.stop();
    let (lines, log) = (server.lines(), server.log());
    let found: Vec<_> = secret
        .iter()
        .filter_map(|secret| Some((secret, log.lines().find(|line| line.contains(secret))?)))
        .collect();
    assert!(found.is_empty(), "these were logged: {found:#?}");
    let answered: Vec<_> = lines.iter().filter(|l| l["message"] == "answered").collect();
    assert!(answered.len() >= 12, "the requests are not in the log:\n{log}");
    assert!(answered.iter().all(|l| l["span"]["request_id"].is_string()));
    assert!(answered.iter().any(|l| l["span"]["route"] == "/v1/imports/{kind}"));
    assert!(answered.iter().any(|l| l["span"]["tenant"] == shop.tenant.to_string()));
    assert!(lines.iter().any(|l| l["message"] == "a credential was refused"));
}
