//! The golden files: `golden/matrix.txt` (role × duty × state × own or foreign document) and `golden/cases.txt` (what each
//! deny row refuses). A changed line needs a reviewer. They are rewritten only by
//!
//! ```sh
//! QUARTERMASTER_GOLDEN=write cargo test -p quartermaster-tenants golden
//! ```

use std::fmt::Write as _;
use std::path::Path;

use super::facts::{prior, question, standard};
use crate::policy::golden::{Case, lines};
use crate::policy::models::Model;
use crate::policy::publish::denied;
use crate::policy::shard::{Row, Shard};
use crate::policy::*;

fn compare(file: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/policy/golden")
        .join(file);
    if std::env::var("QUARTERMASTER_GOLDEN").as_deref() == Ok("write") {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    let mut differing = golden
        .lines()
        .zip(found.lines())
        .enumerate()
        .filter(|(_, (old, new))| old != new);
    if let Some((line, (old, new))) = differing.next() {
        panic!("{file}:{}\n golden: {old}\n  found: {new}", line + 1);
    }
    assert_eq!(
        golden.lines().count(),
        found.lines().count(),
        "{file} has another length"
    );
}

/// A person's own document: he is a hand of every duty that makes it, an hour ago, in the same round.
fn own_document(duty: Duty) -> Vec<PriorHand> {
    let makes = |made: &Duty| {
        let maker = made.kind() == DutyKind::Maker || made.from_states().contains(&ControlState::New);
        made.document() == duty.document() && maker
    };
    Duty::acting().filter(makes).map(|made| prior(1, made, 1)).collect()
}

/// The states in which a role may exercise a duty, or the rule that refuses, or that nothing else allows.
fn answers(role: &StandardRole, duty: Duty, level: Level, own: bool) -> String {
    let mut allowed = Vec::new();
    let mut refused: Option<String> = None;
    for state in ControlState::ALL {
        let mut q = question(duty, state, &[role.role]);
        q.machine = role.is_for_machines();
        q.required_level = level;
        q.prior = if own { own_document(duty) } else { Vec::new() };
        q.held[0].duties = standard().duties_of(&RoleRef::from(role.role));
        match decide(&standard(), &q) {
            Decision::Allowed(_) => allowed.push(state.code()),
            Decision::Refused(refusal) => refused = Some(format!("refused by {}", refusal.rule)),
            Decision::InvalidState => {}
            other => panic!("{role:?} {duty} {state}: {other:?}"),
        }
    }
    match refused {
        Some(refused) => [allowed.join(" "), refused].join(" ").trim().to_owned(),
        None => allowed.join(" "),
    }
}

#[test]
fn golden_matrix_of_roles_duties_and_states() {
    let policy = standard();
    let mut out = String::from(
        "# Which standard role may exercise which duty in which state of the document.\n\
         # own: the person made the document (a hand of each duty that makes it). foreign: nobody of these hands did.\n\
         # <=n: up to amount level n. A duty that is not listed under a role is FORBIDDEN to it in every state.\n",
    );
    for role in StandardRole::all() {
        let name = RoleRef::from(role.role);
        let listed = policy.duties_of(&name);
        writeln!(
            out,
            "\n{} ({}, {}): {} duties",
            role.role,
            role.level,
            role.account_kind,
            listed.iter().count()
        )
        .unwrap();
        for duty in Duty::acting() {
            if !listed.contains(duty) {
                assert_forbidden_everywhere(&role, duty);
                continue;
            }
            let top = policy.max_level(&name, duty).unwrap();
            let all: Vec<_> = Level::ALL
                .into_iter()
                .filter(|level| *level <= top || !duty.amount_limited())
                .collect();
            let by_level: Vec<_> = all
                .iter()
                .map(|level| (answers(&role, duty, *level, false), answers(&role, duty, *level, true)))
                .collect();
            assert!(
                by_level.windows(2).all(|pair| pair[0] == pair[1]),
                "{role:?} {duty} differs by level"
            );
            let (foreign, own) = &by_level[0];
            let limit = if duty.amount_limited() {
                format!("<={top}")
            } else {
                String::new()
            };
            let (code, kind) = (duty.code(), duty.document().code());
            writeln!(
                out,
                "  {code:<19} {limit:<4} {kind:<21} foreign: {foreign:<31} own: {own}"
            )
            .unwrap();
        }
    }
    compare("matrix.txt", &out);
}

fn assert_forbidden_everywhere(role: &StandardRole, duty: Duty) {
    for state in ControlState::ALL {
        for prior in [Vec::new(), own_document(duty)] {
            let mut q = question(duty, state, &[role.role]);
            (q.prior, q.required_level) = (prior, Level::ZERO);
            assert_eq!(decide(&standard(), &q), Decision::Forbidden, "{role:?} {duty} {state}");
        }
    }
}

#[test]
fn golden_cases_of_the_deny_rows() {
    let policy = standard();
    let mut out = String::from(
        "# rule: acting duty, the opposite duty of the same person, and how near. One line for each deny row and direction.\n",
    );
    let cases = Case::of_rules(policy.static_rules(), policy.dynamic_rules());
    cases.iter().for_each(|case| writeln!(out, "{}", case.line()).unwrap());
    compare("cases.txt", &out);
    assert!(cases.iter().all(|case| denied(&policy, case)));
}

#[test]
fn every_relation_that_no_golden_case_names_is_allowed() {
    let policy = standard();
    let golden: std::collections::HashSet<String> = lines().map(str::to_owned).collect();
    let mut denials = 0;
    for (place, (relation, _)) in policy.relations.iter().enumerate() {
        for duty in Duty::acting() {
            for opposite in Duty::ALL {
                for &rule in policy.tables.dsod(place, duty, opposite) {
                    let rule = policy.dsod[usize::from(rule)].id.clone();
                    let case = Case {
                        rule,
                        duty,
                        opposite,
                        relation: Some(*relation),
                    };
                    assert!(golden.contains(&case.line()), "{}", case.line());
                    denials += 1;
                }
            }
        }
    }
    assert_eq!(denials, golden.iter().filter(|line| line.contains(" after ")).count());
}

/// The questions of the golden files that one enforcer answers, with the answers.
fn golden_questions(model: Model, duty: Duty) -> Vec<(Vec<String>, bool)> {
    let policy = standard();
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let code = duty.code();
    let mut asked = Vec::new();
    match model {
        Model::Dsod => {
            let cases = Case::of_rules(&[], policy.dynamic_rules());
            for case in cases.iter().filter(|case| case.duty == duty) {
                let relation = case.relation.unwrap().to_string();
                asked.push((
                    owned(&[&case.rule, code, case.opposite.code(), &relation, "shared"]),
                    false,
                ));
            }
            asked.push((owned(&["*", code, code, "same_document", "disjoint"]), true));
        }
        Model::Ssod => {
            let cases = Case::of_rules(policy.static_rules(), &[]);
            for case in cases.iter().filter(|case| case.duty == duty) {
                asked.push((owned(&[&case.rule, code, case.opposite.code()]), false));
            }
            asked.push((owned(&["*", code, code]), true));
        }
        Model::Grant => {
            for role in policy.roles() {
                for level in Level::ALL.into_iter().filter(|level| policy.may(&role, duty, *level)) {
                    asked.push((owned(&[role.as_str(), code, level.code()]), true));
                }
            }
        }
        Model::Access => asked.push((owned(&[code, duty.document().code(), duty.action()]), true)),
        Model::Deleg => asked.push((owned(&[code, "human", "human", "same_tenant", "1"]), duty.delegable())),
        Model::Exception => {}
    }
    asked
}

#[test]
fn removing_any_one_row_of_the_policy_makes_a_golden_case_fail() {
    let policy = standard();
    let dealt = shards::deal(&PolicyRows::standard(), policy.static_rules(), policy.dynamic_rules()).unwrap();
    let mut removed = 0;
    for one in &dealt {
        let questions = golden_questions(one.model, one.duty);
        let failing = |rows: &[Row]| {
            let shard = futures::executor::block_on(Shard::build(one.model, rows)).unwrap();
            let differs = |(words, expected): &&(Vec<String>, bool)| {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                shard.ask(&words).unwrap() != *expected
            };
            questions.iter().find(differs).is_some()
        };
        assert!(!failing(&one.rows), "{:?} {}", one.model, one.duty);
        for place in 0..one.rows.len() {
            let mut rows = one.rows.clone();
            let gone = rows.remove(place);
            assert!(
                failing(&rows),
                "nothing misses {gone:?} of {:?} {}",
                one.model,
                one.duty
            );
            removed += 1;
        }
    }
    let cases = lines().count();
    assert!(removed > cases + 4 * 60, "{removed} rows for {cases} cases");
}

#[test]
fn no_standard_role_holds_both_duties_of_a_static_rule() {
    for role in standard().roles() {
        let duties = standard().duties_of(&role);
        assert_eq!(ssod_conflicts(&standard(), DutySet::EMPTY, duties), [], "{role}");
        assert!(!duties.is_empty(), "{role}");
    }
}

#[test]
fn the_whole_table_is_what_live_casbin_says_about_every_question() {
    let full = futures::executor::block_on(Policy::compile_fully(&PolicyRows::standard())).unwrap();
    assert!(full.tables == standard().tables);
    assert_eq!(full.digest(), standard().digest());
}
