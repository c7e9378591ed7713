//! Buying: orders, their approval, their changes.

mod approval;
mod change;
mod life;
mod race;
