//! Where in the input the roles and duties stand that a refusal of a draft names.

use quartermaster_tenants::Outcome;

/// Roles as they were entered: each with its duties.
pub(super) type Names = Vec<(String, Vec<String>)>;

/// A draft knows its roles and duties by name; whoever entered them knows them by their place.
pub(super) fn in_their_places(mut outcome: Outcome, roles: &Names) -> Outcome {
    let placed = |path: &[String]| -> Option<Vec<String>> {
        let [list, name, rest @ ..] = path else { return None };
        let place = roles.iter().position(|(n, _)| n == name).filter(|_| list == "roles")?;
        let mut out = vec![list.clone(), place.to_string()];
        match rest {
            [grants, code] if grants == "grants" => {
                let duty = roles[place].1.iter().position(|d| d == code)?;
                out.extend(["duties".to_owned(), duty.to_string(), "duty".to_owned()]);
            }
            [grants] if grants == "grants" => out.push("duties".to_owned()),
            rest => out.extend_from_slice(rest),
        }
        Some(out)
    };
    for refusal in &mut outcome.refusals {
        if let Some(path) = placed(&refusal.field) {
            refusal.field = path;
        }
    }
    outcome
}
