//! Who could do it instead: people with a role of their own for the duty, each passing the same decision now.

use super::facts::{Asking, Standing, context};
use super::history::{HELD, ask_prior, in_force, read_held, read_prior};
use super::refusal::DutyRefusal;
use crate::error::{Error, Result};
use crate::op::Op;
use crate::policy::{ControlState, Duty, Hand, Held, Level, Policy, PriorHand, RoleRef, Via, decide};
use crate::tx::{Flight, TenantTx, Tenants, params};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// Somebody who may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: Uuid,
    /// What people call it.
    pub display_name: String,
}

/// People are looked at in the order of their accounts, and no more than this many.
const LOOKED_AT: i64 = 200;

const CANDIDATES: &str = "SELECT DISTINCT a.id, a.person_id, a.display_name FROM qm.role_assignment r JOIN qm.account a ON a.tenant_id = r.tenant_id AND a.id = r.account_id \
    WHERE r.tenant_id = $1 AND r.state = 'APPROVED' AND r.role = ANY($2) AND a.status = 'ACTIVE' AND a.kind IN ('HUMAN', 'OPERATOR') AND a.person_id IS NOT NULL \
    AND (a.all_locations OR $3::uuid IS NULL OR EXISTS (SELECT 1 FROM qm.account_location l WHERE l.tenant_id = a.tenant_id AND l.id = a.id AND l.location_id = $3)) \
    ORDER BY a.id LIMIT $4";

/// At most `first` people who may do what was refused, by account id: of the caller's tenant, who see the document's place.
///
/// # Errors
/// What the database said.
pub async fn eligible_actors(db: &Tenants, op: &Op, refusal: &DutyRefusal, first: usize) -> Result<Vec<Actor>> {
    let mut tx = TenantTx::read(db, op).await?;
    let (policy, _, now) = context(&mut tx).await?;
    let duty: Duty = refusal.duty.parse().map_err(Error::internal)?;
    let level = Level::new(refusal.level).unwrap_or_default();
    let roles: Vec<String> = policy
        .roles()
        .filter(|r| policy.may(r, duty, level))
        .map(|r| r.as_str().to_owned())
        .collect();
    let mut flight = Flight::new();
    let rows = flight.rows(
        CANDIDATES,
        params![op.tenant.0, roles, refusal.subject.location, LOOKED_AT],
    );
    let landing = tx.fly(flight).await?;
    let candidates = landing
        .get(rows)
        .iter()
        .map(|r| Ok((r.try_get(0)?, r.try_get(1)?, r.try_get(2)?)))
        .collect::<Result<Vec<(Uuid, Uuid, String)>>>()?;

    let persons: Vec<Uuid> = candidates.iter().map(|c| c.1).collect();
    let mut flight = Flight::new();
    let held = flight.rows(HELD, params![op.tenant.0, op.account, persons.clone()]);
    let prior = ask_prior(op, &persons, &refusal.subject, &[duty], &mut flight);
    let landing = tx.fly(flight).await?;
    let (_, held_by) = read_held(op, &policy, landing.get(held), &persons, now)?;
    let roles_of = roles_by_account(landing.get(held), now)?;
    let mut prior_of: HashMap<Uuid, Vec<PriorHand>> = HashMap::new();
    for hand in read_prior(landing.get(prior), &refusal.subject, now)? {
        prior_of.entry(hand.person).or_default().push(hand);
    }

    let standing = Standing {
        control: refusal.state.parse::<ControlState>().ok(),
        permits: true,
        level,
        ..Standing::default()
    };
    let mut eligible = Vec::new();
    for (account, person, display_name) in candidates {
        let candidate = Candidate {
            person,
            roles: roles_of.get(&account).cloned().unwrap_or_default(),
            prior: prior_of.remove(&person).unwrap_or_default(),
        };
        if candidate.passes(&policy, duty, refusal, &standing, &held_by, now) {
            eligible.push(Actor { account, display_name });
        }
        if eligible.len() >= first {
            break;
        }
    }
    Ok(eligible)
}

struct Candidate {
    person: Uuid,
    roles: Vec<RoleRef>,
    prior: Vec<PriorHand>,
}

impl Candidate {
    fn passes(
        self,
        policy: &Policy,
        duty: Duty,
        refusal: &DutyRefusal,
        standing: &Standing,
        held: &[Held],
        now: DateTime<Utc>,
    ) -> bool {
        let held = held.iter().filter(|h| h.person == self.person).copied().collect();
        let hands = vec![Hand {
            person: self.person,
            via: Via::Actor,
        }];
        let asked = Asking {
            duty,
            subject: &refusal.subject,
            standing,
            machine: false,
            now,
        };
        let question = asked.question(hands, self.roles, self.prior, held);
        question.is_ok_and(|q| decide(policy, &q).is_allowed())
    }
}

fn roles_by_account(rows: &[Row], now: DateTime<Utc>) -> Result<HashMap<Uuid, Vec<RoleRef>>> {
    let mut out: HashMap<Uuid, Vec<RoleRef>> = HashMap::new();
    for row in rows {
        let Some(role) = row.try_get::<_, Option<&str>>("role")? else {
            continue;
        };
        if in_force(row, now)? {
            out.entry(row.try_get("id")?).or_default().push(RoleRef::from(role));
        }
    }
    Ok(out)
}
