//! Answers that are lost (X7): between the manager and PostgreSQL stands a proxy, which cuts the connection at a `COMMIT`, before it has
//! arrived or before its answer has. The change is whole or not there, and asking again is safe.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use usermgr::{
    PgStore, RegisterError, ResetError, VerifyError,
    error::{Cause, Coded},
    prelude::*,
    testing::FakeClock,
};
use usermgr_tests::DatabaseServer;

use crate::world::{ADA, Accounts, GOOD, Journal, NEW};

/// A message of the protocol (PostgreSQL, "Message Formats") at which the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// `Query`, from the client.
    Question,
    /// `CommandComplete`, from the server, which has done it by then.
    Answer,
}

impl Cut {
    fn message(self) -> &'static [u8] {
        match self {
            Self::Question => b"Q\0\0\0\x0bCOMMIT\0",
            Self::Answer => b"C\0\0\0\x0bCOMMIT\0",
        }
    }
}

/// Passes everything on, until it is set to cut the next connection in which something is committed.
#[derive(Clone, Default)]
struct Proxy {
    next: Arc<Mutex<Option<Cut>>>,
    cuts: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens in front of a server; the address to connect to.
    async fn before(&self, server: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let proxy = self.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (proxy, server) = (proxy.clone(), TcpStream::connect(&server).await.unwrap());
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                // Whichever ends first takes the other along, and with both their halves the connections.
                tokio::spawn(async move {
                    tokio::select! {
                        () = proxy.pass(Cut::Question, from_client, to_server) => (),
                        () = proxy.pass(Cut::Answer, from_server, to_client) => (),
                    }
                });
            }
        });
        address
    }

    fn cut_next(&self, cut: Cut) {
        *self.next.lock().unwrap() = Some(cut);
    }

    async fn pass(&self, cut: Cut, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut bytes = [0; 16 * 1024];
        // A message may come in pieces.
        let mut tail = Vec::new();
        while let Ok(read @ 1..) = from.read(&mut bytes).await {
            tail.extend_from_slice(&bytes[..read]);
            let here = tail.windows(cut.message().len()).any(|window| window == cut.message());
            if here && self.next.lock().unwrap().take_if(|next| *next == cut).is_some() {
                self.cuts.fetch_add(1, Ordering::SeqCst);
                return;
            }
            tail.drain(..tail.len().saturating_sub(cut.message().len() - 1));
            if to.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    }
}

/// The same database, at another address, and in clear.
fn through(url: &str, address: &str) -> (String, String) {
    let (account, rest) = url.rsplit_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    (server.to_owned(), format!("{account}@{address}/{database}?sslmode=disable"))
}

/// Whether the store is to blame, so that it is not mistaken for a refusal.
fn is_fault<T, E: Coded>(outcome: &Result<T, E>) -> bool {
    outcome.as_ref().is_err_and(|error| matches!(error.cause(), Cause::Fault(_)))
}

async fn asked_again(cut: Cut) {
    let Some(database) = DatabaseServer::Postgres.database() else { return };
    let proxy = Proxy::default();
    let (server, _) = through(database.url(), "");
    let (_, url) = through(database.url(), &proxy.before(server).await);
    let store: PgStore = PgStore::connect(&url).await.unwrap();
    let (clock, journal, cx) = (FakeClock::start(), Journal::default(), Context::system("test"));
    let accounts = Accounts::over(store.clone(), &clock, &journal);
    let delivered = async || {
        accounts.deliver_due().await.unwrap();
        let lines = journal.take();
        // Several are delivered in parallel, in any order.
        let mut delivered: Vec<_> = lines.iter().map(|line| line.split('(').next().unwrap().to_owned()).collect();
        delivered.sort_unstable();
        delivered
    };
    let done = cut == Cut::Answer;

    proxy.cut_next(cut);
    assert!(is_fault(&accounts.register(Register::new(ADA, GOOD), &cx).await), "{cut:?}");
    let there = accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap();
    assert_eq!(there.is_some(), done, "{cut:?}: whole or not there");
    let again = accounts.register(Register::new(ADA, GOOD), &cx).await;
    assert_eq!(matches!(again, Err(RegisterError::AlreadyExists)), done, "{again:?}");
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM usermgr_users").fetch_one(store.pool()).await.unwrap();
    assert_eq!(rows, 1, "one account");
    // Its owner learns of both, and can come in.
    let expected: &[&str] = if done { &["duplicate_register", "register"] } else { &["register"] };
    assert_eq!(delivered().await, expected);
    accounts.login(Credentials::new(ADA, GOOD), "jwt", &cx).await.unwrap();

    let ada = accounts.user(ADA).await;
    accounts.request_verify(&ada, &cx).await.unwrap();
    accounts.forgot_password(&ada, &cx).await.unwrap();
    delivered().await;
    let (verify, reset): (VerifyToken, ResetToken) = (accounts.token(ADA), accounts.token(ADA));

    proxy.cut_next(cut);
    assert!(is_fault(&accounts.verify(&verify, &cx).await), "{cut:?}");
    assert_eq!(accounts.user(ADA).await.is_verified, done);
    let again = accounts.verify(&verify, &cx).await;
    assert_eq!(matches!(again, Err(VerifyError::AlreadyVerified)), done, "{again:?}");
    assert!(accounts.user(ADA).await.is_verified);
    assert_eq!(delivered().await, ["verify"], "{cut:?}: once");

    proxy.cut_next(cut);
    assert!(is_fault(&accounts.reset_password(&reset, NEW.into(), &cx).await), "{cut:?}");
    let again = accounts.reset_password(&reset, NEW.into(), &cx).await;
    assert_eq!(matches!(again, Err(ResetError::InvalidToken)), done, "{again:?}");
    accounts.login(Credentials::new(ADA, NEW), "jwt", &cx).await.unwrap();
    accounts.login(Credentials::new(ADA, GOOD), "jwt", &cx).await.unwrap_err();
    assert_eq!(delivered().await, ["reset_password"], "{cut:?}: once");

    let cuts = proxy.cuts.load(Ordering::SeqCst);
    assert_eq!(cuts, 3);
    usermgr_tests::figure("faults injected", cuts as u64);
    usermgr_tests::figure("anything lost", 0);
}

#[tokio::test]
async fn x7_a_commit_whose_answer_is_lost_has_happened_once() {
    asked_again(Cut::Answer).await;
}

#[tokio::test]
async fn x7_a_commit_that_is_lost_has_not_happened() {
    asked_again(Cut::Question).await;
}
