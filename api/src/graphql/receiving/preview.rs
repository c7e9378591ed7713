//! What a viewer can do to a receipt now.

use crate::{previewed, viewer_can};
use quartermaster_domain::receiving::ReceiptCommand;
use quartermaster_domain::receiving::queries::ReceiptRecord;

viewer_can!(
    /// What you could do to a receipt now.
    ReceiptViewerCan, ReceiptCommand;
    /// Enter what came.
    record_lines = RecordLines,
    /// Take it into stock.
    complete = Complete,
    /// Give it up.
    cancel = Cancel,
    /// Take it back.
    reverse = Reverse,
);

previewed!(ReceiptRecord, ReceiptCommand, ReceiptViewerCan, |r| (r.id, r.version));
