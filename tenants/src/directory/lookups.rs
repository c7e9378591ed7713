//! What is asked before there is a tenant or a partner: exact keys in, one answer out.

use super::Directory;
use crate::error::{Refusal, Result};
use crate::id::{PartnerId, TenantId};
use crate::input::{Refusals, optional_text, text};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

const FIND_ISSUER: &str = "SELECT id, partner_id, bound_tenant_id, array_to_string(algorithms, ',') AS algorithms, jwks_url FROM qm.find_issuer($1)";
const FIND_LOGIN: &str = "SELECT qm.find_login($1, $2) AS person";
const ENSURE_PERSON: &str = "SELECT qm.ensure_person($1, $2, $3, $4) AS person";
const TENANTS_OF: &str = "SELECT id, code, name, partner_id FROM qm.tenants_of($1) ORDER BY code, id LIMIT 200";
const PARTNERS_OF: &str =
    "SELECT id, display_name, array_to_string(roles, ',') AS roles FROM qm.partners_of($1) ORDER BY id LIMIT 50";
const FIND_TENANT: &str = "SELECT id, partner_id, status FROM qm.find_tenant($1)";
const IS_PLATFORM: &str = "SELECT qm.is_platform($1) AS platform";
const FIND_BRANDING: &str = "SELECT name, primary_colour, secondary_colour, logo_url, support_email, support_phone, support_url FROM qm.find_branding($1)";
const CLOCK: &str = "SELECT clock_timestamp() AS at";

/// An issuer's row.
#[derive(Debug, Clone)]
pub struct FoundIssuer {
    /// Its id.
    pub id: Uuid,
    /// Bound to this partner.
    pub partner: Option<Uuid>,
    /// Bound to this tenant.
    pub tenant: Option<Uuid>,
    /// JWA names.
    pub algorithms: Vec<String>,
    /// Where its keys are, if not found by discovery.
    pub jwks_url: Option<String>,
}

/// A tenant that exists for its partner and its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundTenant {
    /// The partner that it belongs to: never changes.
    pub partner: Uuid,
}

/// A tenant in which a person has an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTenant {
    /// The tenant.
    pub id: TenantId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its partner.
    pub partner: PartnerId,
}

/// A partner that a person works for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPartner {
    /// The partner.
    pub id: PartnerId,
    /// What the person is called there.
    pub display_name: String,
    /// The roles there.
    pub roles: Vec<String>,
}

/// How a tenant looks: public by host name.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Branding {
    /// The name that people read.
    pub name: String,
    /// `#rrggbb`.
    pub primary_colour: Option<String>,
    /// `#rrggbb`.
    pub secondary_colour: Option<String>,
    /// An https address.
    pub logo_url: Option<String>,
    /// Where people ask for help.
    pub support_email: Option<String>,
    /// Where people ask for help.
    pub support_phone: Option<String>,
    /// An https address.
    pub support_url: Option<String>,
}

impl Branding {
    /// Trimmed and checked; all that is wrong with it at once. `at` is its path in the input.
    ///
    /// # Errors
    /// Refusals that name the fields.
    pub fn checked(&self, at: &[&str]) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Refusals::default();
        let mut read = |field: &str, value: &Option<String>, form: fn(&str) -> bool, wanted: &str| {
            let path = [at, &[field]].concat();
            let value = refusals.take(optional_text(&path, value.as_deref(), 500)).flatten();
            if value.as_deref().is_some_and(|v| !form(v)) {
                refusals.push(Refusal::invalid(&path, wanted));
            }
            value
        };
        let colour = "A colour is written #rrggbb.";
        let address = "An address begins with https://.";
        let primary_colour = read("primaryColour", &self.primary_colour, is_colour, colour);
        let secondary_colour = read("secondaryColour", &self.secondary_colour, is_colour, colour);
        let logo_url = read("logoUrl", &self.logo_url, is_address, address);
        let support_url = read("supportUrl", &self.support_url, is_address, address);
        let support_email = read(
            "supportEmail",
            &self.support_email,
            |v| v.contains('@'),
            "This is no address.",
        );
        let support_phone = read(
            "supportPhone",
            &self.support_phone,
            |v| v.len() <= 40,
            "This is no number.",
        );
        let name = refusals.take(text(&[at, &["name"]].concat(), &self.name, 200));
        refusals.finish()?;
        Ok(Self {
            name: name.unwrap_or_default(),
            primary_colour,
            secondary_colour,
            logo_url,
            support_email,
            support_phone,
            support_url,
        })
    }
}

fn is_colour(value: &str) -> bool {
    let digits = value.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit())
}

fn is_address(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|u| u.scheme() == "https" && u.username().is_empty())
}

/// Facts that never change while they exist, kept for a minute: whose login, whose tenant; and a tenant's quota, which may be late. What can be withdrawn – accounts,
/// roles, the tenant's status – is read with each request.
#[derive(Debug, Default)]
pub(super) struct Known {
    logins: Memory<(Uuid, String), Uuid>,
    tenants: Memory<Uuid, FoundTenant>,
    pub(super) quotas: Memory<Uuid, Option<u32>>,
}

const KEPT: Duration = Duration::from_secs(60);
/// Keys may come from outside: no more than this many are remembered.
const MOST: usize = 20_000;

#[derive(Debug)]
pub(super) struct Memory<K, V>(Mutex<HashMap<K, (Instant, V)>>);

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<V> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key)
            .filter(|(at, _)| at.elapsed() < KEPT)
            .map(|(_, v)| v.clone())
    }

    pub(super) fn put(&self, key: K, value: V) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, (Instant::now(), value));
    }
}

impl Directory {
    /// The active issuer of exactly this identifier.
    ///
    /// # Errors
    /// What the database said.
    pub async fn find_issuer(&self, iss: &str) -> Result<Option<FoundIssuer>> {
        if iss.contains('\0') {
            return Ok(None);
        }
        let rows = self.ask(FIND_ISSUER, vec![iss.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(FoundIssuer {
            id: row.try_get("", "id")?,
            partner: row.try_get("", "partner_id")?,
            tenant: row.try_get("", "bound_tenant_id")?,
            algorithms: words(row.try_get("", "algorithms")?),
            jwks_url: row.try_get("", "jwks_url")?,
        }))
    }

    /// The person of a login; `None` for a subject never seen.
    ///
    /// # Errors
    /// What the database said.
    pub async fn find_login(&self, issuer: Uuid, subject: &str) -> Result<Option<Uuid>> {
        let key = (issuer, subject.to_owned());
        if let Some(person) = self.known.logins.get(&key) {
            return Ok(Some(person));
        }
        if subject.contains('\0') {
            return Ok(None);
        }
        let rows = self.ask(FIND_LOGIN, vec![issuer.into(), subject.into()]).await?;
        let person: Option<Uuid> = rows.first().map(|r| r.try_get("", "person")).transpose()?.flatten();
        if let Some(person) = person {
            self.known.logins.put(key, person);
        }
        Ok(person)
    }

    /// The person of a login, made when the subject was never seen: the same verified subject is the same person.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ensure_person(&self, issuer: Uuid, subject: &str) -> Result<Uuid> {
        if let Some(person) = self.find_login(issuer, subject).await? {
            return Ok(person);
        }
        let values = vec![
            issuer.into(),
            subject.into(),
            Uuid::now_v7().into(),
            self.clock().await?.into(),
        ];
        let rows = self.ask(ENSURE_PERSON, values).await?;
        let row = rows
            .first()
            .ok_or_else(|| crate::Error::internal("a person was not made"))?;
        Ok(row.try_get("", "person")?)
    }

    /// The tenants in which a person has an account.
    ///
    /// # Errors
    /// What the database said.
    pub async fn tenants_of(&self, person: Uuid) -> Result<Vec<KnownTenant>> {
        let rows = self.ask(TENANTS_OF, vec![person.into()]).await?;
        rows.iter()
            .map(|r| {
                Ok(KnownTenant {
                    id: TenantId(r.try_get("", "id")?),
                    code: r.try_get("", "code")?,
                    name: r.try_get("", "name")?,
                    partner: PartnerId(r.try_get("", "partner_id")?),
                })
            })
            .collect()
    }

    /// The partners that a person works for. Never remembered: roles can be withdrawn.
    ///
    /// # Errors
    /// What the database said.
    pub async fn partners_of(&self, person: Uuid) -> Result<Vec<FoundPartner>> {
        let rows = self.ask(PARTNERS_OF, vec![person.into()]).await?;
        rows.iter()
            .map(|r| {
                Ok(FoundPartner {
                    id: PartnerId(r.try_get("", "id")?),
                    display_name: r.try_get("", "display_name")?,
                    roles: words(r.try_get("", "roles")?),
                })
            })
            .collect()
    }

    /// Is this one of the platform's people? Never remembered: it can be withdrawn.
    ///
    /// # Errors
    /// What the database said.
    pub async fn is_platform(&self, person: Uuid) -> Result<bool> {
        let rows = self.ask(IS_PLATFORM, vec![person.into()]).await?;
        Ok(rows
            .first()
            .map(|r| r.try_get("", "platform"))
            .transpose()?
            .unwrap_or_default())
    }

    /// A tenant by id; `None` for one that is not wholly provisioned. Its status is read with each request, in the tenant.
    ///
    /// # Errors
    /// What the database said.
    pub async fn find_tenant(&self, tenant: TenantId) -> Result<Option<FoundTenant>> {
        if let Some(known) = self.known.tenants.get(&tenant.0) {
            return Ok(Some(known));
        }
        let rows = self.ask(FIND_TENANT, vec![tenant.0.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let found = FoundTenant {
            partner: row.try_get("", "partner_id")?,
        };
        self.known.tenants.put(tenant.0, found);
        Ok(Some(found))
    }

    /// How the tenant of this host name looks. Public; says nothing else.
    ///
    /// # Errors
    /// What the database said.
    pub async fn branding(&self, host: &str) -> Result<Option<Branding>> {
        if host.len() > 253 || host.contains('\0') {
            return Ok(None);
        }
        let rows = self.ask(FIND_BRANDING, vec![host.into()]).await?;
        let Some(r) = rows.first() else { return Ok(None) };
        Ok(Some(Branding {
            name: r.try_get("", "name")?,
            primary_colour: r.try_get("", "primary_colour")?,
            secondary_colour: r.try_get("", "secondary_colour")?,
            logo_url: r.try_get("", "logo_url")?,
            support_email: r.try_get("", "support_email")?,
            support_phone: r.try_get("", "support_phone")?,
            support_url: r.try_get("", "support_url")?,
        }))
    }

    async fn clock(&self) -> Result<DateTime<Utc>> {
        let rows = self.ask(CLOCK, vec![]).await?;
        let row = rows.first().ok_or_else(|| crate::Error::internal("no time"))?;
        Ok(row.try_get("", "at")?)
    }
}

pub(super) fn words(joined: Option<String>) -> Vec<String> {
    let joined = joined.unwrap_or_default();
    joined.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect()
}
