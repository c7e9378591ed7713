//! Why files cannot be replayed.

use rust_decimal::Decimal;

use crate::description::DescriptionError;

/// Why files cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The description is missing or wrong.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not the table that it should be.
    #[error("{path} is not the table that it should be: {source}")]
    Table {
        /// The file.
        path: String,
        /// Where and why.
        source: csv::Error,
    },
    /// A field cannot be understood.
    #[error("{path}, line {line}: {field} is {value:?}, which is no {wanted}")]
    Field {
        /// The file.
        path: String,
        /// Counted from 1, the header included.
        line: u64,
        /// The column.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// An order line that is neither a purchase nor a return.
    #[error("{path}, line {line}: {bottles} bottles for {dollars} dollars is neither an order nor a return")]
    Senseless {
        /// The file.
        path: String,
        /// Counted from 1, the header included.
        line: u64,
        /// The quantity.
        bottles: i64,
        /// The amount.
        dollars: Decimal,
    },
    /// Lines do not stand in time order, so that they cannot be streamed.
    #[error("{path}, line {line}: {date} stands after {after}; sort the lines by date")]
    OutOfOrder {
        /// The file.
        path: String,
        /// Counted from 1, the header included.
        line: u64,
        /// The line's date.
        date: chrono::NaiveDate,
        /// The date before it.
        after: chrono::NaiveDate,
    },
    /// A store that the description gives to nobody.
    #[error("{path}, line {line}: the store {store} belongs to no tenant of the world's description")]
    NoTenant {
        /// The file.
        path: String,
        /// Counted from 1, the header included.
        line: u64,
        /// The store's number.
        store: String,
    },
    /// There is nothing to replay.
    #[error("{path} holds neither a world.toml nor order lines (store_orders_*.csv or .csv.gz)")]
    NoOrders {
        /// What was looked at.
        path: String,
    },
}
