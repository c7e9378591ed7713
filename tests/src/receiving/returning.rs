//! Goods go back.
