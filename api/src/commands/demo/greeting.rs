//! What `demo` prints when the world is there: where to look, as whom, and what to try.

use super::explore::Open;
use crate::commands::Failure;
use crate::commands::replay::Lived;
use crate::commands::replay::client::Caller;
use quartermaster_demo::plan::{Function, Person};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// The text.
///
/// # Errors
/// A token cannot be made.
pub fn greeting(addr: SocketAddr, lived: &Lived, open: &Open) -> Result<String, Failure> {
    let Some(tenant) = lived.plan.tenants.get(open.tenant) else {
        return Err(Failure::new(70, "A world without tenants."));
    };
    let side = lived
        .world
        .place(&tenant.entry.code)
        .map_or("", |place| place.tenant.as_str());
    let store = tenant.stores.first().map_or("", |store| store.number.as_str());
    let brand = lived.plan.tenants.first();
    let personas: [(&str, Option<&Person>, &str); 6] = [
        (
            "Owner: buys and approves, never the same order",
            Some(&open.owner),
            side,
        ),
        ("Buyer of one store", tenant.at_store(store, Function::Buyer), side),
        ("Approver in the office", tenant.office(Function::Approver).next(), side),
        (
            "Receiver of one store",
            tenant.at_store(store, Function::Receiver),
            side,
        ),
        (
            "Auditor: reads what happened, and nothing else",
            tenant.office(Function::Auditor).next(),
            side,
        ),
        (
            "Approver of another tenant",
            brand.and_then(|brand| brand.office(Function::Approver).next()),
            brand
                .and_then(|brand| lived.world.place(&brand.entry.code))
                .map_or("", |place| place.tenant.as_str()),
        ),
    ];
    let mut out = String::new();
    let _ = writeln!(out, "\nQuartermaster is ready.\n");
    let _ = writeln!(out, "  GraphiQL   http://{addr}/graphiql");
    let _ = writeln!(out, "  API        http://{addr}/graphql\n");
    let _ = writeln!(
        out,
        "Put one of these into GraphiQL's headers: {{ \"Authorization\": \"Bearer …\" }}\n"
    );
    for (what, person, side) in personas {
        let Some(person) = person else { continue };
        let caller = Caller {
            subject: &person.subject,
            side,
        };
        let token = lived
            .client
            .token(caller)
            .map_err(|e| Failure::new(74, e.to_string()))?;
        let _ = writeln!(
            out,
            "  {what}: {} ({})\n  {token}\n",
            person.display_name, person.subject
        );
    }
    let _ = writeln!(out, "Three things to try:\n");
    let _ = writeln!(
        out,
        "1. What is there, as anybody:\n\n   {{ purchaseOrders(first: 5) {{ totalCount nodes {{ number status totalAmount {{ amount currencyCode }} note }} }} }}\n"
    );
    let _ = writeln!(
        out,
        "2. What waits, and what you may do about it, as the approver in the office:\n\n   {{ purchaseOrders(filter: {{ statuses: [IN_APPROVAL] }}) {{ nodes {{ id number note lines(first: 5) {{ nodes {{ lineNumber quantity {{ value unit }} }} }} }} }} }}\n"
    );
    let _ = writeln!(
        out,
        "3. Refused by segregation of duties: the owner approves {}, which the owner made:\n\n   mutation {{ purchaseOrderApprove(input: {{ id: \"{}\" }}) {{ userErrors {{ code message ... on SegregationOfDutiesError {{ rule conflictsWith {{ duty relation }} eligibleActors {{ displayName }} }} }} }} }}\n\n   The same as the approver in the office goes through.\n",
        open.own_number, open.own_order
    );
    let _ = write!(out, "Ctrl-C stops all of it; the next start finds it as you left it.");
    Ok(out)
}
