//! Returns to suppliers.
