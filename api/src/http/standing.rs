//! What a socket or a stream of events listens for besides its subscriptions: that something happened to the account that opened
//! it, or to its tenant. Then its credential is looked at again, at once and not with the next look.

use crate::live::Live;
use quartermaster_tenants::RecordedKind;
use quartermaster_tenants::authenticate::Caller;
use quartermaster_tenants::feed::Happened;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use uuid::Uuid;

/// The events of the account behind a socket.
pub struct Standing {
    events: Receiver<Arc<Happened>>,
    tenant: Uuid,
    account: Uuid,
    /// He was admitted before anybody listened: what happened in between was not told.
    unsure: bool,
}

impl Standing {
    /// Listens from now on; for nobody above tenants, who subscribes to nothing of theirs.
    pub async fn of(caller: &Caller, live: Option<&Live>) -> Option<Self> {
        match caller {
            Caller::Member(op) => Some(Self {
                events: live?.listen().await,
                tenant: op.tenant.0,
                account: op.account,
                unsure: true,
            }),
            Caller::Partner(_) | Caller::Platform(_) => None,
        }
    }

    /// Has something happened by now? Events reach a socket in one order: what was told after the account ended is behind this.
    pub fn has_changed(&mut self) -> bool {
        if std::mem::take(&mut self.unsure) {
            return true;
        }
        loop {
            match self.events.try_recv() {
                Ok(happened) if self.concerns(&happened) => return true,
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => return true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return false,
            }
        }
    }

    /// Waits until something happens.
    pub async fn wait(&mut self) {
        if self.has_changed() {
            return;
        }
        loop {
            match self.events.recv().await {
                Ok(happened) if !self.concerns(&happened) => {}
                // Who missed some of them looks, to be sure.
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    fn concerns(&self, happened: &Happened) -> bool {
        let to = |kind: RecordedKind, document: Uuid| {
            happened.document_kind == kind.as_str() && happened.document == document
        };
        happened.tenant == self.tenant
            && (to(RecordedKind::UserAccount, self.account) || to(RecordedKind::Tenant, self.tenant))
    }
}
