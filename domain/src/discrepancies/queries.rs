//! What can be asked about discrepancies.
