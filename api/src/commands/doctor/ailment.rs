//! What can be wrong with a deployment: the list that `doctor --list` prints, and that a test breaks line by line.

/// What a finding means for whoever deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does not work, or not safely.
    Fail,
    /// It works, and somebody should know.
    Warn,
}

macro_rules! ailments {
    ($($name:ident = $code:literal, $severity:ident, $sound:literal, $cure:literal;)*) => {
        /// Something that can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Ailment { $(#[doc = $sound] $name,)* }

        impl Ailment {
            /// All of them, in the order in which they are looked for.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// A stable word.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How serious it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What holds when it is not there.
            pub fn sound(self) -> &'static str {
                match self { $(Self::$name => $sound,)* }
            }

            /// What to do about it.
            pub fn cure(self) -> &'static str {
                match self { $(Self::$name => $cure,)* }
            }
        }
    };
}

ailments! {
    Configuration = "configuration", Fail, "the values go together", "Correct the value that is named: `quartermaster config` shows all of them.";
    DevelopmentIssuer = "development-issuer", Fail, "production trusts no issuer that makes tokens for anybody", "Take development_issuer out of the configuration.";
    LoopbackIssuers = "loopback-issuers", Fail, "production fetches no keys from this machine", "Take loopback_issuers out of the configuration.";
    ClockMoved = "clock-moved", Fail, "production's clock is not moved", "Take clock_offset_seconds out of the configuration.";
    CorsOrigin = "cors-origin", Fail, "origins of browsers are origins", "Write scheme and host and nothing more: https://shop.example.";
    CollectorAddress = "collector-address", Fail, "the collector's address is one", "Write it as http://collector:4318.";
    IntrospectionOpen = "introspection-open", Warn, "production does not explain its schema to everybody", "Take introspection and graphiql out of the configuration; clients build against schema.graphql.";
    DataKeyMissing = "data-key-missing", Fail, "production has a data key", "Make one, openssl rand -base64 32, and keep it where a backup of the database is not.";
    DataKeyUnusable = "data-key-unusable", Fail, "data keys are 32 random bytes, and can be read", "Make one: openssl rand -base64 32. Correct the path and the rights of data_key_file.";
    DatabaseUrl = "database-url", Fail, "the URLs of the database can be read", "Write postgres://ROLE:PASSWORD@HOST/DATABASE?sslmode=verify-full&sslrootcert=FILE.";
    DatabasePlain = "database-plain", Fail, "production speaks to other machines encrypted", "Add ?sslmode=verify-full&sslrootcert=FILE to the URL.";
    DatabaseUnverified = "database-unverified", Warn, "production knows which database it speaks to", "Replace sslmode=require by sslmode=verify-full&sslrootcert=FILE.";
    DatabaseAuthority = "database-authority", Fail, "the certificate in sslrootcert can be read", "Put the certificate (PEM) of the authority that signed the database's where sslrootcert points.";
    DatabaseTls = "database-tls", Fail, "the database's certificate is good", "Correct sslrootcert, or the host in the URL; or give the database a certificate for its name.";
    DatabaseUnreachable = "database-unreachable", Fail, "the serving role can connect", "Start PostgreSQL where DATABASE_APP_URL points; correct its host, role, password or database.";
    PostgresTooOld = "postgres-too-old", Fail, "the database is PostgreSQL 15 or later", "Upgrade it.";
    NotMigrated = "not-migrated", Fail, "the database has the schema", "Run `quartermaster migrate`.";
    RoleSuperuser = "role-superuser", Fail, "the serving role is no superuser", "Serve as quartermaster_app: scripts/deployment/roles.sql makes it.";
    RoleBypassesRls = "role-bypasses-rls", Fail, "the serving role cannot bypass row level security", "ALTER ROLE quartermaster_app NOBYPASSRLS.";
    RoleOwnsTables = "role-owns-tables", Fail, "the serving role owns nothing", "Serve as quartermaster_app, which is a member of no other role.";
    ClockDiffers = "clock-differs", Fail, "this machine's clock is within two seconds of the database's", "Let both follow the same time (NTP).";
    Encoding = "encoding", Fail, "the database keeps text in UTF-8", "Make the database anew with ENCODING 'UTF8'.";
    FsyncOff = "fsync-off", Warn, "the database writes to the disk before it says so", "fsync = on and full_page_writes = on: without them a crash of the machine loses the database.";
    CommitNotDurable = "commit-not-durable", Warn, "a commit is on the disk before it is answered", "synchronous_commit = on: without it a crash loses what clients were told was done.";
    AutovacuumOff = "autovacuum-off", Warn, "the database cleans up after itself", "autovacuum = on: without it every table only grows.";
    PoolTooLarge = "pool-too-large", Fail, "the database has connections for this server", "Lower database_connections, or raise max_connections; several servers need several times as many.";
    OwnerUnreachable = "owner-unreachable", Fail, "the owner can connect, to migrate and to look at what follows", "Set DATABASE_OWNER_URL: quartermaster_owner, for `migrate` and `doctor` alone.";
    SchemaBehind = "schema-behind", Fail, "every step of the schema is applied", "Run `quartermaster migrate`.";
    SchemaAhead = "schema-ahead", Warn, "the schema is not newer than this program", "Finish rolling out the newer version; this one goes on working beside it.";
    RowSecurityMissing = "row-security-missing", Fail, "every table of tenants has row level security", "Find out who took it away; `quartermaster migrate` puts missing policies back.";
    RightsMissing = "rights-missing", Fail, "the serving role may read what it serves", "Run `quartermaster migrate`; or GRANT back what was revoked.";
    EvidenceWritable = "evidence-writable", Fail, "the serving role cannot change evidence", "REVOKE UPDATE, DELETE, TRUNCATE on the tables that are named FROM quartermaster_app.";
    DataKeyUnknown = "data-key-unknown", Fail, "every data key that something needs is configured", "Put the key back behind the current one, then `quartermaster data-key rotate`.";
    DataKeyPrevious = "data-key-previous", Warn, "nothing needs a previous data key", "Run `quartermaster data-key rotate`, then take the previous keys out of the configuration.";
    IssuerKey = "issuer-key", Fail, "the development issuer, where it is trusted, has its key", "Let this user read and write development_issuer_folder.";
    IssuerUnreachable = "issuer-unreachable", Fail, "every issuer of the directory publishes its keys", "Let this machine reach the issuer, or deactivate it.";
    RelayUnreachable = "relay-unreachable", Fail, "the relay's role can connect and read events", "Set DATABASE_RELAY_URL: without it there are no subscriptions and no worker.";
    RelayUnsafe = "relay-unsafe", Fail, "the relay's role sees events alone", "Relay as quartermaster_relay: scripts/deployment/roles.sql makes it.";
    WorkerIdle = "worker-idle", Warn, "the worker does its work", "Start `quartermaster worker`, or look why it does not reach the database.";
    PortTaken = "port-taken", Fail, "the port is free, or this server's", "Stop what listens there, or set QUARTERMASTER_LISTEN.";
}
