//! What an export and an import refuse, each with a sentence, and what is left then: nothing.

use super::elsewhere::{Elsewhere, all_of, exported, nothing_of, own_keys, transfer, try_export};
use crate::database::fixture::{strict, url};
use crate::world::{CREATE, World, order_input};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quartermaster_domain::archive::{Refused, TransferKey, import, verified};
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// An archive with one of its files changed by sed, packed again in the same order.
fn changed(archive: &Path, folder: &Path, edits: &[(&str, &str)]) -> PathBuf {
    let (inside, list) = (
        folder.join(Uuid::now_v7().to_string()),
        folder.join(Uuid::now_v7().to_string()),
    );
    let packed = folder.join(format!("{}.tar.gz", Uuid::now_v7()));
    std::fs::create_dir(&inside).unwrap();
    let sed: String = edits
        .iter()
        .map(|(file, edit)| format!("sed -i '{edit}' {file}\n"))
        .collect();
    let script = format!(
        "set -e\ntar tzf {archive} > {list}\ncd {inside}\ntar xzf {archive}\n{sed}tar czf {packed} -T {list}",
        archive = archive.display(),
        list = list.display(),
        inside = inside.display(),
        packed = packed.display()
    );
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    packed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_that_was_edited_cut_off_or_signed_by_another_is_refused() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    world
        .member(&shop, &["buyer"])
        .await
        .done(CREATE, order_input(&shop, true))
        .await;
    let folder = tempfile::tempdir().unwrap();
    let archive = exported(shop.tenant, folder.path()).await;
    let there = Elsewhere::of(&world).await;
    let supplier = "tables/supplier.0001.csv";
    let edit = (supplier, "s/Supplier/Suppliers/");

    let edited = changed(&archive, folder.path(), &[edit]);
    assert_eq!(
        there.import(&edited).await.unwrap_err(),
        Refused::Changed(supplier.to_owned())
    );
    let with_its_list = changed(
        &archive,
        folder.path(),
        &[edit, ("manifest.json", "s/[0-9a-f]\\{64\\}/0/")],
    );
    assert_eq!(there.import(&with_its_list).await.unwrap_err(), Refused::Signature);
    let other = TransferKey::read(&STANDARD.encode([6; 32])).unwrap();
    let signed = verified(&archive, &other).map_err(super::elsewhere::refused);
    assert_eq!(signed.unwrap_err(), Refused::Signature);
    let bytes = std::fs::read(&archive).unwrap();
    for keep in [0, 5, bytes.len() / 2, bytes.len() - 20] {
        let half = folder.path().join(format!("half-{keep}.tar.gz"));
        std::fs::write(&half, &bytes[..keep]).unwrap();
        let said = there.import(&half).await.unwrap_err();
        assert!(matches!(said, Refused::NotWhole(_)), "{keep}: {said:?}");
    }
    assert!(nothing_of(&there.owner, shop.tenant).await);
    there.import(&archive).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_is_imported_once_and_the_others_there_stay_as_they_are() {
    let world = World::start().await;
    let (first, second) = (world.shop(&strict()).await, world.shop(&strict()).await);
    for shop in [&first, &second] {
        world
            .member(shop, &["buyer"])
            .await
            .done(CREATE, order_input(shop, true))
            .await;
    }
    let folder = tempfile::tempdir().unwrap();
    let there = Elsewhere::of(&world).await;
    let archive = exported(first.tenant, folder.path()).await;
    there.import(&archive).await.unwrap();
    let before = all_of(&there.owner, first.tenant).await;
    assert_eq!(there.import(&archive).await.unwrap_err(), Refused::TenantHere);
    there
        .import(&exported(second.tenant, folder.path()).await)
        .await
        .unwrap();
    assert_eq!(all_of(&there.owner, first.tenant).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_against_an_import_is_said_and_nothing_is_half_done() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let buyer = world.member(&shop, &["buyer"]).await;
    let folder = tempfile::tempdir().unwrap();
    let (id, partner) = (shop.tenant.0, Uuid::now_v7());
    let host = format!("{}.example", Uuid::now_v7());
    let sql = format!("INSERT INTO qm.host (host, branding_id) VALUES ('{host}', '{id}')");
    world.owner.batch_execute(&sql).await.unwrap();
    let archive = exported(shop.tenant, folder.path()).await;
    let there = Elsewhere::of(&world).await;
    let run = async |sql: &str| there.owner.batch_execute(sql).await.unwrap();
    let stands = async |expected: Refused| {
        assert_eq!(there.import(&archive).await.unwrap_err(), expected);
        assert!(nothing_of(&there.owner, shop.tenant).await, "{expected:?}");
    };

    let (keys, unknown) = (own_keys(), "SOUTH".to_owned());
    let nowhere = import(&there.owner_url, &archive, &unknown, &keys, &transfer()).await;
    assert_eq!(
        nowhere.map_err(super::elsewhere::refused).unwrap_err(),
        Refused::NoPartner(unknown)
    );

    // Another tenant has the host name; then the code.
    let code = shop.tenant.0.simple().to_string();
    let another = Uuid::now_v7();
    run(&format!(
        "INSERT INTO qm.partner (id, code, name, created_at) VALUES ('{partner}', 'EAST', 'East', statement_timestamp()); \
         INSERT INTO qm.tenant (id, partner_id, code, name, kind, status, currency, locale, time_zone, country, version, created_at, updated_at, request_digest) \
         VALUES ('{another}', '{partner}', '{code}', 'Another', 'RETAILER', 'ACTIVE', 'USD', 'en', 'UTC', 'US', 1, statement_timestamp(), statement_timestamp(), ''); \
         INSERT INTO qm.branding (id, name, version, updated_at) VALUES ('{another}', 'Another', 1, statement_timestamp()); \
         INSERT INTO qm.host (host, branding_id) VALUES ('{host}', '{another}')"
    ))
    .await;
    stands(Refused::HostTaken(host)).await;
    run("DELETE FROM qm.host").await;
    run(&format!(
        "UPDATE qm.tenant SET partner_id = '{}' WHERE id = '{another}'",
        there.partner.0
    ))
    .await;
    stands(Refused::CodeTaken(code)).await;
    run(&format!(
        "UPDATE qm.tenant SET partner_id = '{partner}' WHERE id = '{another}'"
    ))
    .await;

    // The buyer's login is somebody else there; then nobody logs in there at all.
    let (subject, issuer) = (buyer.op.account, world.issuer());
    run(&format!(
        "INSERT INTO qm.person (id, created_at) VALUES ('{another}', statement_timestamp()); \
         INSERT INTO qm.login (issuer_id, subject, person_id, created_at) SELECT id, '{subject}', '{another}', statement_timestamp() FROM qm.issuer WHERE issuer = '{issuer}'"
    ))
    .await;
    stands(Refused::OtherPerson(format!("{subject} of {issuer}"))).await;
    run(&format!("DELETE FROM qm.login WHERE subject = '{subject}'")).await;
    run(&format!("UPDATE qm.issuer SET partner_id = '{partner}'")).await;
    stands(Refused::NoIssuer(issuer.to_owned())).await;
    run("UPDATE qm.issuer SET partner_id = NULL").await;

    // Another schema: a step more, or less.
    run("INSERT INTO quartermaster_migration (version, applied_at) VALUES ('m9999_later', 0)").await;
    let said = there.import(&archive).await.unwrap_err();
    assert!(
        matches!(said, Refused::OtherSchema { theirs, ours, .. } if ours == theirs + 1),
        "{said:?}"
    );
    run("DELETE FROM quartermaster_migration WHERE version = 'm9999_later'").await;

    there.import(&archive).await.unwrap();
    let told: i64 = there
        .owner
        .query_one(
            "SELECT count(*) FROM qm.directory_event WHERE type = 'tenant-imported' AND subject_tenant_id = $1",
            &[&id],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(told, 1, "the partner's history says it once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_active_tenant_is_exported_only_when_a_copy_is_asked_for_and_one_whose_evidence_fails_is_not() {
    let world = World::start().await;
    let shop = world.shop(&strict()).await;
    let folder = tempfile::tempdir().unwrap();
    let owner = url("DATABASE_OWNER_URL");
    let said = try_export(&owner, shop.tenant, folder.path(), false).await;
    assert_eq!(said.unwrap_err(), Refused::Active);
    world
        .member(&shop, &["buyer"])
        .await
        .done(CREATE, order_input(&shop, true))
        .await;
    try_export(&owner, shop.tenant, folder.path(), true).await.unwrap();
    // Sealed with a key that nobody has: found when half of the file is written.
    let id = Uuid::now_v7();
    let sealed = "INSERT INTO qm.supplier_bank_change (tenant_id, id, supplier_id, status, sealed, key_id, mask, country, proposer_account_id, round, version, event_sequence, event_hash, created_at, updated_at) \
        SELECT $1, $2, $3, 'REJECTED', '\\x00', '00000000', 'DE', 'DE', a.id, 1, 1, 0, '', statement_timestamp(), statement_timestamp() FROM qm.account a WHERE a.tenant_id = $1 LIMIT 1";
    let params: [&(dyn ToSql + Sync); 3] = [&shop.tenant.0, &id, &shop.supplier];
    assert_eq!(world.owner.execute(sealed, &params).await.unwrap(), 1);
    let said = try_export(&owner, shop.tenant, folder.path(), true).await;
    assert!(matches!(said, Err(Refused::NotOpened { .. })), "{said:?}");
    let unsealed = "DELETE FROM qm.supplier_bank_change WHERE tenant_id = $1 AND id = $2";
    world.owner.execute(unsealed, &[&shop.tenant.0, &id]).await.unwrap();
    let forged = "UPDATE qm.event SET data = '{}' WHERE tenant_id = $1";
    let broken = usize::try_from(world.owner.execute(forged, &[&shop.tenant.0]).await.unwrap()).unwrap();
    let said = try_export(&owner, shop.tenant, folder.path(), true).await;
    assert_eq!(said.unwrap_err(), Refused::Evidence { broken, differing: 0 });
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "one file was made, and nothing else is left");
}
