//! What a viewer can do to an order now.

use crate::{previewed, viewer_can};
use quartermaster_domain::purchasing::OrderCommand;
use quartermaster_domain::purchasing::queries::OrderRecord;

viewer_can!(
    /// What you could do to an order now.
    PurchaseOrderViewerCan, OrderCommand;
    /// Edit the draft.
    update = Update,
    /// Ask for approval.
    submit = Submit,
    /// Approve (a step of) it.
    approve = Approve,
    /// Send it back to its maker.
    r#return = Return,
    /// Refuse it for good.
    reject = Reject,
    /// Give it to the supplier.
    release = Release,
    /// Withdraw it.
    cancel = Cancel,
    /// Stop it for the time being.
    hold = Hold,
    /// Go on with it.
    resume = Resume,
    /// Expect no more of some lines.
    short_close = ShortClose,
    /// Propose a new revision.
    change = Change,
);

previewed!(OrderRecord, OrderCommand, PurchaseOrderViewerCan, |r| (r.id, r.version));
