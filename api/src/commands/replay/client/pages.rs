//! Connections, read to their end.

use super::{CallError, Caller, Client};
use serde_json::{Value, json};

impl Client {
    /// Asks for every page of the connection that the document calls `page` (it takes `$after`), and hands out the nodes.
    ///
    /// # Errors
    /// [`CallError`], also what `each` says.
    pub async fn pages(
        &self,
        caller: Caller<'_>,
        document: &str,
        mut variables: Value,
        mut each: impl FnMut(&Value) -> Result<(), CallError>,
    ) -> Result<(), CallError> {
        loop {
            let answer = self.ask(caller, document, variables.clone()).await?;
            let page = &answer["page"];
            nodes(page).try_for_each(&mut each)?;
            match next(page) {
                Some(cursor) => variables["after"] = json!(cursor),
                None => return Ok(()),
            }
        }
    }
}

/// The nodes of a page.
pub fn nodes(page: &Value) -> impl Iterator<Item = &Value> {
    page["nodes"].as_array().into_iter().flatten()
}

/// Where the next page begins, if there is one.
pub fn next(page: &Value) -> Option<&Value> {
    let info = &page["pageInfo"];
    (info["hasNextPage"] == true).then(|| &info["endCursor"])
}
