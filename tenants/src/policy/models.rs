//! The six Casbin models, as constants: an unknown effect panics inside the engine and `#` in a matcher cuts the rest, so
//! no model text is ever data. Each matcher begins with `p.eft != ""`: over an empty policy the engine runs the matcher on
//! empty strings and skips the effect, so an equality would allow an empty request.

/// A model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// Which role has which duty at which level.
    Grant,
    /// Which duty opens which action on which document type.
    Access,
    /// Duties that one person may not hold together.
    Ssod,
    /// Duties that one person may not exercise on related documents.
    Dsod,
    /// Time-boxed permission to break one default rule.
    Exception,
    /// Which duties may be delegated, to whom.
    Deleg,
}

impl Model {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::Grant,
        Self::Access,
        Self::Ssod,
        Self::Dsod,
        Self::Exception,
        Self::Deleg,
    ];

    /// The name in the design and in digests.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Access => "access",
            Self::Ssod => "ssod",
            Self::Dsod => "dsod",
            Self::Exception => "exception",
            Self::Deleg => "deleg",
        }
    }

    /// Columns of a row, the effect included.
    pub const fn columns(self) -> usize {
        match self {
            Self::Grant | Self::Access => 4,
            Self::Ssod | Self::Exception => 5,
            Self::Dsod | Self::Deleg => 6,
        }
    }

    /// The model text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Grant => GRANT,
            Self::Access => ACCESS,
            Self::Ssod => SSOD,
            Self::Dsod => DSOD,
            Self::Exception => EXCEPTION,
            Self::Deleg => DELEG,
        }
    }
}

const GRANT: &str = r#"[request_definition]
r = role, duty, level
[policy_definition]
p = role, duty, level, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.eft != "" && r.duty == p.duty && r.role == p.role && r.level == p.level
"#;

const ACCESS: &str = r#"[request_definition]
r = duty, object, action
[policy_definition]
p = duty, object, action, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.eft != "" && r.duty == p.duty && r.object == p.object && r.action == p.action
"#;

const SSOD: &str = r#"[request_definition]
r = rule, a, b
[policy_definition]
p = rule, tier, a, b, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.eft != "" && ((p.rule == "*" && r.a == p.a) || (p.rule != "*" && (r.rule == "*" || r.rule == p.rule) && ((r.a == p.a && r.b == p.b) || (r.a == p.b && r.b == p.a))))
"#;

const DSOD: &str = r#"[request_definition]
r = rule, duty, prior, relation, hands
[policy_definition]
p = rule, tier, a, b, relation, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.eft != "" && ((p.rule == "*" && r.duty == p.a && (r.hands == "shared" || r.hands == "disjoint")) || (p.rule != "*" && r.hands == "shared" && r.relation == p.relation && (r.rule == "*" || r.rule == p.rule) && ((r.duty == p.a && r.prior == p.b) || (r.duty == p.b && r.prior == p.a))))
"#;

const EXCEPTION: &str = r#"[request_definition]
r = rule, tier, person, scope, state
[policy_definition]
p = id, rule, person, scope, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.eft != "" && r.tier == "default" && r.state == "approved" && r.rule == p.rule && r.person == p.person && r.scope == p.scope
"#;

const DELEG: &str = r#"[request_definition]
r = duty, from_kind, to_kind, relation, depth
[policy_definition]
p = duty, from_kind, to_kind, relation, depth, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.eft != "" && r.duty == p.duty && r.from_kind == p.from_kind && r.to_kind == p.to_kind && r.relation == p.relation && r.depth == p.depth
"#;
