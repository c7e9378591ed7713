use std::path::Path;

#[test]
fn the_schema_that_is_checked_in_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let served = quartermaster_api::graphql::sdl();
    let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
    if served == checked_in {
        return;
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, served).unwrap();
        return;
    }
    let differs = served.lines().zip(checked_in.lines()).position(|(a, b)| a != b);
    panic!(
        "schema.graphql is not what is served (line {differs:?} differs): run `make schema` and read the difference"
    );
}
