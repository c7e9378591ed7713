//! Buying: orders, their approval, their changes.

mod amounts;
mod approval;
mod change;
mod life;
mod numbering;
mod race;
