//! The world of `make demo`: the same command on a database of this test's own, and the tokens that it prints.

use crate::database::fixture::{scratch, url};
use crate::house::root;
use crate::operate::process::{Process, command};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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
    /// One that runs the documents of a manifest and no others, and where it listens.
    registered: Option<(String, Process)>,
    urls: [String; 3],
    tokens: HashMap<&'static str, String>,
    pub folder: tempfile::TempDir,
}

/// A command over these databases, with the issuer's key in this folder.
fn set_up(arguments: &str, [owner, app, relay]: &[String; 3], folder: &Path) -> Command {
    let mut command = command(arguments);
    command
        .env("DATABASE_OWNER_URL", owner)
        .env("DATABASE_APP_URL", app)
        .env("DATABASE_RELAY_URL", relay)
        .env("QUARTERMASTER_LISTEN", "127.0.0.1:0")
        .env("QUARTERMASTER_ENVIRONMENT", "development")
        .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", folder.join("issuer"));
    command
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
        let urls = [owner.clone(), of("DATABASE_APP_URL"), of("DATABASE_RELAY_URL")];
        let mut child = set_up("demo", &urls, folder.path())
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
        let mut limits = set_up("serve", &urls, folder.path());
        limits.env("QUARTERMASTER_TENANT_POINTS_PER_MINUTE", "120000");
        limits.env("QUARTERMASTER_ACCOUNT_POINTS_PER_MINUTE", "12");
        let second = Process::start(limits);
        Self {
            limited: second.address("serving").await,
            _second: second,
            registered: None,
            urls,
            tokens: PERSONAS.map(|(name, begins)| (name, token(begins))).into(),
            child,
            greeting,
            address,
            folder,
        }
    }

    /// Starts a server that runs the documents of this manifest and no others.
    pub async fn register(&mut self, manifest: &str) {
        let file = self.folder.path().join("manifest.json");
        std::fs::write(&file, manifest).expect("a manifest");
        let mut only = set_up("serve", &self.urls, self.folder.path());
        only.env(
            "QUARTERMASTER_REGISTERED_DOCUMENTS",
            format!("[\"{}\"]", file.display()),
        );
        only.env("QUARTERMASTER_REGISTERED_DOCUMENTS_ONLY", "true");
        let process = Process::start(only);
        self.registered = Some((process.address("serving").await, process));
    }

    /// The address of the server that a page speaks of.
    pub fn at(&self, server: Option<&str>) -> &str {
        match server {
            None => &self.address,
            Some("limited") => &self.limited,
            Some("registered") => &self.registered.as_ref().expect("a manifest").0,
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
