//! What can be asked about receipts.
