//! What two people decide about a tenant: each rule of segregation refused, and its allowed twin.

mod policy;
mod rules;

use quartermaster_tenants::error::{Code, Detail, Error, Refusal};
use quartermaster_tenants::{Outcome, Result};

/// The refusals of a verb that was refused.
pub fn refusals(result: Result<Outcome>) -> Vec<Refusal> {
    match result {
        Err(Error::Refused(refusals)) => refusals,
        other => panic!("not refused: {other:?}"),
    }
}

/// The rule of segregation of duties that refused.
pub fn sod_rule(result: Result<Outcome>) -> String {
    match &refusals(result)[0].detail {
        Detail::Duties(d) => d.rule.clone(),
        other => panic!("not for segregation of duties: {other:?}"),
    }
}

/// The code of the first refusal.
pub fn code(result: Result<Outcome>) -> Code {
    refusals(result)[0].code
}
