//! Figures by tenant: how many requests, how long, which errors, what was tried again, imports under way and their ends. The tenants
//! that came first have their own, as many as `tenants_in_metrics` says; the others are `other`.

use async_graphql::Response as Executed;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use quartermaster_tenants::id::TenantId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

static MOST: AtomicUsize = AtomicUsize::new(0);
static KNOWN: OnceLock<Mutex<HashMap<TenantId, Arc<str>>>> = OnceLock::new();

/// Keeps figures of this many tenants apart; of none, there are none by tenant.
pub fn keep(most: usize) {
    MOST.fetch_max(most, Relaxed);
    describe_counter!("quartermaster_tenant_requests_total", "GraphQL operations by tenant.");
    describe_counter!(
        "quartermaster_tenant_errors_total",
        "Errors answered, by tenant and code."
    );
    describe_histogram!(
        "quartermaster_tenant_request_duration_seconds",
        Unit::Seconds,
        "How long a tenant's GraphQL operations took."
    );
    describe_counter!(
        "quartermaster_tenant_retries_total",
        "Acts tried again because they lost to a concurrent one, by tenant."
    );
    describe_gauge!(
        "quartermaster_tenant_imports_running",
        "Files that are being imported, by tenant."
    );
    describe_counter!(
        "quartermaster_tenant_imports_total",
        "Imports that ended, by tenant and outcome."
    );
}

/// What a tenant is called in figures.
fn label(tenant: TenantId) -> Option<Arc<str>> {
    let most = MOST.load(Relaxed);
    if most == 0 {
        return None;
    }
    let mut known = KNOWN
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(label) = known.get(&tenant) {
        return Some(label.clone());
    }
    if known.len() >= most {
        return Some("other".into());
    }
    let label: Arc<str> = tenant.to_string().into();
    known.insert(tenant, label.clone());
    // What has not happened yet is 0 and not missing: rates begin with the first time.
    counter!("quartermaster_tenant_retries_total", "tenant" => label.clone()).increment(0);
    gauge!("quartermaster_tenant_imports_running", "tenant" => label.clone()).increment(0);
    for outcome in ["done", "refused", "failed"] {
        counter!("quartermaster_tenant_imports_total", "tenant" => label.clone(), "outcome" => outcome).increment(0);
    }
    Some(label)
}

/// Counts an operation of a tenant that ran, or that was broken off with this code.
pub fn ran(tenant: TenantId, executed: Result<&Executed, &'static str>, took: Duration) {
    let Some(label) = label(tenant) else { return };
    counter!("quartermaster_tenant_requests_total", "tenant" => label.clone()).increment(1);
    histogram!("quartermaster_tenant_request_duration_seconds", "tenant" => label.clone()).record(took);
    let refused = |code: &str| {
        counter!("quartermaster_tenant_errors_total", "tenant" => label.clone(), "code" => code.to_owned())
            .increment(1);
    };
    match executed {
        Ok(executed) => {
            let codes = executed.errors.iter().map(super::answer::code_of);
            codes.for_each(|code| refused(code.unwrap_or("INTERNAL")));
        }
        Err(code) => refused(code),
    }
}

/// Counts that an act of a tenant is tried again.
pub fn retried(tenant: TenantId) {
    if let Some(label) = label(tenant) {
        counter!("quartermaster_tenant_retries_total", "tenant" => label).increment(1);
    }
}

/// An import of a tenant that runs, for as long as this lives.
pub struct Importing(Option<Arc<str>>);

/// Counts an import as running.
#[must_use]
pub fn importing(tenant: TenantId) -> Importing {
    let label = label(tenant);
    if let Some(label) = &label {
        gauge!("quartermaster_tenant_imports_running", "tenant" => label.clone()).increment(1);
    }
    Importing(label)
}

impl Importing {
    /// Counts it as ended.
    pub fn ended(&self, outcome: &'static str) {
        if let Some(label) = &self.0 {
            counter!("quartermaster_tenant_imports_total", "tenant" => label.clone(), "outcome" => outcome)
                .increment(1);
        }
    }
}

impl Drop for Importing {
    fn drop(&mut self) {
        if let Some(label) = &self.0 {
            gauge!("quartermaster_tenant_imports_running", "tenant" => label.clone()).decrement(1);
        }
    }
}
