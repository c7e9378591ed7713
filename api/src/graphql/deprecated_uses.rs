//! Who still uses what is deprecated: for whoever has to see to it that a tenant's clients are ready when it goes.

use super::id::{Id, uuids};
use super::page::{count, window};
use super::related::Related;
use super::scalar::{Date, DateTime};
use super::session;
use crate::connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use quartermaster_domain::shared::MemberId;
use quartermaster_tenants::deprecated_uses::{self, NEWEST, OLDEST, UseFilter, UseRecord};
use std::sync::Arc;

/// How often a member used something deprecated on a day, with one program.
#[derive(SimpleObject, Clone)]
pub struct DeprecatedUse {
    /// What was used, by its schema coordinate, such as `Event.actorDisplay`. Its deprecation says what to use and until when.
    coordinate: String,
    /// Who used it: a person, or the account of an API key.
    member: Related<MemberId>,
    /// The member's id.
    member_id: ID,
    /// What the program calls itself, with its version: by the headers `apollographql-client-name` and `apollographql-client-version`, which
    /// the payload of a socket's `connection_init` may say instead, or by the first product of `User-Agent`. `other` after twenty of a tenant.
    client: String,
    /// The day, in UTC.
    used_on: Date,
    /// How many requests used it.
    uses: i64,
    /// When the last of them was counted.
    last_used_at: DateTime,
}

impl From<UseRecord> for DeprecatedUse {
    fn from(r: UseRecord) -> Self {
        Self {
            coordinate: r.coordinate,
            member: Related(MemberId(r.account)),
            member_id: ID(MemberId(r.account).to_string()),
            client: r.client,
            used_on: Date(r.used_on),
            uses: r.uses,
            last_used_at: DateTime(r.last_at),
        }
    }
}

connection!(DeprecatedUseConnection, DeprecatedUseEdge, DeprecatedUse);

/// Which uses are wanted; all conditions together.
#[derive(InputObject, Default)]
#[graphql(name = "DeprecatedUseFilter")]
pub struct DeprecatedUseFilterInput {
    /// Of these members of the schema.
    coordinates: Option<Vec<String>>,
    /// By one of these members of the tenant.
    member_ids: Option<Vec<Id<MemberId>>>,
    /// On this day or later.
    from: Option<Date>,
}

/// The orders in which uses can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum DeprecatedUseOrder {
    /// Newest day first.
    #[default]
    Newest,
    /// Oldest day first.
    Oldest,
}

/// Queries about the API itself.
#[derive(Default)]
pub struct DeprecatedUseQuery;

#[Object]
impl DeprecatedUseQuery {
    /// Who of the tenant still uses what is deprecated, by day; counted within a minute. For holders of AUD.READ.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn deprecated_uses(
        &self,
        ctx: &Context<'_>,
        filter: Option<DeprecatedUseFilterInput>,
        #[graphql(default)] order_by: DeprecatedUseOrder,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<DeprecatedUseConnection> {
        let s = session(ctx)?;
        let order = if order_by == DeprecatedUseOrder::Newest {
            NEWEST
        } else {
            OLDEST
        };
        let window = window(first, after, last, before, order)?;
        let f = filter.unwrap_or_default();
        let filter = Arc::new(UseFilter {
            coordinates: f.coordinates,
            accounts: uuids(f.member_ids),
            from: f.from.map(|d| d.0),
        });
        let page = s.read(deprecated_uses::uses(&s.db, &s.op, &filter, order, &window).await)?;
        let total = count(s, move |db, op| {
            let filter = filter.clone();
            async move { deprecated_uses::count_uses(&db, &op, &filter).await }
        });
        Ok(DeprecatedUseConnection::of(page, total))
    }
}
