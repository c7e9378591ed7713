//! The policy kernel alone, without a database: the bars of "segregation of duties". Timing never decides a test; it stands in
//! the results.

use crate::account;
use crate::figures::Latencies;
use crate::say;
use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta};
use quartermaster_tenants::policy::{
    ControlState, Decision, Duty, DutySet, Hand, Held, Level, Policy, PolicyRows, PriorHand, Publication, Question,
    RoleRef, Via, decide, publish_gate,
};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// What the kernel takes, as the best of five rounds: nanoseconds, 50th and 99th percentile.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kernel {
    /// Whether a role carries a duty.
    pub lookup: (u64, u64),
    /// One question to live Casbin.
    pub question: (u64, u64),
    /// An act with 30 earlier hands, from the tables.
    pub decision: (u64, u64),
    /// Milliseconds: the gate that a new policy passes, with everything compiled twice.
    pub publish: u64,
    /// Bytes that a compiled policy keeps resident, and how many enforcers it has.
    pub policy: (u64, u64),
}

const ROUNDS: usize = 5;

pub async fn run(state: &Path) -> Result<()> {
    let before = account::memory(std::process::id());
    let kept = 8;
    let mut policies = Vec::new();
    for _ in 0..kept {
        policies.push(Policy::compile(&PolicyRows::standard()).await?);
    }
    let grown = account::memory(std::process::id()).saturating_sub(before) * 1_024 / kept;
    let policy = policies.pop().context("no policy")?;
    drop(policies);

    let question = question()?;
    let Decision::Allowed(asked) = decide(&policy, &question) else {
        bail!("the act of the benchmark is refused");
    };
    let role = RoleRef::from("approver_l4");
    let level = Level::new(1).context("level 1")?;
    let lookup = timed(20_000, 1, || policy.may(black_box(&role), Duty::PoApprove, level));
    let one = timed(2_000, asked.len() as u64, || policy.reask(black_box(&asked)).is_ok());
    let decision = timed(20_000, 1, || decide(&policy, black_box(&question)).is_allowed());
    let mut publish = Duration::MAX;
    for _ in 0..ROUNDS {
        publish = publish.min(published(&policy).await?);
    }
    let enforcers = Duty::acting().map(|duty| 4 + u64::from(policy.delegable(duty))).sum();
    let kernel = Kernel {
        lookup,
        question: one,
        decision,
        publish: u64::try_from(publish.as_millis()).unwrap_or(u64::MAX),
        policy: (grown, enforcers),
    };
    say(&format!("{kernel:?}"));
    std::fs::write(state.join("kernel.json"), serde_json::to_vec_pretty(&kernel)?)?;
    Ok(())
}

/// The best round's percentiles of something that holds so many of what is asked about.
fn timed(times: usize, each: u64, act: impl Fn() -> bool) -> (u64, u64) {
    let rounds = (0..ROUNDS).map(|_| {
        let mut latencies = Latencies::default();
        for _ in 0..times {
            let began = Instant::now();
            black_box(act());
            latencies.add_nanos(began.elapsed());
        }
        (latencies.percentile(50) / each, latencies.percentile(99) / each)
    });
    rounds.min_by_key(|(_, p99)| *p99).unwrap_or_default()
}

/// Somebody approves an order on whose chain 30 hands of others have been, and who touched other orders before.
fn question() -> Result<Question> {
    let now = DateTime::from_timestamp(1_800_000_000, 0).context("a time")?;
    let (me, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let duties = [
        Duty::PoCreate,
        Duty::PoSubmit,
        Duty::ReqCreate,
        Duty::RcvRecord,
        Duty::PoApprove,
        Duty::SupPropose,
    ];
    let prior = (0..30_i32)
        .zip(duties.iter().cycle())
        .map(|(n, duty)| PriorHand {
            // A third of them are one's own, on documents that have nothing to do with this one but the supplier.
            person: if n % 3 == 0 { me } else { other },
            via: Via::Actor,
            duty: if n % 3 == 0 { Duty::PoApprove } else { *duty },
            document_id: Uuid::from_u128(100 + u128::from(n.unsigned_abs())),
            same_document: n % 3 == 1,
            round: 1,
            same_chain: n % 3 == 1,
            same_supplier: true,
            same_stock: false,
            at: now - TimeDelta::hours(i64::from(n) + 1),
            sequence: n,
        })
        .collect();
    Ok(Question {
        account_active: true,
        sponsor_active: true,
        visible: true,
        side_ok: true,
        invoker_ok: true,
        duty: Duty::PoApprove,
        document: Duty::PoApprove.document(),
        state: Some(ControlState::Submitted),
        hands: vec![Hand {
            person: me,
            via: Via::Actor,
        }],
        machine: false,
        roles: vec![RoleRef::from("approver_l4")],
        required_level: Level::new(1).context("level 1")?,
        round: 1,
        now,
        prior,
        held: vec![Held {
            person: me,
            duties: DutySet::EMPTY,
        }],
        exceptions: Vec::new(),
    })
}

/// How long the gate takes for a draft with another digest: a default rule switched off.
async fn published(in_force: &Policy) -> Result<Duration> {
    let off = in_force
        .dynamic_rules()
        .iter()
        .find(|rule| rule.tier == quartermaster_tenants::policy::Tier::Default);
    let off = off.context("a default rule")?.id.clone();
    let draft = PolicyRows::tenant(&[off], &[])?;
    let began = Instant::now();
    let publication = Publication {
        draft: &draft,
        in_force,
        publisher: Uuid::from_u128(3),
        publisher_roles: &[],
        editors: &[Uuid::from_u128(4)],
        people: &[],
        frozen: false,
    };
    if let Err(refusals) = publish_gate(&publication).await {
        bail!("the gate refuses: {refusals:?}");
    }
    Ok(began.elapsed())
}
