//! Propose changed settings, an issuer, or the return of an earlier version.

use super::change::{Change, changes};
use super::draft::SettingsDraft;
use super::issuer::IssuerBindingDraft;
use super::repo::{self, Origin};
use super::rule::{RuleKind, RuleStatus, WorkflowRule};
use crate::act::{Standing, Subject};
use crate::error::{Code, Error, Refusal, Result};
use crate::event::{Event, Trail};
use crate::id::WorkflowRuleId;
use crate::input::optional_text;
use crate::op::Op;
use crate::policy::{DocumentKind, Duty, duty};
use crate::settings::Settings;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use serde_json::Value;

/// What is proposed: exactly one of the three.
#[derive(Debug, Clone, Default)]
pub struct RuleEdit {
    /// Changed settings.
    pub settings: Option<SettingsDraft>,
    /// An issuer that is to speak for the tenant.
    pub issuer: Option<IssuerBindingDraft>,
    /// A published rule whose settings are to come back.
    pub restore: Option<WorkflowRuleId>,
    /// Why, for the second person.
    pub note: Option<String>,
}

const EARLIER: &str = "SELECT content FROM qm.workflow_rule WHERE tenant_id = $1 AND id = $2 AND kind = 'SETTINGS' AND status = 'PUBLISHED'";
const TRUSTED: &str = "SELECT 1 FROM qm.find_issuer($1)";

/// Makes a rule that waits for a second person.
///
/// # Errors
/// Refusals of authority and of the input.
pub async fn edit(db: &Tenants, op: &Op, input: &RuleEdit) -> Result<Outcome> {
    let mut tx = TenantTx::begin(db, op).await?;
    let id = WorkflowRuleId::fresh();
    let mut reads = Flight::new();
    let earlier = reads.rows(EARLIER, params![op.tenant.0, input.restore.map(|r| r.0)]);
    let wanted = input.issuer.as_ref().map(|i| i.issuer.replace('\0', ""));
    let trusted = reads.rows(TRUSTED, params![wanted]);
    let subject = Subject::new(DocumentKind::WorkflowRule, id);
    let (mut facts, landing) = tx.facts(subject, &[Duty::WfEdit], reads).await?;
    let edited = facts.authorize::<duty::WfEdit>(&Standing::new_document())?;

    let note = optional_text(&["note"], input.note.as_deref(), 500)?;
    let (kind, content, changes) = match (&input.settings, &input.issuer, input.restore) {
        (Some(draft), None, None) => of_settings(&facts.settings, &draft.on(&facts.settings))?,
        (None, Some(issuer), None) => {
            let mut problems = issuer.problems();
            if landing.optional(trusted).is_some() {
                let message = "This issuer is trusted already.";
                problems.push(Refusal::new(Code::Duplicate, &["issuer", "issuer"], message));
            }
            if !problems.is_empty() {
                return Err(problems.into());
            }
            let content = serde_json::to_value(issuer).map_err(Error::internal)?;
            let change = Change {
                path: "issuer".to_owned(),
                before: Value::Null,
                after: content.clone(),
            };
            (RuleKind::Issuer, content, vec![change])
        }
        (None, None, Some(_)) => {
            let row = landing.optional(earlier);
            let row = row.ok_or_else(|| Refusal::not_found(&["restoreId"], "published rule of settings"))?;
            let settings: Settings = serde_json::from_value(row.try_get(0)?).map_err(Error::internal)?;
            of_settings(&facts.settings, &settings)?
        }
        _ => {
            let message = "Give one of settings, issuer and restoreId.";
            return Err(Refusal::new(Code::Required, &["settings"], message).into());
        }
    };
    let mut rule = WorkflowRule {
        id,
        kind,
        status: RuleStatus::Pending,
        content,
        changes,
        reason: None,
        settings_version: None,
        trail: Trail::new(),
    };
    rule.trail.touch();
    let event = Event::new("workflow-rule-edited", "WORKFLOW_RULE", id, rule.data());
    tx.record(event.of_act(edited.act()), &mut rule.trail)?;
    let mut writes = Flight::new();
    let origin = Origin {
        restored_from: input.restore.map(|r| r.0),
        note,
    };
    repo::insert(&tx, edited, &rule, origin, &mut writes)?;
    tx.commit(writes, Outcome::done(id, rule.trail.version)).await
}

fn of_settings(current: &Settings, wanted: &Settings) -> Result<(RuleKind, Value, Vec<Change>)> {
    let problems = wanted.problems();
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let before = serde_json::to_value(current).map_err(Error::internal)?;
    let after = serde_json::to_value(wanted).map_err(Error::internal)?;
    let changes = changes(&before, &after);
    if changes.is_empty() {
        return Err(Refusal::invalid(&["settings"], "Nothing would change.").into());
    }
    Ok((RuleKind::Settings, after, changes))
}
