use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const KEY: &str = "V/y1ZaAmmI3iBZUw/LWjVaeQ0l46n1zJbSGPMTsRsOY=";

fn sound() -> Config {
    Config {
        database_app_url: "postgres://app:secret@db/qm?sslmode=require".to_owned(),
        data_key: Some(KEY.to_owned()),
        ..Config::default()
    }
}

#[test]
fn a_production_configuration_refuses_each_thing_that_weakens_a_control() {
    assert!(sound().check().is_ok());
    type Weaken = fn(&mut Config);
    let weak: [(&str, Weaken); 8] = [
        ("development_issuer", |c| c.development_issuer = Some(true)),
        ("loopback_issuers", |c| c.loopback_issuers = Some(true)),
        ("clock_offset_seconds", |c| c.clock_offset_seconds = 1),
        ("data_key", |c| c.data_key = None),
        ("data_key", |c| c.data_key = Some(STANDARD.encode([7; 32]))),
        ("data_key_file", |c| c.data_key_file = Some("keys".into())),
        ("DATABASE_APP_URL", |c| c.database_app_url.clear()),
        ("sslmode=verify-full", |c| {
            c.database_relay_url = "postgres://relay@db/qm".to_owned()
        }),
    ];
    for (name, weaken) in weak {
        let mut config = sound();
        weaken(&mut config);
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains(name), "{said}");
    }
    assert!(!sound().graphiql() && !sound().introspection() && !sound().development_issuer());
}

#[test]
fn what_is_printed_holds_no_secret() {
    let mut config = sound();
    config.database_owner_url = "host=db user=owner password=secret dbname=qm sslmode=require".to_owned();
    config.database_relay_url = "postgres://db/qm?user=relay&password=secret".to_owned();
    let shown = config.masked();
    assert!(!shown.contains("secret"), "{shown}");
    assert!(!shown.contains(KEY), "{shown}");
    assert!(shown.contains("host=db"), "{shown}");
}

#[test]
fn an_origin_is_a_scheme_and_a_host_and_nothing_more() {
    assert!(is_origin("https://shop.example"));
    for wrong in [
        "*",
        "null",
        "https://shop.example/",
        "shop.example",
        "ftp://shop.example",
    ] {
        assert!(!is_origin(wrong), "{wrong}");
    }
}
