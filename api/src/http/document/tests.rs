use super::super::metrics::Sender;
use super::{Document, Documents};

fn refused(text: &str) -> String {
    Document::read(text).map(|_| ()).unwrap_err().code.to_owned()
}

#[test]
fn fragments_of_fragments_are_refused_in_no_time() {
    let mut text = String::from("{ ...f0 }");
    for i in 0..60 {
        text.push_str(&format!(" fragment f{i} on Query {{ ...f{} ...f{} }}", i + 1, i + 1));
    }
    text.push_str(" fragment f60 on Query { a }");
    assert_eq!(refused(&text), "QUERY_TOO_COMPLEX");
}

#[test]
fn a_chain_of_fragments_is_refused_before_anything_walks_to_its_end() {
    let chain = |long: u32| {
        let mut text = String::from("{ ...f0 }");
        for i in 0..long {
            text.push_str(&format!(" fragment f{i} on Query {{ ...f{} }}", i + 1));
        }
        text + format!(" fragment f{long} on Query {{ a }}").as_str()
    };
    assert!(Document::read(&chain(90)).is_ok());
    assert_eq!(refused(&chain(101)), "QUERY_TOO_COMPLEX");
    assert_eq!(refused(&chain(1_900)), "QUERY_TOO_COMPLEX");
    // Known by the time that the long way to it is walked.
    let again = chain(90).replace("{ ...f0 }", "{ ...f0 ...g0 }")
        + " fragment g0 on Query { a { b { c { d { e { f { g { h { i { j { ...f0 } } } } } } } } } } }";
    assert_eq!(refused(&again), "QUERY_TOO_COMPLEX");
}

#[test]
fn variables_are_counted() {
    let many: String = (0..201).map(|i| format!("$v{i}: Int ")).collect();
    assert_eq!(refused(&format!("query({many}) {{ a }}")), "QUERY_TOO_COMPLEX");
}

#[test]
fn a_fragment_that_spreads_itself_is_invalid() {
    assert_eq!(
        refused("{ ...f } fragment f on Query { a ...f }"),
        "GRAPHQL_VALIDATION_FAILED"
    );
}

#[test]
fn root_fields_aliases_and_directives_are_counted_through_fragments() {
    let fields: String = (0..21).map(|i| format!("f{i} ")).collect();
    assert_eq!(
        refused(&format!("{{ ...f }} fragment f on Query {{ {fields} }}")),
        "QUERY_TOO_COMPLEX"
    );
    let aliases: String = (0..101).map(|i| format!("a{i}: b ")).collect();
    assert_eq!(refused(&format!("{{ a {{ {aliases} }} }}")), "QUERY_TOO_COMPLEX");
    assert_eq!(
        refused(&format!("{{ a {} }}", "@skip(if: false) ".repeat(51))),
        "QUERY_TOO_COMPLEX"
    );
}

#[test]
fn introspection_in_circles_is_refused_and_that_of_tools_is_not() {
    let circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(refused(circle), "QUERY_TOO_COMPLEX");
    assert!(Document::read("{ __schema { types { fields { args { type { ofType { name } } } } } } }").is_ok());
}

#[test]
fn a_stranger_displaces_no_document_of_anybody_else() {
    use sha2::Digest;
    let documents = Documents::new(100);
    let ours = "{ ours }";
    let hash: [u8; 32] = sha2::Sha256::digest(ours).into();
    documents.read(ours, Sender::Known).unwrap();
    for n in 0..1_000 {
        documents.read(&format!("{{ theirs{n} }}"), Sender::Stranger).unwrap();
    }
    assert!(documents.known(&hash).is_some());
    for n in 0..100 {
        documents.read(&format!("{{ more{n} }}"), Sender::Known).unwrap();
    }
    assert!(
        documents.known(&hash).is_none(),
        "of those that we know, the oldest goes"
    );
}
