//! Lists of a partner in pages: the pager of tenants' lists over the tables of the directory.

use super::DirectoryTx;
use crate::error::{Error, Result};
use crate::id::PartnerId;
use crate::listing::{Bound, Listing, Order, Page, Window, page_from};
use sea_orm::{QueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

impl Bound for Value {
    fn id(id: Uuid) -> Self {
        id.into()
    }
    fn text(text: String) -> Self {
        text.into()
    }
    fn number(number: i64) -> Self {
        number.into()
    }
}

impl Listing<Value> {
    /// `columns` and `from` speak of the alias `t`; `t.partner_id = $1` is already there, the partner the first parameter.
    pub(crate) fn of_partner(columns: &'static str, from: &'static str, partner: PartnerId) -> Self {
        Self::owned(columns, from, "t.partner_id = $1", partner.0)
    }

    /// Adds a condition that one of some words holds, if there are any; `?` stands for them, as JSON.
    ///
    /// # Errors
    /// Words that are no JSON: a defect.
    pub(crate) fn filter_words(&mut self, condition: &str, words: Option<impl Serialize>) -> Result<&mut Self> {
        if let Some(words) = words {
            let words = serde_json::to_value(words).map_err(Error::internal)?;
            self.bind(condition, words.into());
        }
        Ok(self)
    }

    /// A page of it.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn read<T>(
        self,
        tx: &DirectoryTx,
        order: Order,
        window: &Window,
        read: impl Fn(&QueryResult) -> Result<T>,
    ) -> Result<Page<T>> {
        let (sql, values) = self.windowed(order, window);
        let rows = tx.composed(&sql, values).await?;
        let placed = |row: &QueryResult| {
            let (value, id) = (row.try_get("", "cursor_value")?, row.try_get("", "cursor_id")?);
            Ok((read(row)?, value, id))
        };
        page_from(&rows, order, window, placed)
    }

    /// How long it is.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn length(self, tx: &DirectoryTx) -> Result<i64> {
        let (sql, values) = self.counted();
        let rows = tx.composed(&sql, values).await?;
        let row = rows.first().ok_or_else(|| Error::internal("nothing was counted"))?;
        Ok(row.try_get("", "n")?)
    }
}
