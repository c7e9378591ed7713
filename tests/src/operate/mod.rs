//! What whoever runs it needs, from outside: figures, logs, traces, the chart, the image, the runbook.

mod alerts;
mod chart;
mod cluster;
mod data_key;
mod doctor;
mod figures;
mod image;
mod logs;
mod process;
mod runbook;
mod tls;
mod tools;
mod traces;
