//! Lists in pages: a total order, cursors bound to it, both directions, one statement.

use crate::tx::{Flight, Param, Rows};
use crate::{Error, Result, TenantTx};
use compact_str::CompactString;
use tokio_postgres::Row;
use uuid::Uuid;

/// A total order of a list: a column, ties broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Names the order inside cursors.
    pub tag: &'static str,
    /// The column or expression, of the table alias `t`.
    pub column: &'static str,
    /// Its SQL type, to which a cursor's text is cast back.
    pub cast: &'static str,
    /// Largest first.
    pub descending: bool,
}

impl Order {
    /// Smallest first.
    #[must_use]
    pub const fn ascending(tag: &'static str, column: &'static str, cast: &'static str) -> Self {
        Self {
            tag,
            column,
            cast,
            descending: false,
        }
    }

    /// Largest first.
    #[must_use]
    pub const fn descending(tag: &'static str, column: &'static str, cast: &'static str) -> Self {
        Self {
            tag,
            column,
            cast,
            descending: true,
        }
    }

    /// Could a cursor of this order hold this value? A cursor comes from outside, and what the database cannot cast must not
    /// reach it.
    #[must_use]
    pub fn accepts(&self, value: &str) -> bool {
        match self.cast {
            "uuid" => Uuid::parse_str(value).is_ok(),
            "date" => value.parse::<chrono::NaiveDate>().is_ok(),
            "timestamptz" => chrono::DateTime::parse_from_str(value, "%Y-%m-%d %H:%M:%S%.f%#z").is_ok(),
            "int" | "integer" => value.parse::<i32>().is_ok(),
            "bigint" => value.parse::<i64>().is_ok(),
            "numeric" => value.parse::<rust_decimal::Decimal>().is_ok(),
            _ => true,
        }
    }
}

/// A place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The order that it belongs to.
    pub tag: &'static str,
    /// The value of the order's column, as text.
    pub value: CompactString,
    /// The row's id.
    pub id: Uuid,
}

/// Which part of a list is wanted: at most `limit` rows after and before two places, from the front or from the back.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// How many.
    pub limit: i64,
    /// The last ones in place of the first.
    pub from_back: bool,
    /// Rows behind this one.
    pub after: Option<Cursor>,
    /// Rows before this one.
    pub before: Option<Cursor>,
}

impl Window {
    /// The first so many.
    #[must_use]
    pub fn first(many: usize) -> Self {
        Self {
            limit: i64::try_from(many).unwrap_or(i64::MAX - 1),
            ..Self::default()
        }
    }

    /// All of it, where something else bounds it.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            // Whoever reads a window asks for one row more.
            limit: i64::MAX - 1,
            ..Self::default()
        }
    }
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, each with its cursor, in the list's order.
    pub rows: Vec<(T, Cursor)>,
    /// Are there rows behind the last one?
    pub has_next: bool,
    /// Are there rows before the first one?
    pub has_previous: bool,
}

/// A parameter of a list: the driver's for tables of tenants, the directory's for its own.
pub(crate) trait Bound {
    fn id(id: Uuid) -> Self;
    fn text(text: String) -> Self;
    fn number(number: i64) -> Self;
}

impl Bound for Param {
    fn id(id: Uuid) -> Self {
        Box::new(id)
    }
    fn text(text: String) -> Self {
        Box::new(text)
    }
    fn number(number: i64) -> Self {
        Box::new(number)
    }
}

/// A list statement put together from constant parts; values travel as parameters.
pub struct Listing<P = Param> {
    columns: &'static str,
    from: &'static str,
    /// Whose rows: a condition on the first parameter.
    owner: &'static str,
    conditions: String,
    params: Vec<P>,
}

#[expect(
    private_bounds,
    reason = "there are two kinds of parameters, and nobody outside adds a third"
)]
impl<P: Bound> Listing<P> {
    pub(crate) fn owned(columns: &'static str, from: &'static str, owner: &'static str, by: Uuid) -> Self {
        Self {
            columns,
            from,
            owner,
            conditions: String::new(),
            params: vec![P::id(by)],
        }
    }

    pub(crate) fn bind(&mut self, condition: &str, param: P) {
        self.params.push(param);
        self.conditions.push_str(" AND ");
        self.conditions
            .push_str(&condition.replace('?', &format!("${}", self.params.len())));
    }

    /// The statement that counts the whole list.
    pub(crate) fn counted(self) -> (String, Vec<P>) {
        let (from, owner, conditions) = (self.from, self.owner, self.conditions);
        (
            format!("SELECT count(*) AS n FROM {from} WHERE {owner}{conditions}"),
            self.params,
        )
    }

    /// The statement for one window, one row longer than asked so that "is there more" is known.
    pub(crate) fn windowed(mut self, order: Order, window: &Window) -> (String, Vec<P>) {
        let forward = order.descending == window.from_back;
        for (cursor, is_after) in [(&window.after, true), (&window.before, false)] {
            let Some(cursor) = cursor else { continue };
            let op = if is_after != order.descending { ">" } else { "<" };
            if order.column == "t.id" {
                self.params.push(P::id(cursor.id));
                self.conditions
                    .push_str(&format!(" AND t.id {op} ${}", self.params.len()));
                continue;
            }
            self.params.push(P::text(cursor.value.to_string()));
            self.params.push(P::id(cursor.id));
            let n = self.params.len();
            self.conditions.push_str(&format!(
                " AND ({}, t.id) {op} (${}::text::{}, ${n})",
                order.column,
                n - 1,
                order.cast
            ));
        }
        let direction = if forward { "ASC" } else { "DESC" };
        self.params.push(P::number(window.limit + 1));
        let by = if order.column == "t.id" {
            format!("t.id {direction}")
        } else {
            format!("{} {direction}, t.id {direction}", order.column)
        };
        let sql = format!(
            "SELECT {}, t.id AS cursor_id, ({})::text AS cursor_value FROM {} WHERE {}{} ORDER BY {by} LIMIT ${}",
            self.columns,
            order.column,
            self.from,
            self.owner,
            self.conditions,
            self.params.len()
        );
        (sql, self.params)
    }
}

impl Listing {
    /// `columns` and `from` speak of the alias `t`; `t.tenant_id = $1` is already there, the tenant the first parameter.
    #[must_use]
    pub fn new(columns: &'static str, from: &'static str, tenant: Uuid) -> Self {
        Self::owned(columns, from, "t.tenant_id = $1", tenant)
    }

    /// Adds a condition; `?` stands for the parameter.
    pub fn filter(
        &mut self,
        condition: &str,
        param: impl tokio_postgres::types::ToSql + Sync + Send + 'static,
    ) -> &mut Self {
        self.bind(condition, Box::new(param));
        self
    }

    /// Adds a condition if there is a value for it.
    pub fn filter_some<T: tokio_postgres::types::ToSql + Sync + Send + 'static>(
        &mut self,
        condition: &str,
        param: Option<T>,
    ) -> &mut Self {
        if let Some(param) = param {
            self.filter(condition, param);
        }
        self
    }

    /// How many there are in the whole list.
    ///
    /// # Errors
    /// What the database said.
    pub async fn total(self, tx: &mut TenantTx<'_>) -> Result<i64> {
        let mut flight = Flight::new();
        let (sql, params) = self.counted();
        let count = flight.composed(sql, params);
        Ok(tx.fly(flight).await?.one(count)?.try_get(0)?)
    }

    /// Counts the list for each value of a column.
    pub fn count_by(self, column: &'static str, flight: &mut Flight) -> Rows {
        let sql = format!(
            "SELECT {column}, count(*) FROM {} WHERE {}{} GROUP BY {column} ORDER BY {column}",
            self.from, self.owner, self.conditions
        );
        flight.composed(sql, self.params)
    }

    /// Reads one window.
    ///
    /// # Errors
    /// What the database said; a row that `read` cannot read.
    pub async fn read<T>(
        self,
        tx: &mut TenantTx<'_>,
        order: Order,
        window: &Window,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Page<T>> {
        let mut flight = Flight::new();
        let rows = self.page(order, window, &mut flight);
        page_of(tx.fly(flight).await?.get(rows), order, window, read)
    }

    /// Puts the statement of one window into a flight, one row longer than asked: for [`page_of`].
    pub fn page(self, order: Order, window: &Window, flight: &mut Flight) -> Rows {
        let (sql, params) = self.windowed(order, window);
        flight.composed(sql, params)
    }
}

/// Makes a page of the rows that [`Listing::page`] brought.
///
/// # Errors
/// A row that `read` cannot read.
pub fn page_of<T>(rows: &[Row], order: Order, window: &Window, read: impl Fn(&Row) -> Result<T>) -> Result<Page<T>> {
    let placed = |row: &Row| Ok((read(row)?, row.try_get("cursor_value")?, row.try_get("cursor_id")?));
    page_from(rows, order, window, placed)
}

/// The same of rows of any kind, each read with the value and the id of its cursor.
pub(crate) fn page_from<R, T>(
    rows: &[R],
    order: Order,
    window: &Window,
    placed: impl Fn(&R) -> Result<(T, String, Uuid)>,
) -> Result<Page<T>> {
    let limit = usize::try_from(window.limit).map_err(Error::internal)?;
    let more = rows.len() > limit;
    let mut out = Vec::with_capacity(rows.len().min(limit));
    for row in rows.iter().take(limit) {
        let (row, value, id) = placed(row)?;
        let (tag, value) = (order.tag, value.into());
        out.push((row, Cursor { tag, value, id }));
    }
    if window.from_back {
        out.reverse();
    }
    let (has_next, has_previous) = match window.from_back {
        false => (more, window.after.is_some()),
        true => (window.before.is_some(), more),
    };
    Ok(Page {
        rows: out,
        has_next,
        has_previous,
    })
}
