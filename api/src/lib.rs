//! How the outside reaches Quartermaster: HTTP, GraphQL, the command line.

pub mod graphql;
