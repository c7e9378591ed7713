//! What the pages tell readers, done: `README.md` and every page of `docs/`. Nothing stands in a fenced block that no test executed.
//!
//! The first word of a fence is its language, the second what it is to the test; readers see neither the second nor those after it.
//!
//! | fence | what is done with it |
//! |---|---|
//! | `graphql as=PERSONA` | sent to the server of `make demo` as this persona (`demo.rs`), or whoever has this login there; a subscription over a socket |
//! | `json variables` | the variables of the document before it |
//! | `json answer` | compared with what the document or the command before it answered (`answer.rs`) |
//! | `json event` | compared with the next message of the open subscription |
//! | `sh as=PERSONA` | run by bash, with the persona's token in `$TOKEN` (`shell.rs`); with `at=limited` or `at=registered` against another server |
//! | `json manifest` | what a server with registered documents is given |
//! | `sh`, `console` of `operations.md` | by `operate::runbook` and `operate::installing`; `sh first` by `operate::beginning` |
//! | `yaml values` | what the chart is rendered with, by `operate::manifests` |
//! | `sh demo` | `make demo`, which is how the world of all pages comes about |
//! | `http answer`, `text answer` | its lines stand in what the command before it said, in this order |
//! | `text make` | each line begins with a target of the Makefile |
//! | `typescript` | type-checked and run by `tests/clients/docs.test.ts`, with its output |
//!
//! A mistake in an answer is mended by `UPDATE_GOLDEN=1`, which writes the real one; so are the parts between `<!-- generated … -->`
//! marks (`generated.rs`). Read the difference.

mod answer;
mod codes;
mod demo;
mod examples;
mod generated;
mod limits;
mod links;
pub mod page;
mod pretty;
pub mod shell;
