//! Apollo Federation 2: the API as a subgraph of a gateway. Every node is an entity by its `id`, found by the loaders that
//! `nodes(ids:)` asks, so another tenant's is null here too. The subgraph's schema is the plain one with its keys: the engine's
//! own federation would ask for a line at every type, and resolve all representations or none.

use super::error::coded;
use super::loaders::Asks;
use super::node::{Node, load, type_of};
use super::{Query, sdl};
use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, MetaTypeId, Registry};
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    Any, ContainerType, Context, ContextSelectionSet, ID, Object, ObjectType, OutputType, Positioned, Result,
    ServerResult, SimpleObject, Value,
};
use futures::future::try_join_all;
use quartermaster_domain::shared::AnyId;
use std::borrow::Cow;
use std::sync::LazyLock;

/// What the schema links to: the specification, and what is used of it.
const LINK: &str =
    "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: [\"@key\", \"@shareable\"])\n";
/// What makes a type an entity.
const KEY: &str = " @key(fields: \"id\")";
/// Values that another subgraph may define too, with the same fields.
const SHAREABLE: [&str; 3] = ["PageInfo", "Money", "Quantity"];

/// The subgraph's schema, made of the plain one as the engine prints it: a key at each node, what may be shared, the link.
#[must_use]
pub fn subgraph(plain: &str) -> String {
    // Behind the last empty line are the directives and roots that every schema has.
    let types = plain.rsplit_once("\n\n").map_or(plain, |(types, _)| types);
    let mut out = String::with_capacity(types.len() + 4_096);
    out.push_str(LINK);
    for line in types.lines() {
        match line.strip_suffix(" {").filter(|_| line.starts_with("type ")) {
            Some(head) if head.ends_with(" implements Node") => {
                out.extend([head, KEY, " {\n"]);
            }
            Some(head) if SHAREABLE.iter().any(|name| head.strip_prefix("type ") == Some(*name)) => {
                out.extend([head, " @shareable {\n"]);
            }
            _ => out.extend([line, "\n"]),
        }
    }
    out
}

/// The subgraph's schema, made when a gateway first asks for it.
static SUBGRAPH: LazyLock<String> = LazyLock::new(|| subgraph(&sdl()));

/// This service as a gateway sees it.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
pub struct Service {
    /// The schema of the subgraph.
    sdl: String,
}

/// A node, as the union that gateways ask for.
pub struct Entity(Node);

impl OutputType for Entity {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("_Entity")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Union, |registry| {
            Node::create_type_info(registry);
            let possible_types = match registry.types.get(Node::type_name().as_ref()) {
                Some(MetaType::Interface { possible_types, .. }) => possible_types.clone(),
                _ => Default::default(),
            };
            MetaType::Union {
                name: Self::type_name().into_owned(),
                description: Some("Whatever a gateway may ask for by its key: every node.".to_owned()),
                possible_types,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
            }
        })
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

/// What a gateway asks.
#[derive(Default)]
pub struct FederationQuery;

#[Object]
impl FederationQuery {
    /// This service as a subgraph of a gateway.
    #[graphql(name = "_service")]
    async fn service(&self) -> Service {
        Service { sdl: SUBGRAPH.clone() }
    }

    /// The nodes that these representations name, in their order; null for each that is not there.
    #[graphql(name = "_entities")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Each the `__typename` and the `id` of a node; at most 1,000.")] representations: Vec<Any>,
    ) -> Result<Vec<Option<Result<Entity>>>> {
        ctx.loaders()?;
        let named: Vec<Result<ID>> = representations.iter().map(|r| named(&r.0)).collect();
        let found = named.iter().map(async |id| match id {
            Ok(id) => load(ctx, id).await,
            Err(_) => Ok(None),
        });
        let found = try_join_all(found).await?;
        Ok(std::iter::zip(found, named)
            .map(|(node, id)| match id {
                Ok(_) => node.map(|node| Ok(Entity(node))),
                Err(why) => Some(Err(why)),
            })
            .collect())
    }
}

/// All queries, and what a gateway asks. Not merged by a derive: that would make two types of the name `Query`.
#[derive(Default)]
pub struct Root(Query, FederationQuery);

impl OutputType for Root {
    fn type_name() -> Cow<'static, str> {
        Query::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Query::create_type_info(registry);
        let asked = registry.create_fake_output_type::<FederationQuery>();
        if let (Some(MetaType::Object { fields, .. }), MetaType::Object { fields: asked, .. }) =
            (registry.types.get_mut(Query::type_name().as_ref()), asked)
        {
            fields.extend(asked);
        }
        name
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ContainerType for Root {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match self.0.resolve_field(ctx).await? {
            None => self.1.resolve_field(ctx).await,
            found => Ok(found),
        }
    }
}

impl ObjectType for Root {}

/// The id in a representation, if it is one of the type that is named beside it.
fn named(representation: &Value) -> Result<ID> {
    let text = |member: &str| match representation {
        Value::Object(members) => match members.get(member) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    };
    let (Some(named), Some(id)) = (text("__typename"), text("id")) else {
        return Err(coded(
            "BAD_USER_INPUT",
            "A representation has a “__typename” and an “id”.",
        ));
    };
    let any: AnyId = id
        .parse()
        .map_err(|e: quartermaster_domain::shared::IdError| coded("BAD_USER_INPUT", e.to_string()))?;
    if type_of(&any.prefix).as_deref() != Some(named) {
        return Err(coded(
            "BAD_USER_INPUT",
            "This is no id of the type that the representation names.",
        ));
    }
    Ok(ID::from(id))
}
