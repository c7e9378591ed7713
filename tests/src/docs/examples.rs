//! The blocks of all pages, one after the other as a reader goes, against one server.

use super::answer::Known;
use super::demo::{Demo, LISTENS};
use super::page::{Block, Page};
use super::pretty::pretty;
use super::shell::{bash, program, said};
use crate::api::socket::Socket;
use crate::house::root;
use crate::world::CREATE;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use serde_json::{Value, json};
use std::ops::Range;
use std::time::Duration;
use tokio::time::timeout;

/// Who asks when a fence names nobody.
const ANYBODY: &str = "approver";

struct Reader {
    demo: Demo,
    known: Known,
    http: reqwest::Client,
    /// What was answered last.
    answer: String,
    socket: Option<Socket>,
    /// Keeps the server looking for changes.
    warm: Option<Socket>,
    wrong: Vec<String>,
}

#[tokio::test]
async fn every_example_of_the_pages_answers_as_it_stands_there() {
    let demo = Demo::start().await;
    program(demo.folder.path());
    let mut reader = Reader {
        demo,
        known: Known::default(),
        http: reqwest::Client::builder().no_proxy().build().expect("client"),
        answer: String::new(),
        socket: None,
        warm: None,
        wrong: Vec::new(),
    };
    let readme = Page::read("README.md");
    for page in std::iter::once(readme).chain(Page::all()) {
        if page.name != "docs/operations.md" {
            reader.read(&page).await;
        }
    }
    assert!(reader.wrong.is_empty(), "{}", reader.wrong.join("\n\n"));
}

impl Reader {
    /// Does what a page says, block by block.
    async fn read(&mut self, page: &Page) {
        let mut mended: Vec<(Range<usize>, String)> = Vec::new();
        self.socket = None;
        for (n, block) in page.blocks.iter().enumerate() {
            let words: Vec<&str> = block.words.iter().map(String::as_str).collect();
            let next = page.blocks.get(n + 1);
            match (block.language.as_str(), words.as_slice()) {
                ("graphql", _) => {
                    let variables = next.filter(|b| b.is("json", "variables"));
                    self.ask(block, variables).await;
                    let shown = page.blocks[n + 1..].iter().find(|b| !b.is("json", "variables"));
                    let good = self.socket.is_some() || !self.answer.contains("\"errors\"");
                    if !good && !shown.is_some_and(|b| b.is("json", "answer")) {
                        self.wrong
                            .push(format!("{}:{}: {}", page.name, block.line, self.answer));
                    }
                }
                ("json", ["variables"]) => {}
                ("json", ["manifest"]) => self.demo.register(&block.text).await,
                ("json", ["answer"]) => self.compare(page, block, &mut mended),
                ("json", ["event"]) => {
                    let heard = self.socket.as_mut().expect("an open subscription").hear().await;
                    self.answer = heard["payload"].to_string();
                    self.compare(page, block, &mut mended);
                }
                ("sh", ["demo"]) => {
                    assert_eq!(block.text, "make demo\n");
                    self.answer = self.demo.greeting.replace(&self.demo.address, LISTENS);
                }
                ("sh", _) => self.run(block),
                ("http" | "text", ["answer"]) => self.look(page, block),
                ("text", ["make"]) => targets(block),
                // By tests/clients/docs.test.ts, with the output behind it.
                ("typescript", _) => self.answer.clear(),
                ("text", ["output"]) => {}
                other => panic!("{}:{}: nobody executes {other:?}", page.name, block.line),
            }
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() && !mended.is_empty() {
            let mut text = page.text.clone();
            for (at, new) in mended.into_iter().rev() {
                text.replace_range(at, &new);
            }
            std::fs::write(root().join(&page.name), text).unwrap();
        }
    }

    async fn ask(&mut self, block: &Block, variables: Option<&Block>) {
        let query = self.known.to_real(&block.text);
        let variables = variables.map_or(json!({}), |b| {
            serde_json::from_str(&self.known.to_real(&b.text)).expect("variables")
        });
        let request = json!({ "query": query, "variables": variables });
        let token = &self.token(block.value("as").unwrap_or(ANYBODY));
        let parsed = parse_query(&query);
        let watches = parsed.is_ok_and(|d| {
            d.operations
                .iter()
                .any(|(_, o)| o.node.ty == OperationType::Subscription)
        });
        if watches {
            if self.warm.is_none() {
                self.warm = Some(self.until_changes_are_told().await);
            }
            let mut socket = self.watching(token, &request).await;
            // What is answered behind it tells that the server looked at it; often enough that it listens by now.
            for _ in 0..20 {
                socket.say(json!({ "type": "ping" })).await;
                assert_eq!(socket.hear().await["type"], "pong");
            }
            self.socket = Some(socket);
            return;
        }
        self.answer = self.post(token, &request).await;
    }

    /// A socket with a subscription.
    async fn watching(&self, token: &str, request: &Value) -> Socket {
        let address = self.demo.address.trim_start_matches("http://");
        let mut socket = Socket::open_at(address).await;
        socket.presents(token).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
            .say(json!({ "type": "subscribe", "id": "1", "payload": request }))
            .await;
        socket
    }

    /// A server looks for changes once somebody subscribes. Makes drafts until the last one is heard, so that all are.
    async fn until_changes_are_told(&self) -> Socket {
        let buyer = self.demo.token("buyer");
        let watch = json!({ "query": "subscription { documentChanged(types: [PURCHASE_ORDER]) { documentId } }" });
        let mut socket = self.watching(buyer, &watch).await;
        let like = "{ purchaseOrders(first: 1) { nodes { supplier { id } location { id } lines(first: 1) { nodes { item { id } } } } } }";
        let like = self.post(buyer, &json!({ "query": like })).await;
        let like = serde_json::from_str::<Value>(&like).unwrap()["data"]["purchaseOrders"]["nodes"][0].take();
        let lines = json!([{ "itemId": like["lines"]["nodes"][0]["item"]["id"], "quantity": "1", "unitPrice": "1" }]);
        let order =
            json!({ "supplierId": like["supplier"]["id"], "locationId": like["location"]["id"], "lines": lines });
        let make = json!({ "query": CREATE, "variables": { "input": { "order": order } } });
        loop {
            let made: Value = serde_json::from_str(&self.post(buyer, &make).await).unwrap();
            let id = &made["data"]["purchaseOrderCreate"]["purchaseOrder"]["id"];
            assert!(id.is_string(), "{made:#}");
            while let Ok(told) = timeout(Duration::from_secs(2), socket.hear()).await {
                if told["payload"]["data"]["documentChanged"]["documentId"] == *id {
                    return socket;
                }
            }
        }
    }

    async fn post(&self, token: &str, request: &Value) -> String {
        let mut post = self.http.post(format!("{}/graphql", self.demo.address)).json(request);
        if !token.is_empty() {
            post = post.bearer_auth(token);
        }
        post.send().await.expect("an answer").text().await.expect("text")
    }

    fn run(&mut self, block: &Block) {
        let address = self.demo.at(block.value("at"));
        let script = self.known.to_real(&block.text).replace(LISTENS, address);
        let script = script.replace("target/debug/quartermaster", "quartermaster");
        let token = self.token(block.value("as").unwrap_or(ANYBODY));
        self.answer = self.typed(&script, &token).replace(address, LISTENS);
    }

    /// What a script says, typed on the desk of the demo.
    fn typed(&self, script: &str, token: &str) -> String {
        let folder = self.demo.folder.path();
        let output = bash(&[folder.to_str().unwrap()], script)
            .env("TOKEN", token)
            .env("QUARTERMASTER_ENVIRONMENT", "development")
            .env("QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER", folder.join("issuer"))
            .output();
        said(&output.unwrap())
    }

    /// The token of a persona, or of whoever has this login: `dunnoway-foods.admin-1`.
    fn token(&self, persona: &str) -> String {
        if persona.contains('.') {
            return self
                .typed(&format!("quartermaster token {persona}"), "")
                .trim()
                .to_owned();
        }
        self.demo.token(persona).to_owned()
    }

    /// An answer in JSON, value by value.
    fn compare(&mut self, page: &Page, block: &Block, mended: &mut Vec<(Range<usize>, String)>) {
        let shown: Result<Value, _> = serde_json::from_str(&block.text);
        let Ok(real) = serde_json::from_str::<Value>(&self.answer) else {
            self.wrong
                .push(format!("{}:{}: no JSON: {}", page.name, block.line, self.answer));
            return;
        };
        let same = match shown {
            Ok(shown) => self.known.same(&shown, &real, "the answer"),
            Err(e) => Err(e.to_string()),
        };
        if let Err(difference) = same {
            let real = pretty(&self.known.to_shown(&self.answer));
            self.wrong
                .push(format!("{}:{}: {difference}\n{real}", page.name, block.line));
            // From here on the page's own ids are those of this world.
            let now: Value = serde_json::from_str(&real).unwrap();
            let answered: Value = serde_json::from_str(&self.answer).unwrap();
            let _ = self.known.same(&now, &answered, "the answer");
            mended.push((block.at.clone(), real));
        } else if pretty(&block.text) != block.text {
            mended.push((block.at.clone(), pretty(&block.text)));
        }
    }

    /// An answer in lines: those of the page stand in it, in this order, but for what comes behind a `…`.
    fn look(&mut self, page: &Page, block: &Block) {
        let real = self.answer.clone();
        let mut lines = real.lines().map(str::trim_end);
        for shown in block
            .text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty() && *line != "…")
        {
            let fits = |line: &str| match (serde_json::from_str(shown), serde_json::from_str(line)) {
                (Ok(a @ Value::Object(_)), Ok(b)) => self.known.same(&a, &b, "the answer").is_ok(),
                _ => match shown.strip_suffix('…') {
                    Some(begins) => line.starts_with(begins),
                    None => self.known.text(shown, line, "the answer").is_ok(),
                },
            };
            if !lines.any(fits) {
                self.wrong
                    .push(format!("{}:{}: no line “{shown}” in:\n{real}", page.name, block.line));
                return;
            }
        }
    }
}

/// Each line begins with a target of the Makefile.
fn targets(block: &Block) {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    for line in block.text.lines() {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("make"), "{line}");
        let target = words.next().expect("a target");
        assert!(makefile.lines().any(|l| l.starts_with(&format!("{target}:"))), "{line}");
    }
}

#[test]
fn every_block_of_every_page_has_somebody_who_executes_it() {
    for page in Page::all() {
        for (n, block) in page.blocks.iter().enumerate() {
            let words: Vec<&str> = block
                .words
                .iter()
                .map(String::as_str)
                .filter(|w| !w.contains('='))
                .collect();
            let before = n.checked_sub(1).map(|n| page.blocks[n].language.as_str());
            let known = match (block.language.as_str(), words.as_slice()) {
                ("sh" | "console", []) | ("sh", ["first"]) | ("yaml", ["values"])
                    if page.name == "docs/operations.md" =>
                {
                    true
                }
                _ if page.name == "docs/operations.md" => false,
                ("graphql" | "sh" | "typescript", []) | ("sh", ["demo"]) | ("text", ["make"]) => true,
                ("json", ["variables"]) => before == Some("graphql"),
                ("json", ["answer"]) => matches!(before, Some("graphql" | "sh" | "json")),
                ("json", ["event" | "manifest"]) => true,
                ("http" | "text", ["answer"]) => before == Some("sh"),
                ("text", ["output"]) => before == Some("typescript"),
                _ => false,
            };
            let fence = (&block.language, &block.words);
            assert!(known, "{}:{}: nobody executes {fence:?}", page.name, block.line);
        }
    }
}
