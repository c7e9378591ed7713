//! A partner, a tenant with its four founders, and whoever else a test needs: made by the verbs alone.

use crate::database::fixture::url;
use chrono::{DateTime, TimeDelta};
use quartermaster_tenants::authenticate::{Caller, Denied, authenticate};
use quartermaster_tenants::directory::bootstrap::{self, IssuerScope, NewIssuer, NewPartner};
use quartermaster_tenants::directory::{
    self, Directory, Founder, FounderRole, NewTenant, PartnerOp, TenantFilter, TenantKind, TenantOrder, TenantRecord,
    tenant_create,
};
use quartermaster_tenants::error::{Code, Detail, Refusal};
use quartermaster_tenants::id::{MemberId, RoleAssignmentId, TenantId};
use quartermaster_tenants::identity::token::{IssuerBinding, VerifiedToken};
use quartermaster_tenants::listing::Window;
use quartermaster_tenants::members::{self, NewAssignment, NewMember};
use quartermaster_tenants::settings::Settings;
use quartermaster_tenants::{Error, Op, Outcome, Result, Tenants};
use std::sync::Arc;
use uuid::Uuid;

pub struct Town {
    pub db: Tenants,
    pub directory: Directory,
    pub issuer: String,
    pub issuer_id: Uuid,
    pub partner: PartnerOp,
}

/// A partner of its own, with an issuer that speaks for it alone.
pub async fn town() -> Town {
    let (db, _owner) = crate::database::fixture::database().await;
    let directory = Directory::new(&url("DATABASE_APP_URL"), 4).await.expect("directory");
    let code = format!("P{}", Uuid::now_v7().simple());
    let issuer = format!("https://{}.example", code.to_lowercase());
    let new = NewPartner {
        code: code.clone(),
        name: "Partner".to_owned(),
        issuer: NewIssuer {
            issuer: issuer.clone(),
            scope: IssuerScope::Partner,
            algorithms: vec![],
            jwks_url: None,
        },
        admin_subject: "admin".to_owned(),
        admin_name: "Ada".to_owned(),
    };
    let id = bootstrap::partner(&url("DATABASE_OWNER_URL"), &new)
        .await
        .expect("partner");
    let found = directory
        .find_issuer(&issuer)
        .await
        .expect("issuer")
        .expect("an issuer");
    assert_eq!(found.partner, Some(id.0));
    let mut town = Town {
        db,
        directory,
        issuer,
        issuer_id: found.id,
        partner: PartnerOp {
            partner: id,
            person: Uuid::nil(),
            display_name: String::new(),
            roles: vec![],
            request_id: Uuid::now_v7(),
            idempotency: None,
            clock_offset: TimeDelta::zero(),
        },
    };
    town.partner = match town.caller("admin", None).await.expect("the administrator logs in") {
        Caller::Partner(op) => op,
        Caller::Member(_) | Caller::Platform(_) => panic!("a partner's administrator belongs to no tenant"),
    };
    town
}

impl Town {
    /// What the partner lists; counted as many as shown.
    pub async fn tenants(&self) -> Vec<TenantRecord> {
        let (everything, order) = (TenantFilter::default(), TenantOrder::default().order());
        let window = Window {
            limit: 10,
            ..Window::default()
        };
        let page = directory::tenants(&self.directory, &self.partner, &everything, order, &window).await;
        let rows: Vec<_> = page.expect("a page").rows.into_iter().map(|(row, _)| row).collect();
        let counted = directory::count_tenants(&self.directory, &self.partner, &everything).await;
        assert_eq!(counted.expect("a count"), i64::try_from(rows.len()).expect("few"));
        rows
    }

    pub fn token(&self, subject: &str, tenant: Option<String>) -> VerifiedToken {
        VerifiedToken {
            issuer_id: self.issuer_id,
            issuer: self.issuer.clone(),
            binding: IssuerBinding::Partner(self.partner.partner.0),
            subject: subject.to_owned(),
            client_id: "test".to_owned(),
            expires_at: DateTime::UNIX_EPOCH,
            issued_at: DateTime::UNIX_EPOCH,
            jti: "1".to_owned(),
            scope: vec![],
            tenant,
            claims: Arc::default(),
        }
    }

    pub async fn caller(&self, subject: &str, tenant: Option<TenantId>) -> Result<Caller, Denied> {
        let token = self.token(subject, tenant.map(|t| t.to_string()));
        authenticate(&self.db, &self.directory, &token, TimeDelta::zero(), Uuid::now_v7()).await
    }

    pub async fn log_in(&self, subject: &str, tenant: TenantId) -> Op {
        match self.caller(subject, Some(tenant)).await.expect("logs in") {
            Caller::Member(op) => *op,
            Caller::Partner(_) | Caller::Platform(_) => panic!("a member was expected"),
        }
    }

    pub fn founder(&self, subject: &str, role: FounderRole) -> Founder {
        Founder {
            issuer: self.issuer.clone(),
            subject: subject.to_owned(),
            display_name: format!("Founder {subject}"),
            email: None,
            role,
        }
    }

    pub fn new_tenant(&self, code: &str) -> NewTenant {
        NewTenant {
            code: code.to_owned(),
            name: format!("Brand {code}"),
            kind: TenantKind::Retailer,
            network: None,
            locale: "en-US".to_owned(),
            time_zone: "America/Chicago".to_owned(),
            country: "US".to_owned(),
            settings: Settings::default(),
            founders: vec![
                self.founder("sec1", FounderRole::SecurityAdmin),
                self.founder("sec2", FounderRole::SecurityAdmin),
                self.founder("adm1", FounderRole::TenantAdmin),
                self.founder("adm2", FounderRole::TenantAdmin),
            ],
            location: None,
            branding: None,
        }
    }

    pub async fn create(&self, new: &NewTenant) -> Result<Outcome> {
        tenant_create(&self.directory, &self.db, &self.partner, new).await
    }

    pub async fn brand(&self) -> TenantId {
        let made = self.create(&self.new_tenant("B1")).await.expect("a tenant");
        TenantId(made.document.expect("its id"))
    }

    /// A member without roles; `by` manages users.
    pub async fn member(&self, by: &Op, subject: &str) -> MemberId {
        let new = NewMember {
            issuer: self.issuer.clone(),
            subject: subject.to_owned(),
            display_name: subject.to_owned(),
            email: None,
            locations: None,
            valid_until: None,
        };
        let made = members::create(&self.db, &self.directory, by, &new)
            .await
            .expect("a member");
        MemberId(made.document.expect("its id"))
    }

    pub async fn propose(&self, by: &Op, member: MemberId, role: &str) -> Result<RoleAssignmentId> {
        let new = NewAssignment {
            member: member.0,
            role: role.to_owned(),
            valid_from: None,
            valid_until: None,
        };
        let made = members::propose(&self.db, by, &new).await?;
        Ok(RoleAssignmentId(made.document.expect("its id")))
    }

    /// A role, proposed by `sec1` and approved by `adm1`.
    pub async fn grant(&self, tenant: TenantId, member: MemberId, role: &str) -> RoleAssignmentId {
        let id = self
            .propose(&self.log_in("sec1", tenant).await, member, role)
            .await
            .expect("proposed");
        members::approve(&self.db, &self.log_in("adm1", tenant).await, id, None)
            .await
            .expect("approved");
        id
    }
}

pub fn refusals<T: std::fmt::Debug>(result: Result<T>) -> Vec<Refusal> {
    match result {
        Err(Error::Refused(refusals)) => refusals,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// The rules that refused, in the order of the answer.
pub fn rules<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    refusals(result)
        .into_iter()
        .map(|r| match r.detail {
            Detail::Duties(d) => d.rule,
            other => panic!("a duty rule was expected, not {other:?} ({})", r.message),
        })
        .collect()
}

pub fn codes<T: std::fmt::Debug>(result: Result<T>) -> Vec<(Code, String)> {
    refusals(result)
        .into_iter()
        .map(|r| (r.code, r.field.join(".")))
        .collect()
}
