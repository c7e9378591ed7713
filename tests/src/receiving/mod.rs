//! Goods come in: compared with what was ordered, within tolerance, into stock, by the right people, once.

mod blind;
mod delivering;
mod differences;
mod outside;
mod people;
mod racing;
mod receipts;
mod returning;
mod yard;
