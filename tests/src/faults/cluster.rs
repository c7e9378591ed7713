//! A PostgreSQL of the test's own, durable, which can be killed, frozen and started again at the same port.

use crate::house::scripts::{postgres_run, state};
use quartermaster_api::config::Config;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Cluster {
    folder: tempfile::TempDir,
    port: String,
    /// The script around it; it stops the server when its input ends.
    guardian: Option<Child>,
    urls: Vec<String>,
}

/// Tells the URLs, and runs until its input ends.
const STAY: &str = "echo $DATABASE_APP_URL $DATABASE_OWNER_URL $DATABASE_RELAY_URL; exec cat";

impl Cluster {
    pub fn start() -> Self {
        // Outside of the range from which the kernel takes ports, so that nobody has it while the server is gone.
        let port = 15_000 + uuid::Uuid::new_v4().as_u128() % 16_000;
        let mut cluster = Self {
            folder: state(),
            port: port.to_string(),
            guardian: None,
            urls: Vec::new(),
        };
        cluster.up();
        cluster
    }

    /// A configuration for servers on it.
    pub fn config(&self) -> Config {
        let [app, owner, relay] = &self.urls[..] else {
            panic!("{:?}", self.urls)
        };
        Config::development(app, owner, relay)
    }

    /// Starts it, and waits until it answers.
    pub fn up(&mut self) {
        self.dismiss();
        let data = self.data();
        let arguments = [
            "--data",
            data.to_str().unwrap(),
            "--port",
            &self.port,
            "--",
            "sh",
            "-c",
            STAY,
        ];
        let mut guardian = postgres_run(self.folder.path(), &arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/postgres-run");
        let mut line = String::new();
        let output = guardian.stdout.as_mut().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        self.urls = line.split_whitespace().map(str::to_owned).collect();
        assert!(!self.urls.is_empty(), "PostgreSQL did not start");
        self.guardian = Some(guardian);
    }

    /// Kills it: no connection is told, nothing is written that was not written yet.
    pub async fn kill(&self) {
        let postmaster = self.postmaster();
        signal("-QUIT", std::slice::from_ref(&postmaster));
        while PathBuf::from(format!("/proc/{postmaster}/cwd")).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops it where it stands: connections stay open, and nobody answers.
    pub fn freeze(&self) {
        signal("-STOP", &self.processes());
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        signal("-CONT", &self.processes());
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn postmaster(&self) -> String {
        let file = self.data().join("cluster/postmaster.pid");
        let text = std::fs::read_to_string(file).expect("a running server");
        text.lines().next().expect("a process").to_owned()
    }

    /// The server and its children, the server first: it starts no more of them then.
    fn processes(&self) -> Vec<String> {
        let postmaster = self.postmaster();
        let processes = std::fs::read_dir("/proc").expect("processes").flatten();
        let numbers = processes.filter_map(|process| process.file_name().into_string().ok());
        let children: Vec<_> = numbers.filter(|n| parent(n).as_deref() == Some(&*postmaster)).collect();
        [vec![postmaster], children].concat()
    }

    fn dismiss(&mut self) {
        if let Some(mut guardian) = self.guardian.take() {
            drop(guardian.stdin.take());
            let _ = guardian.wait();
        }
    }
}

/// The second field behind a process's name, which is in parentheses and may hold anything.
fn parent(process: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_whitespace().nth(1).map(str::to_owned)
}

/// Sends a signal; who has ended meanwhile does not hear it.
fn signal(name: &str, processes: &[String]) {
    let _ = Command::new("kill")
        .arg(name)
        .args(processes)
        .stderr(Stdio::null())
        .status();
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data().join("cluster/postmaster.pid").exists() {
            self.thaw();
        }
        self.dismiss();
    }
}
