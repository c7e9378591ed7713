//! Asking before doing: what each command on an operator assignment would answer, whoever looks at it.

use super::admit::Admission;
use super::assignment::{AssignmentCommand, AssignmentStatus, subject};
use super::queries::AssignmentRecord;
use crate::act::above::previewed;
use crate::act::{Preview, policy_of};
use crate::directory::{Directory, DirectoryTx, PartnerOp};
use crate::error::{Code, Refusal, Result};
use crate::members::conflicts;
use crate::op::{AccountKind, Op};
use crate::policy::Duty;
use crate::tx::{Flight, TenantTx, Tenants, params};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

const ACCOUNTS: &str =
    "SELECT a.id, a.person_id, a.kind FROM qm.account a WHERE a.tenant_id = $1 AND a.person_id = ANY($2)";
const WORKING: &str = "SELECT o.id FROM qm.operator_assignment o JOIN qm.tenant t ON t.id = o.tenant_id WHERE o.partner_id = $1 AND o.person_id = $2 AND t.status = 'ACTIVE'";

/// What admitting these would be refused for, beyond authority and state: two flights, whatever their number.
///
/// # Errors
/// What the database said.
pub async fn admissions(db: &Tenants, op: &Op, of: &[&AssignmentRecord]) -> Result<HashMap<Uuid, Preview>> {
    let pending = |a: &&AssignmentRecord| a.status == AssignmentStatus::Pending;
    let pending: Vec<&AssignmentRecord> = of.iter().copied().filter(pending).collect();
    if pending.is_empty() {
        return Ok(HashMap::new());
    }
    let mut tx = TenantTx::read(db, op).await?;
    let policy = policy_of(&mut tx).await?;
    let persons: Vec<Uuid> = pending.iter().map(|a| a.person).collect();
    let mut reads = Flight::new();
    let accounts = reads.rows(ACCOUNTS, params![op.tenant.0, persons.clone()]);
    let held = conflicts::read_roles_of_many(
        op,
        pending.iter().map(|a| a.account).collect(),
        persons.into_iter().map(Some).collect(),
        &mut reads,
    );
    let landing = tx.fly(reads).await?;
    let mut there: HashMap<Uuid, (Uuid, AccountKind)> = HashMap::new();
    for row in landing.get(accounts) {
        let account = (row.try_get("id")?, AccountKind::parse(row.try_get("kind")?));
        there.insert(row.try_get("person_id")?, account);
    }
    let mut held = conflicts::roles_by_place(landing.get(held))?;
    let mut out = HashMap::new();
    for (a, n) in pending.into_iter().zip(1_i64..) {
        let made = (a.account, AccountKind::Operator);
        let (own, account) = there.get(&a.person).copied().unwrap_or(made);
        let roles = held.remove(&n).unwrap_or_default().into_iter();
        let admission = Admission {
            account,
            elsewhere: roles.filter(|(of, _)| *of != own).map(|(_, role)| role).collect(),
            valid_until: a.valid_until,
        };
        if let Err(refusals) = admission.check(&policy, tx.now()?, &subject(a.id).benefiting(a.person))
            && let Some(first) = refusals.into_iter().next()
        {
            out.insert(a.id, Preview::of(first));
        }
    }
    Ok(out)
}

/// What each command on each of these would answer to somebody of the partner: the same few statements, whatever their number.
/// That a tenant stopped an operator's account is the tenant's own, and not seen from above.
///
/// # Errors
/// `FORBIDDEN` for one who belongs to the partner no more; what the database said.
pub async fn of_partner(
    directory: &Directory,
    db: &Tenants,
    by: &PartnerOp,
    of: &[&AssignmentRecord],
) -> Result<Vec<Vec<(AssignmentCommand, Preview)>>> {
    let tx = by.begin_as_member(directory).await?;
    let viewer = Viewer {
        person: by.person,
        assigns: by.may(db, &tx, Duty::PtnOperatorAssign).await?,
        working: working(&tx, by).await?,
        now: tx.now(),
    };
    tx.commit().await?;
    let all = |a: &&AssignmentRecord| {
        let answer = |command| Ok((command, viewer.answer(a, command)?));
        AssignmentCommand::ALL.into_iter().map(answer).collect()
    };
    of.iter().map(all).collect()
}

/// The viewer's own assignments in tenants where people work.
async fn working(tx: &DirectoryTx, by: &PartnerOp) -> Result<HashSet<Uuid>> {
    let rows = tx.rows(WORKING, vec![by.partner.0.into(), by.person.into()]).await?;
    let ids = rows.iter().map(|r| r.try_get("", "id"));
    Ok(ids.collect::<std::result::Result<_, _>>()?)
}

/// Somebody of the partner who looks.
struct Viewer {
    person: Uuid,
    assigns: bool,
    working: HashSet<Uuid>,
    now: chrono::DateTime<chrono::Utc>,
}

impl Viewer {
    /// In the order in which the verbs refuse.
    fn answer(&self, a: &AssignmentRecord, command: AssignmentCommand) -> Result<Preview> {
        let own = a.person == self.person;
        let inactive = || Refusal::new(Code::Inactive, &["assignmentId"], "The assignment has ended.");
        let stands = || a.status.standing(command, None).check();
        previewed(match command {
            AssignmentCommand::Revoke if self.assigns => stands(),
            AssignmentCommand::CredentialRevoke if own || self.assigns => stands(),
            AssignmentCommand::CredentialCreate if !own => {
                Err(Refusal::not_found(&["assignmentId"], "operator assignment").into())
            }
            AssignmentCommand::CredentialCreate if !self.working.contains(&a.id) => Err(inactive().into()),
            AssignmentCommand::CredentialCreate => match stands() {
                Ok(()) if a.valid_until <= self.now => Err(inactive().into()),
                stands => stands,
            },
            _ => return Ok(Preview::plain(Code::Forbidden)),
        })
    }
}
