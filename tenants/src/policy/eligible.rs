//! Who may act instead: the people for whom the same question, put now, is answered with yes.

use uuid::Uuid;

use super::compile::Policy;
use super::decide::{Acting, judge};
use super::duty_set::DutySet;
use super::question::{Hand, Held, Question};
use super::roles::RoleRef;
use super::vocabulary::Via;

/// An account that might act, on the side of whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The account.
    pub account: Uuid,
    /// Its person, of the surviving record.
    pub person: Uuid,
    /// Machines are never named.
    pub human: bool,
    /// The account is active.
    pub active: bool,
    /// The account may see the document.
    pub visible: bool,
    /// The account stands on the side that the duty belongs to.
    pub side_ok: bool,
    /// The roles of the account that reach the document; what is only delegated to it does not count.
    pub roles: Vec<RoleRef>,
    /// What the person holds, through all accounts.
    pub held: DutySet,
}

/// The candidates who would be allowed, by account id. Of the question count the act, the document and what happened
/// before (which must include the hands of the candidates); who asked does not.
pub fn eligible<'a>(policy: &Policy, candidates: &'a [Candidate], question: &Question) -> Vec<&'a Candidate> {
    let may = |candidate: &&Candidate| {
        let acting = Acting {
            active: candidate.active,
            visible: candidate.visible,
            side_ok: candidate.side_ok,
            machine: false,
            hands: &[Hand {
                person: candidate.person,
                via: Via::Actor,
            }],
            roles: &candidate.roles,
            held: &[Held {
                person: candidate.person,
                duties: candidate.held,
            }],
        };
        candidate.human && judge(policy, question, &acting).is_allowed()
    };
    let mut able: Vec<&Candidate> = candidates.iter().filter(may).collect();
    able.sort_unstable_by_key(|candidate| candidate.account);
    able.dedup_by_key(|candidate| candidate.account);
    able
}
