use super::Failure;
use async_graphql::SDLExportOptions;
use clap::Args;

/// Prints the GraphQL schema (SDL), sorted and described, as it is checked in in schema.graphql.
#[derive(Debug, Args)]
pub struct Schema {}

impl Schema {
    pub fn run(self) -> Result<(), Failure> {
        print!("{}", sdl());
        Ok(())
    }
}

/// The schema that is served, as text.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    let text = crate::graphql::schema().sdl_with_options(options);
    format!("{}\n", text.trim_end())
}
