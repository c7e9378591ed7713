//! The command in a process of its own: this test binary, called once more.

use clap::Parser;
use quartermaster_api::commands::Cli;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ARGUMENTS: &str = "QUARTERMASTER_TEST_ARGUMENTS";
/// Longer than any start takes, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
#[ignore = "no test, but the process that other tests start"]
fn the_command_itself() {
    let arguments = std::env::var(ARGUMENTS).expect("started by a test");
    let words: Vec<_> = if arguments.contains(BETWEEN) {
        arguments.split(BETWEEN).collect()
    } else {
        arguments.split_whitespace().collect()
    };
    let words = std::iter::once("quartermaster").chain(words);
    assert_eq!(Cli::parse_from(words).run(), ExitCode::SUCCESS);
}

/// Stands between arguments that may hold spaces.
pub const BETWEEN: char = '\u{1f}';

/// A command to run with these arguments, with JSON logs.
pub fn command(arguments: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command
        .args([
            "--ignored",
            "--exact",
            "operate::process::the_command_itself",
            "--nocapture",
        ])
        .env_remove("RUST_LOG")
        .env(ARGUMENTS, arguments)
        .env("QUARTERMASTER_LOG_JSON", "true")
        .stdin(Stdio::null());
    command
}

/// A command that runs until it is told to stop, and what it logs.
pub struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Process {
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start");
        let log = Arc::new(Mutex::new(String::new()));
        let (kept, said) = (log.clone(), child.stderr.take().expect("its log"));
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                let mut kept = kept.lock().expect("the log");
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Self { child, log }
    }

    /// All that it logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// The lines of its log; one that is no JSON fails the test.
    pub fn lines(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.log().lines().map(read).collect()
    }

    /// Waits for a line with this message.
    pub async fn says(&self, message: &str) -> Value {
        let began = Instant::now();
        loop {
            if let Some(line) = self.lines().into_iter().find(|line| line["message"] == message) {
                return line;
            }
            assert!(began.elapsed() < PATIENCE, "no “{message}”:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Where it listens, as it says with this message: `http://…`.
    pub async fn address(&self, message: &str) -> String {
        format!(
            "http://{}",
            self.says(message).await["address"].as_str().expect("an address")
        )
    }

    /// Tells it to stop, as Kubernetes does.
    pub fn terminate(&self) {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(told.expect("kill").success());
    }

    /// Tells it to stop and waits until it has.
    pub fn stop(&mut self) {
        self.terminate();
        assert!(self.child.wait().expect("its end").success(), "{}", self.log());
    }

    /// Waits until it has stopped, while others go on.
    pub async fn ended(&mut self) {
        loop {
            if let Some(code) = self.child.try_wait().expect("its end") {
                assert!(code.success(), "{}", self.log());
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
