//! What whoever runs it needs, from outside: figures, logs, traces, the chart, the image, the runbook.

mod alerts;
mod beginning;
mod chart;
mod cluster;
mod data_key;
mod degraded;
mod doctor;
mod figures;
mod image;
mod installing;
mod logs;
mod manifests;
pub mod process;
mod runbook;
mod secrets;
mod tenants;
mod tls;
mod tools;
mod traces;
