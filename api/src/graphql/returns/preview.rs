//! What a viewer can do to a return now.

use crate::{previewed, viewer_can};
use quartermaster_domain::returns::ReturnCommand;
use quartermaster_domain::returns::queries::ReturnRecord;

viewer_can!(
    /// What you could do to a return now.
    SupplierReturnViewerCan, ReturnCommand;
    /// Ask for approval.
    submit = Submit,
    /// Approve (a step of) it.
    approve = Approve,
    /// Refuse it.
    reject = Reject,
    /// Let it leave.
    ship = Ship,
    /// Withdraw it.
    cancel = Cancel,
);

previewed!(ReturnRecord, ReturnCommand, SupplierReturnViewerCan, |r| (
    r.header.id.0,
    r.header.trail.version
));
