//! What limits a request, read where it is declared: a constant or a value of the configuration, with what its comment says.

use super::generated::{flat, rows};
use crate::house::root;
use quartermaster_api::config::Config;

/// What a client can run into, in the order of the page: the constants of these files, and the configuration.
const DECLARED: [(&str, &[&str]); 7] = [
    ("api/src/http/scan.rs", &["LENGTH", "TOKENS", "NESTING"]),
    ("api/src/graphql/mod.rs", &["DEPTH"]),
    (
        "api/src/http/document.rs",
        &[
            "ROOT_FIELDS",
            "FIELDS",
            "ALIASES",
            "DIRECTIVES",
            "FRAGMENTS",
            "VARIABLES",
        ],
    ),
    ("api/src/http/charge.rs", &["MOST", "ELEMENTS"]),
    ("api/src/graphql/page.rs", &["DEFAULT", "MOST"]),
    ("api/src/graphql/payload.rs", &["MOST_ELEMENTS"]),
    (
        "api/src/config.rs",
        &[
            "body_limit_bytes",
            "import_limit_bytes",
            "request_timeout_seconds",
            "tenant_points_per_minute",
            "account_points_per_minute",
            "sockets_per_account",
            "socket_idle_seconds",
            "subscriptions_per_socket",
        ],
    ),
];

pub fn table() -> String {
    let all = DECLARED
        .iter()
        .flat_map(|(file, names)| names.iter().map(move |name| (*file, *name)));
    rows(
        &["limit", "value", "can be configured"],
        all.map(|(file, name)| {
            let declared = Declared::find(file, name);
            let setting = match file {
                "api/src/config.rs" => format!("`{name}`"),
                _ => "no".to_owned(),
            };
            vec![declared.says, declared.value, setting]
        }),
    )
}

struct Declared {
    says: String,
    value: String,
}

impl Declared {
    fn find(file: &str, name: &str) -> Self {
        let text = std::fs::read_to_string(root().join(file)).expect(file);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let begins = [
            format!("const {name}: "),
            format!("pub const {name}: "),
            format!("pub {name}: "),
        ];
        let at = lines
            .iter()
            .position(|line| begins.iter().any(|b| line.starts_with(b.as_str())));
        let at =
            at.unwrap_or_else(|| panic!("{name} is not declared in {file} any more: where does docs/ find it now?"));
        let mut says: Vec<&str> = lines[..at]
            .iter()
            .rev()
            .map_while(|line| line.strip_prefix("/// "))
            .collect();
        says.reverse();
        assert!(!says.is_empty(), "{file}: {name} says nothing of itself");
        let value = match lines[at].split_once(" = ") {
            Some((_, value)) => value.trim_end_matches(';').to_owned(),
            None => configured(name),
        };
        Self {
            says: flat(&says.join(" ")),
            value: number(&value),
        }
    }
}

/// The default of a value of the configuration, in production.
fn configured(name: &str) -> String {
    let config = Config::default();
    match name {
        "tenant_points_per_minute" => config.tenant_points_per_minute().unwrap_or_default().to_string(),
        "account_points_per_minute" => config.account_points_per_minute().unwrap_or_default().to_string(),
        _ => serde_json::to_value(&config).unwrap()[name].to_string(),
    }
}

/// A number as people read it: `256 * 1024` → `262,144`.
fn number(written: &str) -> String {
    let factors = written.split(" * ").map(|f| f.replace('_', "").parse::<u64>());
    let Ok(product) = factors.product::<Result<u64, _>>() else {
        return written.to_owned();
    };
    let digits = product.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[test]
fn a_product_of_constants_is_one_number() {
    assert_eq!(number("256 * 1024"), "262,144");
    assert_eq!(number("20_000"), "20,000");
    assert_eq!(number("15"), "15");
}
