//! What whoever runs it needs, from outside: figures, logs, traces, the chart, the image, the runbook.

mod alerts;
mod chart;
mod figures;
mod image;
mod logs;
pub mod process;
mod runbook;
mod tools;
mod traces;
