//! `quartermaster import`, against a running server.

use super::Desk;
use quartermaster_api::commands::import::{Import, InvalidGtin, Kind};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_sends_a_file_prints_its_report_and_writes_the_refused_lines_beside_it() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("items.csv");
    std::fs::write(&file, "sku,name,base_unit\nC-1,One,EA\n,Two,EA\n").unwrap();
    let command = |dry_run| Import {
        kind: Kind::Items,
        file: file.clone(),
        server: desk.world.url().replace("/graphql", ""),
        token: desk.steward.token().to_owned(),
        dry_run,
        on_invalid_gtin: InvalidGtin::Refuse,
        name: None,
    };
    let dry = command(true).send().await.unwrap();
    assert!(dry.text.contains("A dry run: nothing was changed."), "{}", dry.text);
    let report = command(false).send().await.unwrap();
    assert!(
        report
            .text
            .contains("2 lines, 1 new, 0 changed, 0 unchanged, 1 refused"),
        "{}",
        report.text
    );
    assert!(report.text.contains("itemChangeApprove"), "{}", report.text);
    assert!(report.text.contains("line 3 sku:"), "{}", report.text);
    assert!(report.refused);
    let refused = std::fs::read_to_string(folder.path().join("items.refused.csv")).unwrap();
    assert!(refused.contains(",,Two,EA"), "{refused}");

    std::fs::write(&file, "sku;name;base_unit\n").unwrap();
    let wrong = command(false).send().await.unwrap_err();
    assert!(wrong.sentence.contains("semicolons"), "{}", wrong.sentence);
    assert_eq!(wrong.code, 65);
    let stranger = Import {
        token: "nobody".to_owned(),
        ..command(false)
    };
    assert_eq!(stranger.send().await.unwrap_err().code, 77);
}
