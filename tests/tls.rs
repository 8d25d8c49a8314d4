//! TLS to the databases and to Redis: throw-away servers with a certificate by a throw-away authority. A client that trusts the authority
//! connects, and one that trusts another, or asks for another name, does not.

use std::{
    collections::HashMap,
    env,
    path::Path,
    process::{Command, Stdio},
};

use redis::{Client, TlsCertificates};
use usermgr::{
    MysqlStore, PgStore, StoreError,
    store::{RedisSessions, SessionId, SessionLookup, StandaloneSessions},
};
use usermgr_tests::skip;
use uuid::Uuid;

const SERVERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/servers");

/// Servers that speak TLS, stopped when this is dropped.
struct Servers(HashMap<String, String>);

impl Servers {
    fn start() -> Self {
        let mut command = Command::new(SERVERS);
        command.arg("start").env("USERMGR_SERVERS_TLS", "1").stderr(Stdio::inherit());
        for (name, _) in env::vars().filter(|(name, _)| name.starts_with("USERMGR_TEST_")) {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let variables = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        Self(variables.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect())
    }

    /// The URL of a server, or a note that it could not be started.
    fn url(&self, variable: &str) -> Option<&str> {
        let url = self.0.get(variable);
        if url.is_none() {
            skip(&format!("TLS: no server for {variable} could be started with it"));
        }
        url.map(String::as_str)
    }

    /// The file of an authority: `ca` has signed the certificate, `other` has not.
    fn authority(&self, name: &str) -> String {
        Path::new(&self.0["USERMGR_SERVERS"]).join(name).with_extension("pem").to_str().unwrap().to_owned()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = Command::new(SERVERS).arg("stop").env("USERMGR_SERVERS", &self.0["USERMGR_SERVERS"]).status();
    }
}

#[tokio::test]
async fn a_server_is_believed_by_its_authority_and_its_name_alone() {
    let servers = Servers::start();
    if let Some(url) = servers.url("USERMGR_TEST_POSTGRES") {
        let open = async |url: &str, mode: &str, authority: &str| {
            let url = format!("{url}?sslmode={mode}&sslrootcert={}", servers.authority(authority));
            PgStore::connect(&url).await.map(|_: PgStore| ())
        };
        open(url, "verify-full", "ca").await.unwrap();
        refused(open(url, "verify-full", "other").await);
        refused(open(url, "verify-ca", "other").await);
        let localhost = url.replace("127.0.0.1", "localhost");
        open(&localhost, "verify-ca", "ca").await.unwrap();
        refused(open(&localhost, "verify-full", "ca").await);
    }
    if let Some(url) = servers.url("USERMGR_TEST_MARIADB") {
        let open = async |url: &str, mode: &str, authority: &str| {
            let url = format!("{url}?ssl-mode={mode}&ssl-ca={}", servers.authority(authority));
            MysqlStore::connect(&url).await.map(|_: MysqlStore| ())
        };
        open(url, "VERIFY_IDENTITY", "ca").await.unwrap();
        refused(open(url, "VERIFY_IDENTITY", "other").await);
        refused(open(url, "VERIFY_CA", "other").await);
        let localhost = url.replace("127.0.0.1", "localhost");
        open(&localhost, "VERIFY_CA", "ca").await.unwrap();
        refused(open(&localhost, "VERIFY_IDENTITY", "ca").await);
    }
    if let Some(url) = servers.url("USERMGR_TEST_REDIS") {
        refused(RedisSessions::open(url).await.map(drop));
        refused(by_the_system(url, &servers.authority("other")));
        by_the_system(url, &servers.authority("ca")).unwrap();
        used(&with_client(url, &servers.authority("ca")).await.unwrap()).await;
        assert!(with_client(url, &servers.authority("other")).await.is_err());
    }
}

/// That the certificate was the reason, and nothing else.
#[track_caller]
fn refused(result: Result<(), impl Into<Box<dyn std::error::Error>>>) {
    let error = result.expect_err("a server was believed that must not be").into();
    let text = format!("{error:?}").to_lowercase();
    assert!(text.contains("certificate") || text.contains("unknownissuer"), "{text}");
}

/// Redis through a client of the application, which trusts its own authority.
async fn with_client(url: &str, authority: &str) -> Result<RedisSessions, StoreError> {
    let certificates = TlsCertificates { client_tls: None, root_cert: Some(std::fs::read(authority).unwrap()) };
    let client = Client::build_with_tls(url, certificates).map_err(StoreError::backend)?;
    RedisSessions::open(client).await
}

async fn used(sessions: &RedisSessions) {
    let nobody = SessionLookup::Id(&SessionId::new("unknown"));
    let found = StandaloneSessions::<Uuid>::find(sessions, nobody).await.unwrap();
    assert!(found.is_none());
}

/// Opens Redis in a separate process, whose system trusts only this authority: the list is an environment variable.
fn by_the_system(url: &str, authority: &str) -> Result<(), String> {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "inside_a_process_with_another_system", "--ignored", "--nocapture"])
        .env("SSL_CERT_FILE", authority)
        .env("USERMGR_TLS_INSIDE", url)
        .output()
        .unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[tokio::test]
#[ignore = "is the other process of the test above"]
async fn inside_a_process_with_another_system() -> Result<(), StoreError> {
    let Ok(url) = env::var("USERMGR_TLS_INSIDE") else { return Ok(()) };
    used(&RedisSessions::open(&url).await?).await;
    Ok(())
}
