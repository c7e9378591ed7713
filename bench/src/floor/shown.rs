//! What the floor shows, in the form of the product's answers.

use quartermaster_tenants::id::encode;
use rust_decimal::Decimal;
use serde::Serialize;
use tokio_postgres::Row;
use uuid::Uuid;

#[derive(Serialize)]
pub struct Answer<T> {
    pub data: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OneOrder<'r> {
    pub purchase_order: Option<Order<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StockOfItem<'r> {
    pub inventory_positions: Nodes<Place<'r>>,
}

#[derive(Serialize)]
pub struct Nodes<T> {
    pub nodes: Vec<T>,
}

#[derive(Serialize)]
struct Amount {
    amount: Decimal,
}

#[derive(Serialize)]
struct Quantity {
    value: Decimal,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order<'r> {
    id: &'r str,
    number: &'r str,
    status: &'r str,
    created_at: chrono::DateTime<chrono::Utc>,
    total_amount: Amount,
    supplier: Supplier<'r>,
    lines: Nodes<Line<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Supplier<'r> {
    id: String,
    code: &'r str,
    legal_name: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'r> {
    id: String,
    line_number: i32,
    quantity: Quantity,
    unit_price: Amount,
    received_quantity: Quantity,
    item: Item<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'r> {
    id: String,
    sku: &'r str,
    name: &'r str,
    base_unit_code: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place<'r> {
    id: String,
    location: Location<'r>,
    on_hand: Quantity,
}

#[derive(Serialize)]
struct Location<'r> {
    id: String,
    code: &'r str,
    name: &'r str,
}

type Read<T> = Result<T, tokio_postgres::Error>;

impl<'r> Order<'r> {
    pub fn read(id: &'r str, order: Uuid, head: &'r Row, lines: &'r [Row]) -> Read<Self> {
        let lines = lines.iter().map(|row| Line::read(order, row));
        Ok(Self {
            id,
            number: head.try_get(0)?,
            status: head.try_get(1)?,
            created_at: head.try_get(2)?,
            total_amount: Amount {
                amount: head.try_get(3)?,
            },
            supplier: Supplier {
                id: encode("sup", head.try_get(4)?),
                code: head.try_get(5)?,
                legal_name: head.try_get(6)?,
            },
            lines: Nodes {
                nodes: lines.collect::<Read<_>>()?,
            },
        })
    }
}

impl<'r> Line<'r> {
    fn read(order: Uuid, row: &'r Row) -> Read<Self> {
        let number: i32 = row.try_get(0)?;
        Ok(Self {
            id: format!("{}_{number}", encode("pol", order)),
            line_number: number,
            quantity: Quantity { value: row.try_get(1)? },
            unit_price: Amount {
                amount: row.try_get(2)?,
            },
            received_quantity: Quantity { value: row.try_get(3)? },
            item: Item {
                id: encode("itm", row.try_get(4)?),
                sku: row.try_get(5)?,
                name: row.try_get(6)?,
                base_unit_code: row.try_get(7)?,
            },
        })
    }
}

impl<'r> Place<'r> {
    pub fn read(row: &'r Row) -> Read<Self> {
        Ok(Self {
            id: encode("pos", row.try_get(0)?),
            location: Location {
                id: encode("loc", row.try_get(1)?),
                code: row.try_get(2)?,
                name: row.try_get(3)?,
            },
            on_hand: Quantity { value: row.try_get(4)? },
        })
    }
}
