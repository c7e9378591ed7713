//! The import arrows of the crates point one way.

use super::metadata;

/// What each crate may import of the others.
const ARROWS: &[(&str, &[&str])] = &[
    ("quartermaster-tenants", &[]),
    ("quartermaster-migrations", &[]),
    ("quartermaster-demo", &[]),
    ("quartermaster-domain", &["quartermaster-tenants"]),
    ("quartermaster-bench", &["quartermaster-tenants"]),
    (
        "quartermaster-api",
        &[
            "quartermaster-demo",
            "quartermaster-domain",
            "quartermaster-migrations",
            "quartermaster-tenants",
        ],
    ),
    (
        "quartermaster-tests",
        &[
            "quartermaster-api",
            "quartermaster-demo",
            "quartermaster-domain",
            "quartermaster-migrations",
            "quartermaster-tenants",
        ],
    ),
];

/// What each crate may import of the others for its own unit tests, beside the above.
const ARROWS_OF_UNIT_TESTS: &[(&str, &[&str])] = &[];

/// Libraries that a crate must not know, whatever it wants them for.
const STRANGERS: &[(&str, &[&str])] = &[
    (
        "quartermaster-domain",
        &[
            "async-graphql",
            "async-graphql-axum",
            "axum",
            "reqwest",
            "tower",
            "tower-http",
            "sea-orm",
            "deadpool-postgres",
        ],
    ),
    (
        "quartermaster-tenants",
        &["async-graphql", "async-graphql-axum", "axum", "tower", "tower-http"],
    ),
    (
        "quartermaster-api",
        &["tokio-postgres", "deadpool-postgres", "sea-orm", "sea-orm-migration"],
    ),
    (
        "quartermaster-migrations",
        &["async-graphql", "axum", "reqwest", "tokio-postgres", "rust_decimal"],
    ),
];

struct Import {
    from: String,
    to: String,
    of_unit_tests: bool,
}

fn imports() -> Vec<Import> {
    let metadata = metadata(&["--no-deps"]);
    let mut imports = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        for dependency in package["dependencies"].as_array().unwrap() {
            imports.push(Import {
                from: package["name"].as_str().unwrap().to_owned(),
                to: dependency["name"].as_str().unwrap().to_owned(),
                of_unit_tests: dependency["kind"] == "dev",
            });
        }
    }
    imports
}

fn of(table: &[(&str, &'static [&'static str])], name: &str) -> &'static [&'static str] {
    table.iter().find(|(from, _)| *from == name).map_or(&[], |(_, to)| to)
}

#[test]
fn no_import_arrow_between_the_crates_turns_round() {
    for import in imports()
        .iter()
        .filter(|import| import.to.starts_with("quartermaster-"))
    {
        assert!(
            ARROWS.iter().any(|(from, _)| *from == import.from),
            "{} is new: give it its arrows here",
            import.from
        );
        let allowed = of(ARROWS, &import.from).contains(&import.to.as_str())
            || import.of_unit_tests && of(ARROWS_OF_UNIT_TESTS, &import.from).contains(&import.to.as_str());
        assert!(
            allowed,
            "{} imports {}: the arrow points the wrong way",
            import.from, import.to
        );
    }
}

#[test]
fn no_crate_knows_a_library_that_answers_another_crates_question() {
    for import in imports().iter().filter(|import| !import.of_unit_tests) {
        let stranger = of(STRANGERS, &import.from).contains(&import.to.as_str());
        assert!(
            !stranger,
            "{} imports {}: ARCHITECTURE.md says which crate may",
            import.from, import.to
        );
    }
}
