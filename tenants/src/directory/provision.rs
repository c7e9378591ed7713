//! All that makes a tenant ready to work, in one transaction inside it.

use super::{NewTenant, PartnerOp};
use crate::act::Tailoring;
use crate::error::{Error, Result};
use crate::event::{Event, Trail};
use crate::id::{LocationId, MemberId, RoleAssignmentId, TenantId, encode};
use crate::op::{AccountKind, LocationScope, Op};
use crate::policy::Duty;
use crate::tx::{Flight, Outcome, TenantTx, Tenants, params};
use serde_json::json;
use uuid::Uuid;

const LOCK: &str = "SELECT status, version FROM qm.tenant WHERE id = $1 FOR UPDATE";
const SETTING: &str = "INSERT INTO qm.tenant_setting (tenant_id, id, status, settings, rule_id, publisher_person_id, policy_version, policy_digest, version, updated_at, event_sequence, event_hash) \
    VALUES ($1, $1, 'ACTIVE', $2, NULL, $3, 1, $4, $5, $6, $7, $8)";
const POLICY: &str = "INSERT INTO qm.policy_version (tenant_id, id, version, digest, rules_off, roles, published_at) VALUES ($1, $2, 1, $3, '{}', '{}', $4)";
const ACCOUNTS: &str = "INSERT INTO qm.account AS a (tenant_id, id, person_id, kind, status, display_name, email, all_locations, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT $1, u.id, u.person_id, 'HUMAN', 'ACTIVE', u.name, u.email, true, 1, 1, u.hash, $2, $2 \
    FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bytea[]) u (id, person_id, name, email, hash) RETURNING a.id";
const PERSON_TENANTS: &str = "INSERT INTO qm.person_tenant AS p (person_id, member_tenant_id) SELECT u.person, $1 FROM unnest($2::uuid[]) u (person) RETURNING p.person_id";
const ASSIGNMENTS: &str = "INSERT INTO qm.role_assignment AS r (tenant_id, id, account_id, role, state, founding, round, version, event_sequence, event_hash, created_at, updated_at) \
    SELECT $1, u.id, u.account_id, u.role, 'APPROVED', true, 1, 1, 1, u.hash, $2, $2 \
    FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::bytea[]) u (id, account_id, role, hash) RETURNING r.id";
/// The creator's hand on the tenant and on each founding assignment. He has no account in the tenant, so no act inside it could
/// sign for him: this is the one hand that is not written by `Authorized`.
const HANDS: &str = "INSERT INTO qm.authz_hand AS h (tenant_id, document_id, sequence, act_id, duty, round, person_id, via, policy_version, at) \
    SELECT $1, u.document, 1, $2, $3, 1, $4, 'actor', 1, $5 FROM unnest($6::uuid[]) u (document) RETURNING h.sequence";
const BRANDING: &str = "INSERT INTO qm.branding (id, name, primary_colour, secondary_colour, logo_url, support_email, support_phone, support_url, version, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)";
const LOCATION: &str = "INSERT INTO qm.location (tenant_id, id, code, name, kind, status, country, time_zone, version, event_sequence, event_hash, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, 'ACTIVE', $6, $7, 1, 1, $8, $9, $9)";
const ACTIVATE: &str =
    "UPDATE qm.tenant SET status = 'ACTIVE', updated_at = $2 WHERE id = $1 AND status = 'PROVISIONING'";

/// Completes a tenant whose row is PROVISIONING; a complete one stays as it is.
pub(super) async fn provision(
    db: &Tenants,
    by: &PartnerOp,
    tenant: TenantId,
    new: &NewTenant,
    persons: &[Uuid],
) -> Result<Outcome> {
    let op = founding_op(by, tenant);
    let policy = db
        .policies
        .compiled(&Tailoring::default().rows()?)
        .await
        .map_err(Error::internal)?;
    let digest = policy.digest().0.to_vec();
    let mut tx = TenantTx::begin(db, &op).await?;
    let now = tx.clock().await?;
    let mut reads = Flight::new();
    let status = reads.rows(LOCK, params![tenant.0]);
    let landing = tx.fly(reads).await?;
    let row = landing.one(status)?;
    if row.try_get::<_, &str>(0)? != "PROVISIONING" {
        return Ok(Outcome::done(tenant, row.try_get(1)?));
    }

    let act = Uuid::now_v7();
    let mut trail = Trail::new();
    trail.touch();
    let data = json!({ "code": new.code, "kind": new.kind.as_str(), "currencyCode": new.settings.currency, "founders": persons.len() });
    tx.record(
        Event::new("tenant-created", "TENANT", tenant, data).of_act(act),
        &mut trail,
    )?;
    let founders = found(&mut tx, act, new)?;

    let mut writes = Flight::new();
    let settings = serde_json::to_value(&new.settings).map_err(Error::internal)?;
    let policy_row = params![tenant.0, Uuid::now_v7(), digest.clone(), now];
    let setting_row = params![
        tenant.0,
        settings,
        by.person,
        digest,
        trail.version,
        now,
        trail.sequence,
        trail.hash
    ];
    writes.exec(POLICY, policy_row, 1).exec(SETTING, setting_row, 1);
    founders.write(tenant, by.person, act, new, persons, now, &mut writes);
    let look = new.branding.clone().unwrap_or_default();
    let name = if look.name.is_empty() {
        new.name.clone()
    } else {
        look.name
    };
    let branding_row = params![
        tenant.0,
        name,
        look.primary_colour,
        look.secondary_colour,
        look.logo_url,
        look.support_email,
        look.support_phone,
        look.support_url,
        now
    ];
    writes.exec(BRANDING, branding_row, 1);
    if let Some(first) = &new.location {
        let (id, mut trail) = (LocationId::fresh(), Trail::new());
        trail.touch();
        let data = json!({ "code": first.code, "kind": first.kind });
        tx.record(
            Event::new("location-created", "LOCATION", id, data)
                .at_location(id.0)
                .of_act(act),
            &mut trail,
        )?;
        let row = params![
            tenant.0,
            id.0,
            first.code.clone(),
            first.name.clone(),
            first.kind.clone(),
            new.country.clone(),
            new.time_zone.clone(),
            trail.hash,
            now
        ];
        writes.exec(LOCATION, row, 1);
    }
    writes.exec(ACTIVATE, params![tenant.0, now], 1);
    tx.commit(writes, Outcome::done(tenant, 1)).await
}

/// The creator, inside the new tenant for this one transaction. No account: nothing else can be done with it.
pub(crate) fn founding_op(by: &PartnerOp, tenant: TenantId) -> Op {
    Op {
        tenant,
        account: Uuid::nil(),
        person: Some(by.person),
        sponsor: None,
        kind: AccountKind::Human,
        display_name: by.display_name.clone(),
        roles: Vec::new(),
        locations: LocationScope::All,
        key_scope: None,
        registered_documents_only: false,
        request_id: by.request_id,
        idempotency: by.idempotency.clone(),
        clock_offset: by.clock_offset,
    }
}

struct Founded {
    accounts: Vec<Uuid>,
    account_hashes: Vec<Vec<u8>>,
    assignments: Vec<Uuid>,
    assignment_hashes: Vec<Vec<u8>>,
}

fn found(tx: &mut TenantTx<'_>, act: Uuid, new: &NewTenant) -> Result<Founded> {
    let mut out = Founded {
        accounts: vec![],
        account_hashes: vec![],
        assignments: vec![],
        assignment_hashes: vec![],
    };
    for founder in &new.founders {
        let (account, assignment) = (MemberId::fresh(), RoleAssignmentId::fresh());
        let (mut of_account, mut of_assignment) = (Trail::new(), Trail::new());
        of_account.touch();
        of_assignment.touch();
        let data = json!({ "kind": "HUMAN", "founding": true });
        tx.record(
            Event::new("member-created", "USER_ACCOUNT", account, data).of_act(act),
            &mut of_account,
        )?;
        let data = json!({ "memberId": encode("mem", account.0), "role": founder.role.as_str(), "founding": true });
        tx.record(
            Event::new("role-assignment-founded", "ROLE_ASSIGNMENT", assignment, data).of_act(act),
            &mut of_assignment,
        )?;
        out.accounts.push(account.0);
        out.account_hashes.push(of_account.hash);
        out.assignments.push(assignment.0);
        out.assignment_hashes.push(of_assignment.hash);
    }
    Ok(out)
}

impl Founded {
    #[expect(clippy::too_many_arguments, reason = "the parts of one flight")]
    fn write(
        self,
        tenant: TenantId,
        creator: Uuid,
        act: Uuid,
        new: &NewTenant,
        persons: &[Uuid],
        now: chrono::DateTime<chrono::Utc>,
        writes: &mut Flight,
    ) {
        let n = self.accounts.len() as u64;
        let founders = &new.founders;
        let account_rows = params![
            tenant.0,
            now,
            self.accounts.clone(),
            persons.to_vec(),
            founders.iter().map(|f| f.display_name.clone()).collect::<Vec<_>>(),
            founders.iter().map(|f| f.email.clone()).collect::<Vec<_>>(),
            self.account_hashes
        ];
        let assignment_rows = params![
            tenant.0,
            now,
            self.assignments.clone(),
            self.accounts,
            founders.iter().map(|f| f.role.as_str()).collect::<Vec<_>>(),
            self.assignment_hashes
        ];
        let mut signed = self.assignments;
        signed.push(tenant.0);
        let hands = params![tenant.0, act, Duty::PtnTenantCreate.code(), creator, now, signed];
        writes
            .exec(ACCOUNTS, account_rows, n)
            .exec(PERSON_TENANTS, params![tenant.0, persons.to_vec()], n)
            .exec(ASSIGNMENTS, assignment_rows, n)
            .exec(HANDS, hands, n + 1);
    }
}
