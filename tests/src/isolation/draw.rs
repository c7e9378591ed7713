//! Draws documents and values from the schema: whole requests, most of them nearly right. The same seed draws the same ones.

use super::schema::{Schema, base, written};
use crate::badinput::hostile;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Fields that hold ids, by the end of their names, and the prefix of the ids that belong there.
const NAMED: &[(&str, &str)] = &[
    ("supplierId", "sup"),
    ("itemId", "itm"),
    ("ocationId", "loc"),
    ("urchaseOrderId", "po"),
    ("orderId", "po"),
    ("receiptId", "rcp"),
    ("memberId", "mem"),
    ("ownerId", "mem"),
    ("categoryId", "cat"),
    ("regionId", "reg"),
    ("countId", "cnt"),
    ("tenantId", "ten"),
    ("invitationId", "inv"),
];

/// What the `id` of a mutation is an id of, by the beginning of its name.
const DOCUMENTS: &[(&str, &str)] = &[
    ("purchaseOrder", "po"),
    ("changeOrder", "chg"),
    ("receipt", "rcp"),
    ("discrepancy", "dsc"),
    ("supplierReturn", "rtv"),
    ("supplierBank", "sbc"),
    ("supplierChange", "sch"),
    ("supplier", "sup"),
    ("itemChange", "ich"),
    ("item", "itm"),
    ("priceList", "prl"),
    ("adjustment", "adj"),
    ("stockCount", "cnt"),
    ("count", "cnt"),
    ("transfer", "trf"),
    ("replenishmentPolicy", "rpl"),
    ("roleAssignment", "rla"),
    ("workflowRule", "wfr"),
    ("sodPolicy", "sdp"),
    ("apiKey", "key"),
    ("invitation", "inv"),
    ("member", "mem"),
    ("operatorAssignment", "opa"),
    ("administratorRecovery", "rcy"),
    ("importJob", "imp"),
    ("category", "cat"),
    ("region", "reg"),
    ("location", "loc"),
    ("tenant", "ten"),
];

/// One request.
pub struct Drawn {
    /// Its root fields; the first is what a mutation does.
    pub fields: Vec<String>,
    pub document: String,
    pub variables: Value,
}

/// Draws from a seed.
pub struct Draw<'s> {
    schema: &'s Schema,
    ids: &'s BTreeMap<String, String>,
    /// Ids that are somebody else's.
    foreign: &'s [String],
    state: u64,
    /// Half of the requests are: they have what no good client sends.
    wild: bool,
    root: String,
    declared: Vec<String>,
    variables: Map<String, Value>,
    fragments: Vec<String>,
}

impl<'s> Draw<'s> {
    pub fn new(schema: &'s Schema, ids: &'s BTreeMap<String, String>, foreign: &'s [String], seed: u64) -> Self {
        Self {
            schema,
            ids,
            foreign,
            state: seed,
            wild: false,
            root: String::new(),
            declared: Vec::new(),
            variables: Map::new(),
            fragments: Vec::new(),
        }
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.state >> 33) % n as u64).expect("small")
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of so many wild ones.
    fn wildly(&mut self, n: usize) -> bool {
        self.wild && self.one_in(n)
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// A request for one mutation, or for up to three fields of another root.
    pub fn request(&mut self, root: &str) -> Drawn {
        self.declared.clear();
        self.variables.clear();
        self.fragments.clear();
        self.wild = self.one_in(2);
        let all: Vec<Value> = self.schema.fields(root).into_iter().cloned().collect();
        let many = if root == "Mutation" { 1 } else { 1 + self.below(3) };
        let (mut fields, mut text) = (Vec::new(), String::new());
        for n in 0..many {
            let field = self.of(&all);
            let name = field["name"].as_str().expect("a name").to_owned();
            self.root.clone_from(&name);
            text.push_str(&format!("r{n}: {} ", self.field(&field, 4)));
            fields.push(name);
        }
        let keyword = root.to_lowercase();
        let declared = if self.declared.is_empty() {
            String::new()
        } else {
            format!("({})", self.declared.join(", "))
        };
        if self.wildly(20) {
            self.variables.insert("nobodysVariable".to_owned(), json!([{}]));
        }
        let mut document = format!("{keyword} Drawn{declared} {{ {text} }} {}", self.fragments.join(" "));
        if self.wildly(12) {
            self.damage(&mut document);
        }
        Drawn {
            fields,
            document,
            variables: Value::Object(self.variables.clone()),
        }
    }

    /// One character more, less or another, somewhere.
    fn damage(&mut self, text: &mut String) {
        let mut characters: Vec<char> = text.chars().collect();
        let at = self.below(characters.len());
        let with = self.of(&[
            '{', '}', '(', ')', '"', '$', '@', ':', '\u{0}', '\u{feff}', '0', '\\', 'é', '#',
        ]);
        match self.below(3) {
            0 => characters.insert(at, with),
            1 => characters[at] = with,
            _ => {
                characters.remove(at);
            }
        }
        *text = characters.into_iter().collect();
    }

    /// A field with its arguments and what is selected of it.
    fn field(&mut self, field: &Value, depth: usize) -> String {
        let mut arguments = Vec::new();
        for argument in field["args"].as_array().expect("arguments") {
            let (name, of) = (argument["name"].as_str().expect("a name"), &argument["type"]);
            let required = of["kind"] == "NON_NULL";
            // A page of a few rows, or the lists in it would cost too much.
            let page = name == "first" && !self.wildly(4);
            let left_out = match (required, page, name) {
                (true, _, _) => self.wildly(50),
                (false, true, _) => false,
                (false, false, "last") => !self.wildly(4),
                (false, false, _) => !self.one_in(3),
            };
            if left_out {
                continue;
            }
            let value = if ["first", "last"].contains(&name) && !self.wildly(6) {
                json!(self.below(4))
            } else {
                self.value(name, of, 0)
            };
            let literal = literal(self.schema, of, &value).filter(|_| self.one_in(3));
            let passed = literal.unwrap_or_else(|| {
                let variable = format!("v{}", self.declared.len());
                self.declared.push(format!("${variable}: {}", written(of)));
                self.variables.insert(variable.clone(), value);
                format!("${variable}")
            });
            arguments.push(format!("{name}: {passed}"));
        }
        let arguments = if arguments.is_empty() {
            String::new()
        } else {
            format!("({})", arguments.join(", "))
        };
        let directive = match self.below(if self.wild { 30 } else { 60 }) {
            0 => " @skip(if: false)",
            1 => " @include(if: false)",
            2 if self.wild => " @include(if: 1)",
            3 if self.wild => " @nobodysDirective",
            _ => "",
        };
        let below = self.selection(base(&field["type"]), depth);
        format!(
            "{}{arguments}{directive}{below}",
            field["name"].as_str().expect("a name")
        )
    }

    fn selection(&mut self, of: &str, depth: usize) -> String {
        let kind = self
            .schema
            .types
            .get(of)
            .and_then(|t| t["kind"].as_str())
            .unwrap_or_default();
        if kind == "UNION" {
            return " { __typename }".to_owned();
        }
        if !matches!(kind, "OBJECT" | "INTERFACE") {
            return String::new();
        }
        let all: Vec<Value> = self.schema.fields(of).into_iter().cloned().collect();
        let mut text = String::from(" { __typename ");
        if of.ends_with("Payload") {
            text.push_str("told: userErrors { code message field } ");
        }
        for n in 0..1 + self.below(5) {
            let field = self.of(&all);
            let leads = self
                .schema
                .types
                .get(base(&field["type"]))
                .is_some_and(|t| !t["fields"].is_null());
            if leads && depth == 0 {
                continue;
            }
            let inner = format!("k{depth}{n}: {}", self.field(&field, depth.saturating_sub(1)));
            text.push_str(&match self.below(12) {
                0 => format!("... on {of} {{ {inner} }} "),
                1 => {
                    let fragment = format!("f{}", self.fragments.len());
                    self.fragments
                        .push(format!("fragment {fragment} on {of} {{ {inner} }}"));
                    format!("...{fragment} ")
                }
                _ => format!("{inner} "),
            });
        }
        text.push('}');
        text
    }

    /// A value for a place: right more often than not.
    fn value(&mut self, name: &str, of: &Value, depth: usize) -> Value {
        if self.wildly(40) {
            return self.of(&[
                Value::Null,
                json!(true),
                json!(-1),
                json!(1e308),
                json!("x"),
                json!([]),
                json!({}),
                json!([[[null]]]),
                json!({ "a": { "a": { "a": "\u{1F40C}" } } }),
            ]);
        }
        match of["kind"].as_str() {
            Some("NON_NULL") => self.value(name, &of["ofType"], depth),
            Some("LIST") => {
                let many = match self.below(12) {
                    0 => 0,
                    1 if self.wild => 40,
                    _ => 1 + self.below(3),
                };
                (0..many).map(|_| self.value(name, &of["ofType"], depth + 1)).collect()
            }
            Some("INPUT_OBJECT") if depth < 7 => self.object(base(of), depth),
            Some("INPUT_OBJECT") => json!({}),
            Some("ENUM") => {
                let values = self.schema.types[base(of)]["enumValues"].as_array().expect("values");
                if self.wildly(15) {
                    json!("NOBODYS_VALUE")
                } else {
                    self.of(values)["name"].clone()
                }
            }
            _ => self.leaf(name, of),
        }
    }

    fn object(&mut self, of: &str, depth: usize) -> Value {
        let mut object = Map::new();
        let fields = self.schema.types[of]["inputFields"].as_array().expect("fields");
        for field in fields {
            let required = field["type"]["kind"] == "NON_NULL";
            if required && self.wildly(25) || !required && !self.one_in(3) {
                continue;
            }
            let name = field["name"].as_str().expect("a name");
            object.insert(name.to_owned(), self.value(name, &field["type"], depth + 1));
        }
        if self.wildly(40) {
            object.insert("nobodysField".to_owned(), json!(1));
        }
        Value::Object(object)
    }

    fn leaf(&mut self, name: &str, of: &Value) -> Value {
        let kind = base(of);
        if kind == "ID" && !self.wildly(6) {
            return self.id(name);
        }
        let nasty = hostile(self.schema, kind);
        let nasty_one = if self.wild {
            self.one_in(4)
        } else {
            kind == "String" && self.one_in(20)
        };
        if !nasty.is_empty() && nasty_one {
            return self.of(&nasty);
        }
        match kind {
            "String" => self.of(&[
                "A1",
                "Main",
                "Europe/Berlin",
                "en",
                "ada@example.com",
                "https://a.example",
                "2",
            ]
            .map(|s| json!(s))),
            "Int" => json!(self.below(5)),
            "Decimal" => self.of(&["1", "10", "0.5", "2.5", "100"].map(|s| json!(s))),
            _ => self.schema.value(of, 1).unwrap_or(Value::Null),
        }
    }

    /// An id that fits the place, or one of anything, or somebody else's.
    fn id(&mut self, name: &str) -> Value {
        let all: Vec<String> = self.ids.values().cloned().collect();
        match self.below(if self.wild { 8 } else { 24 }) {
            0 => return json!(self.of(&all)),
            1 => return json!(self.of(self.foreign)),
            _ => {}
        }
        let name = name.trim_end_matches('s');
        let of_place = NAMED.iter().find(|(end, _)| name.ends_with(end));
        let of_root = DOCUMENTS.iter().find(|(begin, _)| self.root.starts_with(begin));
        let prefix = of_place.or(of_root).map(|(_, prefix)| *prefix).unwrap_or_default();
        let own = self.ids.get(prefix).cloned();
        json!(own.unwrap_or_else(|| self.of(&all)))
    }
}

/// A value as it is written in a document; `None` where that cannot be (the name of an enum's value is no string).
fn literal(schema: &Schema, of: &Value, value: &Value) -> Option<String> {
    let inner = || if of["ofType"].is_null() { of } else { &of["ofType"] };
    Some(match (of["kind"].as_str(), value) {
        (Some("NON_NULL"), value) => literal(schema, inner(), value)?,
        (_, Value::Array(list)) => {
            let written: Option<Vec<String>> = list.iter().map(|v| literal(schema, inner(), v)).collect();
            format!("[{}]", written?.join(", "))
        }
        (Some("ENUM"), Value::String(name)) => name.clone(),
        (_, Value::Object(object)) => {
            let fields = schema.types.get(base(of)).and_then(|t| t["inputFields"].as_array());
            let nothing = json!({});
            let mut written = Vec::new();
            for (name, value) in object {
                let field = fields.and_then(|f| f.iter().find(|f| f["name"] == name.as_str()));
                let of = field.map_or(&nothing, |f| &f["type"]);
                written.push(format!("{name}: {}", literal(schema, of, value)?));
            }
            format!("{{ {} }}", written.join(", "))
        }
        (_, other) => other.to_string(),
    })
}
