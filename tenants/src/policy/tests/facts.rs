//! Questions to start from.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::policy::{
    ControlState, Duty, DutySet, Hand, Held, Level, Policy, PolicyRows, PriorHand, Question, RoleRef, Via,
};

pub fn compile(rows: &PolicyRows) -> Policy {
    futures::executor::block_on(Policy::compile(rows)).unwrap()
}

/// The standard policy, compiled once for each test process.
pub fn standard() -> Arc<Policy> {
    static STANDARD: LazyLock<Arc<Policy>> = LazyLock::new(|| Arc::new(compile(&PolicyRows::standard())));
    Arc::clone(&STANDARD)
}

pub fn person(number: u128) -> Uuid {
    Uuid::from_u128(0x1000 + number)
}

pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// Person 1 of these roles, alone, wants to exercise a duty; nothing has happened before.
pub fn question(duty: Duty, state: ControlState, roles: &[&str]) -> Question {
    Question {
        account_active: true,
        sponsor_active: true,
        visible: true,
        side_ok: true,
        invoker_ok: true,
        duty,
        document: duty.document(),
        state: Some(state),
        hands: vec![Hand {
            person: person(1),
            via: Via::Actor,
        }],
        machine: false,
        roles: roles.iter().map(|role| RoleRef::from(*role)).collect(),
        required_level: Level::new(1).unwrap(),
        round: 1,
        now: noon(),
        prior: Vec::new(),
        held: vec![Held {
            person: person(1),
            duties: DutySet::EMPTY,
        }],
        exceptions: Vec::new(),
    }
}

/// A hand of a person on the same document, so many hours ago.
pub fn prior(who: u128, duty: Duty, hours: i64) -> PriorHand {
    PriorHand {
        person: person(who),
        via: Via::Actor,
        duty,
        document_id: Uuid::from_u128(0x2000),
        same_document: true,
        round: 1,
        same_chain: true,
        same_supplier: true,
        same_stock: true,
        at: noon() - TimeDelta::hours(hours),
        sequence: 1,
    }
}
