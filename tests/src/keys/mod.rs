//! API keys: issued by two people, used by machines, stopped at once; what a machine does is in its owner's hand.

mod acting;
mod coming_in;
mod issuing;
pub mod office;
mod replacing;
