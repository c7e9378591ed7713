//! Tests of the kernel as a whole.
mod basics;
mod facts;
mod gate;
mod golden;
mod oracle;
mod property;
mod traps;
mod world;
