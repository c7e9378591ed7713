//! What was entered as a secret, looked for in everything that leaves the server.

use crate::database::fixture::strict;
use crate::isolation::schema::Schema;
use crate::isolation::{everybody, ids};
use crate::world::{CREATE, World, order_input};
use quartermaster_tenants::id::encode;
use serde_json::{Value, json};

const IBAN: &str = "DE89370400440532013000";
const HOLDER: &str = "Analytical Engines Ltd";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_query_no_export_and_no_figure_shows_a_secret_that_was_entered() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let steward = world.member(&shop, &["supplier_steward"]).await;
    let approver = world.member(&shop, &["supplier_approver"]).await;
    let security = world.member(&shop, &["security_admin"]).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    buyer.done(CREATE, order_input(&shop, true)).await;

    let supplier = encode("sup", shop.supplier);
    let bank = json!({ "supplierId": supplier, "accountHolder": HOLDER, "countryCode": "DE", "account": IBAN });
    let entered = steward
        .does("supplierBankChangePropose", "supplierBankChange { id }", bank.clone())
        .await;
    let checked = json!({ "id": entered["supplierBankChange"]["id"], "verifiedBy": "call-back" });
    approver.does("supplierBankChangeVerify", "", checked).await;
    // And one that waits.
    steward.does("supplierBankChangePropose", "", bank).await;
    let invited = json!({ "email": "ada@example.com", "displayName": "Ada" });
    let invited = security.does("memberInvite", "token", invited).await;
    let token = invited["token"].as_str().expect("a token").to_owned();
    let mut secrets = vec![IBAN.to_owned(), IBAN[4..].to_owned(), HOLDER.to_owned(), token];
    let sql = "SELECT encode(sealed, 'hex') FROM qm.supplier_bank WHERE tenant_id = $1 \
        UNION ALL SELECT encode(wrapped, 'hex') FROM qm.tenant_key WHERE tenant_id = $1";
    let sealed = world.owner.query(sql, &[&shop.tenant.0]).await.expect("what is sealed");
    assert_eq!(sealed.len(), 2);
    secrets.extend(sealed.iter().map(|row| row.get::<_, String>(0)));
    let silent = |what: &str, text: &str| {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{what} shows {secret}: {text}");
        }
    };

    let own = ids(&world, &shop).await;
    let people = everybody(&world, &shop).await;
    let schema = Schema::ask(&people[0]).await;
    let (mut asked, mut masks) = (0, 0);
    for operation in schema.operations().into_iter().filter(|o| !o.is_mutation) {
        let places = operation.id_places(&people[0]).await;
        let with_ids = operation.variables_of(&places, |prefix| own.get(prefix).map(|id| encode(prefix, *id)));
        for (variables, by) in [(operation.variables(), &people[..3]), (with_ids, &people[..])] {
            for person in by {
                let answer = person.ask(&operation.document, variables.clone()).await.to_string();
                silent(&operation.name, &answer);
                masks += usize::from(answer.contains("DE••••••••3000"));
                asked += 1;
            }
        }
    }
    assert!(
        asked > 500 && masks > 0,
        "{asked} answers, {masks} with the mask of the account"
    );
    for kind in ["suppliers", "items", "locations", "prices"] {
        let mut lines = 0;
        for person in &people {
            let request = person.rest(reqwest::Method::GET, &format!("/v1/exports/{kind}"));
            let file = request.send().await.expect("an answer").text().await.expect("text");
            silent(kind, &file);
            lines = lines.max(file.lines().count());
        }
        assert!(lines > usize::from(kind != "prices"), "nobody exports {kind}");
    }
    for path in ["/metrics", "/readyz"] {
        let answer = world
            .http
            .get(format!("http://{}{path}", world.server.addr))
            .send()
            .await;
        silent(path, &answer.expect("an answer").text().await.expect("text"));
    }
    let events = "{ events(first: 250) { nodes { type data } } }";
    let auditor = world.member(&shop, &["auditor"]).await;
    let told: Value = auditor.run(events, json!({})).await;
    assert!(told.to_string().contains("supplier-sensitive-change-applied"));
    silent("events", &told.to_string());
}
