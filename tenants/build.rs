//! Turns the reference tables of segregation of duties into Rust enums, so that a duty, a document type or a state that
//! the tables do not know cannot be written down in the code. Output: `OUT_DIR/policy_vocabulary.rs`.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

/// One line of `duties.csv`, by column.
struct DutyLine(csv::StringRecord);

impl DutyLine {
    fn column(&self, index: usize) -> &str {
        self.0.get(index).unwrap_or_default()
    }
    fn code(&self) -> &str {
        self.column(0)
    }
    fn states(&self) -> impl Iterator<Item = &str> {
        self.column(6).split('|').filter(|state| !state.is_empty())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/policy/data/duties.csv");
    println!("cargo::rerun-if-changed=../Cargo.lock");
    let mut table = csv::Reader::from_path("src/policy/data/duties.csv")?;
    let duties: Vec<DutyLine> = table
        .records()
        .map(|line| line.map(DutyLine))
        .collect::<Result<_, _>>()?;

    let mut out = String::new();
    writeln!(
        out,
        "/// The rule engine and its version as built; part of every policy digest."
    )?;
    writeln!(
        out,
        "pub const ENGINE: &str = \"casbin {}\";",
        engine_version(Path::new("../Cargo.lock"))?
    )?;
    let mut kinds: Vec<&str> = Vec::new();
    let mut states = BTreeSet::new();
    for duty in &duties {
        if duty.column(3) != "*" && !kinds.contains(&duty.column(3)) {
            kinds.push(duty.column(3));
        }
        states.extend(duty.states());
        states.extend(Some(duty.column(7)).filter(|state| !state.is_empty()));
    }
    write_enum(
        &mut out,
        "DocumentKind",
        "The document type a duty acts on.",
        kinds.iter().map(|kind| (*kind, format!("`{kind}`."))).collect(),
        Some((
            "Any",
            "*",
            "No type in particular: only the party facts `ROLE.BENEFIT` and `AGENT.ACTOR`; never data.",
        )),
    )?;
    write_enum(
        &mut out,
        "ControlState",
        "The state of a document as segregation of duties sees it; finer document machines map theirs onto these.",
        states.iter().map(|state| (*state, format!("`{state}`."))).collect(),
        None,
    )?;
    write_enum(
        &mut out,
        "Duty",
        "The smallest separable task, on one document type; the last ones are party facts, which nobody is granted.",
        duties
            .iter()
            .map(|duty| (duty.code(), format!("`{}`: {}.", duty.code(), duty.column(12))))
            .collect(),
        None,
    )?;
    write_facts(&mut out, &duties)?;
    write_markers(&mut out, &duties)?;
    for (table, name, numbers) in [
        ("roles", "ROLE_LINES", "&str, &str, &str, &str, &str"),
        ("grants", "GRANT_LINES", "&str, &str, u8"),
        ("ssod", "SSOD_LINES", "&str, &str, &str, &str, &str, &str"),
        ("dsod", "DSOD_LINES", "&str, &str, &str, &str, u32, &str, &str, &str"),
    ] {
        write_lines(&mut out, table, name, numbers)?;
    }
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("policy_vocabulary.rs"), out)?;
    Ok(())
}

/// `PO.APPROVE` and `PURCHASE_ORDER` become `PoApprove` and `PurchaseOrder`.
fn camel(word: &str) -> String {
    let mut name = String::new();
    for part in word.split(['.', '_']) {
        name.push_str(part.get(..1).unwrap_or_default());
        name.push_str(&part.get(1..).unwrap_or_default().to_lowercase());
    }
    name
}

fn write_enum(
    out: &mut String,
    name: &str,
    doc: &str,
    words: Vec<(&str, String)>,
    extra: Option<(&str, &str, &str)>,
) -> std::fmt::Result {
    writeln!(out, "/// {doc}")?;
    writeln!(
        out,
        "#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(u8)]\npub enum {name} {{"
    )?;
    for (word, doc) in &words {
        writeln!(out, "    /// {doc}\n    {},", camel(word))?;
    }
    if let Some((variant, _, doc)) = extra {
        writeln!(out, "    /// {doc}\n    {variant},")?;
    }
    writeln!(out, "}}\nimpl {name} {{")?;
    writeln!(
        out,
        "    /// All that can be data, in the order of the tables.\n    pub const ALL: [Self; {}] = [",
        words.len()
    )?;
    for (word, _) in &words {
        writeln!(out, "        Self::{},", camel(word))?;
    }
    writeln!(
        out,
        "    ];\n    /// The word of the tables.\n    pub const fn code(self) -> &'static str {{\n        match self {{"
    )?;
    for (word, _) in &words {
        writeln!(out, "            Self::{} => \"{word}\",", camel(word))?;
    }
    if let Some((variant, code, _)) = extra {
        writeln!(out, "            Self::{variant} => \"{code}\",")?;
    }
    writeln!(out, "        }}\n    }}\n}}")
}

fn write_facts(out: &mut String, duties: &[DutyLine]) -> std::fmt::Result {
    writeln!(
        out,
        "impl Duty {{\n    pub(super) const fn facts(self) -> &'static DutyFacts {{\n        match self {{"
    )?;
    for duty in duties {
        let document = match duty.column(3) {
            "*" => "Any".to_owned(),
            kind => camel(kind),
        };
        let from: Vec<String> = duty
            .states()
            .map(|state| format!("ControlState::{}", camel(state)))
            .collect();
        let to = match duty.column(7) {
            "" => "None".to_owned(),
            state => format!("Some(ControlState::{})", camel(state)),
        };
        let mutation = match duty.column(5) {
            "" => "None".to_owned(),
            name => format!("Some(\"{name}\")"),
        };
        writeln!(
            out,
            "            Self::{} => &DutyFacts {{ kind: DutyKind::{}, document: DocumentKind::{document}, action: \"{}\", \
             mutation: {mutation}, from_states: &[{}], to_state: {to}, amount_limited: {}, machine_ok: {}, delegable: {}, \
             side: Side::{} }},",
            camel(duty.code()),
            camel(&duty.column(2).to_uppercase()),
            duty.column(4),
            from.join(", "),
            duty.column(8) == "y",
            duty.column(9) == "y",
            duty.column(10) == "y",
            camel(&duty.column(11).to_uppercase()),
        )?;
    }
    writeln!(out, "        }}\n    }}\n}}")
}

fn write_markers(out: &mut String, duties: &[DutyLine]) -> std::fmt::Result {
    writeln!(
        out,
        "/// One type for each duty, for signatures that demand a certain one.\npub mod duty {{"
    )?;
    writeln!(out, "    use super::{{Duty, DutyType, sealed::Sealed}};")?;
    for duty in duties {
        let name = camel(duty.code());
        writeln!(out, "    /// `{}`: {}.", duty.code(), duty.column(12))?;
        writeln!(
            out,
            "    #[derive(Clone, Copy, Debug)]\n    pub struct {name};\n    impl Sealed for {name} {{}}"
        )?;
        writeln!(
            out,
            "    impl DutyType for {name} {{\n        const DUTY: Duty = Duty::{name};\n    }}"
        )?;
    }
    writeln!(out, "}}")
}

/// A table as an array of tuples; `types` names the type of each column.
fn write_lines(out: &mut String, table: &str, name: &str, types: &str) -> Result<(), Box<dyn Error>> {
    let path = format!("src/policy/data/{table}.csv");
    println!("cargo::rerun-if-changed={path}");
    writeln!(
        out,
        "/// The lines of `data/{table}.csv`.\n#[allow(clippy::type_complexity)]\npub(super) const {name}: &[({types})] = &["
    )?;
    for line in csv::Reader::from_path(&path)?.records() {
        let line = line?;
        let columns = line.iter().zip(types.split(", ")).map(|(text, kind)| match kind {
            "&str" => format!("{text:?}"),
            _ => text.to_owned(),
        });
        writeln!(out, "    ({}),", columns.collect::<Vec<_>>().join(", "))?;
    }
    writeln!(out, "];")?;
    Ok(())
}

/// The version of the rule engine that Cargo resolved.
fn engine_version(lock: &Path) -> Result<String, Box<dyn Error>> {
    let text = std::fs::read_to_string(lock)?;
    let mut lines = text.lines().skip_while(|line| *line != "name = \"casbin\"");
    let version = lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \""))
        .and_then(|rest| rest.strip_suffix('"'));
    version
        .map(str::to_owned)
        .ok_or_else(|| "the lock file names no casbin".into())
}
