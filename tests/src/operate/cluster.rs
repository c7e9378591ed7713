//! A PostgreSQL of a test's own, for what a whole cluster is set up to do: certificates, who may connect how, durability.

use crate::database::fixture::client;
use crate::house::root;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio_postgres::Client;

const URLS: [&str; 4] = [
    "DATABASE_OWNER_URL",
    "DATABASE_APP_URL",
    "DATABASE_RELAY_URL",
    "DATABASE_SUPERUSER_URL",
];

/// A cluster that ends with this value, or with the process.
pub struct Cluster {
    child: Child,
    urls: BTreeMap<String, String>,
}

impl Cluster {
    /// A new one, durable as a deployment's should be.
    pub fn start() -> Self {
        let mut command = Command::new(root().join("scripts/postgres-run"));
        let tell = "env | grep ^DATABASE_; echo ready; exec cat";
        command.args(["--ephemeral", "--", "bash", "-c", tell]);
        for name in URLS {
            command.env_remove(name);
        }
        command.env(
            "POSTGRES_SETTINGS",
            "-c fsync=on -c full_page_writes=on -c synchronous_commit=on",
        );
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/postgres-run");
        let said = BufReader::new(child.stdout.take().expect("what it says"));
        let lines = said.lines().map_while(Result::ok).take_while(|line| line != "ready");
        let pair = |line: String| line.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()));
        let urls: BTreeMap<String, String> = lines.filter_map(pair).collect();
        assert_eq!(urls.len(), URLS.len(), "the cluster did not start: {urls:?}");
        Self { child, urls }
    }

    /// The URL of a role: to `localhost`, for which certificates are.
    pub fn url(&self, name: &str) -> String {
        self.urls[name].replace("127.0.0.1", "localhost")
    }

    /// The same with this behind it.
    pub fn url_with(&self, name: &str, tail: &str) -> String {
        format!("{}?{tail}", self.url(name))
    }

    pub async fn superuser(&self) -> Client {
        client(&self.urls["DATABASE_SUPERUSER_URL"]).await
    }

    /// Gives it a certificate, and takes connections as these lines of `pg_hba.conf` say.
    pub async fn secure(&self, certificate: &Certificate, lines: &str) {
        let superuser = self.superuser().await;
        for (name, text) in [("server.pem", &certificate.pem), ("server.key", &certificate.key)] {
            let put = format!(
                "COPY (SELECT regexp_split_to_table($pem${}$pem$, '\\n')) TO PROGRAM 'umask 077; cat > {name}'",
                text.trim()
            );
            superuser.batch_execute(&put).await.expect("a file of the cluster");
        }
        let rules = format!("COPY (SELECT regexp_split_to_table('{lines}', '\\n')) TO PROGRAM 'cat > pg_hba.conf'");
        for sql in [
            &rules,
            "ALTER SYSTEM SET ssl_cert_file = 'server.pem'",
            "ALTER SYSTEM SET ssl_key_file = 'server.key'",
            "ALTER SYSTEM SET ssl = on",
            "SELECT pg_reload_conf()",
        ] {
            superuser.batch_execute(sql).await.expect(sql);
        }
        let on = "SELECT current_setting('ssl') = 'on' AND (SELECT count(*) FROM pg_hba_file_rules) = $1";
        let rules = lines.lines().count() as i64;
        for _ in 0..600 {
            if superuser.query_one(on, &[&rules]).await.expect("settings").get(0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the cluster did not take its certificate");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Its command reads until this ends.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// An authority of this test's own, in a folder of its own.
pub struct Authority {
    folder: tempfile::TempDir,
}

/// A certificate and its key, in PEM.
pub struct Certificate {
    pub pem: String,
    pub key: String,
}

const OPENSSL: &str = "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Test\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\
    subjectKeyIdentifier=hash\n[server]\nbasicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\n";

impl Authority {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("openssl.cnf"), OPENSSL).expect("configuration");
        let own = Self { folder };
        own.openssl("req -x509 -config openssl.cnf -extensions ca -days 2 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout ca.key -out ca.pem");
        own
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The file with its certificate.
    pub fn file(&self) -> String {
        self.folder.path().join("ca.pem").to_str().expect("a path").to_owned()
    }

    /// A certificate for `localhost`, and for no other name.
    pub fn certificate(&self) -> Certificate {
        self.openssl("req -config openssl.cnf -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout server.key -out server.csr");
        self.openssl("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile openssl.cnf -extensions server -days 2 -out server.pem");
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).expect(name);
        Certificate {
            pem: read("server.pem"),
            key: read("server.key"),
        }
    }
}
