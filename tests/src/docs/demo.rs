//! The world of `make demo`: the same command on a database of this test's own, and the tokens that it prints.

use crate::database::fixture::{scratch, url};
use crate::house::root;
use crate::operate::process::{Process, command};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// What pages call the people of the demo, and how its greeting begins to speak of them.
const PERSONAS: [(&str, &str); 6] = [
    ("owner", "  Owner:"),
    ("buyer", "  Buyer of one store:"),
    ("approver", "  Approver in the office:"),
    ("receiver", "  Receiver of one store:"),
    ("auditor", "  Auditor:"),
    ("stranger", "  Approver of another tenant:"),
];

/// Where pages say that the server listens.
pub const LISTENS: &str = "http://127.0.0.1:8080";

pub struct Demo {
    child: Child,
    /// What it printed.
    pub greeting: String,
    /// Where it really listens: `http://…`.
    pub address: String,
    /// Where a second server over the same data listens, which gives one person twelve points a minute.
    pub limited: String,
    _second: Process,
    tokens: HashMap<&'static str, String>,
    pub folder: tempfile::TempDir,
}

impl Demo {
    pub async fn start() -> Self {
        let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
        let (_, recipe) = makefile.split_once("\ndemo: compiler\n").expect("make demo");
        let (recipe, _) = recipe.split_once("\n\n").unwrap();
        assert!(recipe.ends_with("/quartermaster demo"), "{recipe}");

        let owner = scratch().await;
        let (_, database) = owner.rsplit_once('/').unwrap();
        let of = |name: &str| format!("{}/{database}", url(name).rsplit_once('/').unwrap().0);
        let folder = tempfile::tempdir().expect("folder");
        let set_up = |arguments: &str| {
            let mut command = command(arguments);
            command
                .env("DATABASE_OWNER_URL", &owner)
                .env("DATABASE_APP_URL", of("DATABASE_APP_URL"))
                .env("DATABASE_RELAY_URL", of("DATABASE_RELAY_URL"))
                .env("QUARTERMASTER_LISTEN", "127.0.0.1:0")
                .env("QUARTERMASTER_ENVIRONMENT", "development")
                .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", folder.path().join("issuer"));
            command
        };
        let mut child = set_up("demo")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("said")).expect("a file"))
            .spawn()
            .expect("start");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = String::new();
        for line in lines.map_while(Result::ok) {
            greeting += &format!("{line}\n");
            if line.starts_with("Ctrl-C stops all of it") {
                break;
            }
        }
        let api = greeting.lines().find_map(|line| line.strip_prefix("  API        "));
        let address = api.and_then(|url| url.strip_suffix("/graphql"));
        let said = || std::fs::read_to_string(folder.path().join("said")).unwrap_or_default();
        let address = address.unwrap_or_else(|| panic!("no greeting: {}", said())).to_owned();
        let token = |begins: &str| {
            let mut lines = greeting.lines().skip_while(|line| !line.starts_with(begins));
            lines.nth(1).expect(begins).trim().to_owned()
        };
        let mut limits = set_up("serve");
        limits.env("QUARTERMASTER_TENANT_POINTS_PER_MINUTE", "120000");
        limits.env("QUARTERMASTER_ACCOUNT_POINTS_PER_MINUTE", "12");
        let second = Process::start(limits);
        Self {
            limited: second.address("serving").await,
            _second: second,
            tokens: PERSONAS.map(|(name, begins)| (name, token(begins))).into(),
            child,
            greeting,
            address,
            folder,
        }
    }

    /// The address of the server that a page speaks of.
    pub fn at(&self, server: Option<&str>) -> &str {
        match server {
            None => &self.address,
            Some("limited") => &self.limited,
            Some(other) => panic!("no server is called {other}"),
        }
    }

    /// The token of a persona; an empty one for `nobody`.
    pub fn token(&self, persona: &str) -> &str {
        if persona == "nobody" {
            return "";
        }
        self.tokens
            .get(persona)
            .unwrap_or_else(|| panic!("nobody is called {persona}"))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
