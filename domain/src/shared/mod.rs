//! What all capabilities speak with: typed ids, money, quantity, pages.

mod found;
pub mod gs1;
pub mod ids;
pub mod money;
pub mod numeric;
pub mod quantity;
pub mod seal;
pub mod unit;
mod words;

pub use found::found;
pub use ids::*;
pub use money::{Currency, round_to};
pub use quantity::{quantity, unit_price};
pub use quartermaster_tenants::input::{Refusals, code, line_field, required_text, text};
pub use quartermaster_tenants::listing;
pub use quartermaster_tenants::listing::{Cursor, Listing, Order, Page, Window};
