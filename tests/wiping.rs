//! What is wiped (X2): every block of the heap that is freed, while accounts live their lives, is looked through for the passwords, tokens,
//! hashes and secrets of those lives. What is not ours is outside: the buffers of the HTTP server, of JSON and form parsers, and of the
//! drivers of databases; nor are registers and the stack.

use std::sync::Arc;

use usermgr::{
    Admin, Refresh, UserStore,
    password::{Argon2Params, Argon2id, HashPool, PasswordHasher},
    prelude::*,
    store::Lookup,
    testing::{FakeClock, Probe},
    token::{ChangeEmail, Reset, Verify},
};

#[path = "wiping/heap.rs"]
mod heap;

use heap::{Heap, freed_by};

#[global_allocator]
static HEAP: Heap = Heap;

const ADA: &str = "ada@example.com";
/// Each in capitals and small letters, since the policy looks at another spelling of it.
const PASSWORDS: [&str; 3] = ["Canary Password The First", "Canary Password The Second", "Canary Password The Third"];
const WRONG: &str = "Canary Password That Is Wrong";
const SECRET: &str = "canary-secret-0123456789-abcdefghij";
const BACKENDS: [&str; 5] = ["session", "cookie", "jwt", "revocable", "refresh"];

/// What must not be left behind, with what it is. It is never freed.
#[derive(Default)]
struct Marks(Vec<(&'static str, &'static [u8])>);

impl Marks {
    fn add(&mut self, what: &'static str, bytes: impl AsRef<[u8]>) {
        self.0.push((what, bytes.as_ref().to_vec().leak()));
    }
}

fn found(freed: &[&[u8]], mark: &[u8]) -> usize {
    freed.iter().filter(|block| block.windows(mark.len()).any(|window| window == mark)).count()
}

#[track_caller]
fn assert_wiped(freed: &[&[u8]], marks: &Marks) {
    // In what is wiped altogether, such as the memory for hashing, nothing need be searched.
    let freed: Vec<_> = freed.iter().copied().filter(|block| block.iter().any(|byte| *byte != 0)).collect();
    let left: Vec<_> =
        marks.0.iter().map(|(what, mark)| (what, found(&freed, mark))).filter(|left| left.1 > 0).collect();
    assert!(left.is_empty(), "left in freed memory: {left:?}");
}

fn passwords(marks: &mut Marks) {
    for password in PASSWORDS.into_iter().chain([WRONG]) {
        marks.add("a password", password);
        marks.add("a password in small letters", password.to_lowercase().leak());
    }
}

struct Accounts {
    engine: Engine<MemoryStore>,
    probe: Probe,
    secret: Secret,
}

#[user_manager(store = MemoryStore, secret = self.secret.clone())]
impl Accounts {
    async fn on_after_request_verify(&self, user: &User, token: &VerifyToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_forgot_password(&self, user: &User, token: &ResetToken) {
        self.probe.keep(&user.email, token);
    }

    async fn on_after_request_email_change(&self, user: &User, _: &EmailAddress, token: &ChangeEmailToken) {
        self.probe.keep(&user.email, token);
    }
}

fn accounts() -> Accounts {
    let hasher = Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()).on(Arc::new(HashPool::new(1, 8)));
    let engine = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("session", Database::new()))
        .backend(Backend::cookie("cookie", CookieOptions::default(), Database::new()))
        .backend(Backend::bearer("jwt", Jwt::new()))
        .backend(Backend::bearer("revocable", Jwt::new().audience("revocable").revocable()))
        .backend(Backend::bearer("refresh", Jwt::new().audience("refresh").with_refresh(Refresh::new())))
        .hasher(hasher)
        .clock(FakeClock::start())
        .build()
        .unwrap();
    Accounts { engine, probe: Probe::default(), secret: Secret::new(SECRET) }
}

/// The stored hash: its text, and the bytes that it spells.
async fn mark_hash(accounts: &Accounts, marks: &mut Marks) {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    let email = EmailAddress::parse(ADA).unwrap();
    let record = accounts.engine.store().find(Lookup::Email(&email)).await.unwrap().unwrap();
    let output = record.password_hash.as_ref().unwrap().expose().rsplit('$').next().unwrap().to_owned().leak();
    marks.add("the text of a hash", &output[..20]);
    marks.add("a hash", STANDARD_NO_PAD.decode(output).unwrap().leak());
}

async fn logins(accounts: &Accounts, password: &str, marks: &mut Marks) {
    for backend in BACKENDS {
        let login = accounts.login(Credentials::new(ADA, password), backend, &Context::default()).await.unwrap();
        marks.add("an access token", login.token.expose());
        // What proves that the rest of it was not made up.
        marks.add("the signature of a token", login.token.expose().rsplit('.').next().unwrap());
        assert!(accounts.identify(backend, login.token.expose()).await.unwrap().is_some());
        if let Some(renewal) = &login.refresh {
            marks.add("a refresh token", renewal.expose());
            let next = accounts.refresh(renewal, backend, &Context::default()).await.unwrap();
            marks.add("the next access token", next.token.expose());
            marks.add("the next refresh token", next.refresh.as_ref().unwrap().expose());
        }
    }
}

/// The life of an account, by the operations themselves.
async fn live(accounts: Accounts) -> Marks {
    let mut marks = Marks::default();
    passwords(&mut marks);
    marks.add("the secret", SECRET);
    let [first, second, third] = PASSWORDS;
    let cx = Context::default();
    accounts.check().unwrap();
    accounts.register(Register::new(ADA, first), &cx).await.unwrap();
    assert!(accounts.register(Register::new(ADA, first), &cx).await.is_err());
    mark_hash(&accounts, &mut marks).await;
    for (email, password) in [(ADA, WRONG), ("nobody@example.com", WRONG)] {
        assert!(accounts.login(Credentials::new(email, password), "session", &cx).await.is_err());
    }
    logins(&accounts, first, &mut marks).await;
    let ada = accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap();

    let system = Context::system("test");
    accounts.request_verify(&ada, &system).await.unwrap();
    accounts.forgot_password(&ada, &system).await.unwrap();
    accounts.request_email_change(&ada, &EmailAddress::parse("new@example.com").unwrap(), &system).await.unwrap();
    let verify = accounts.probe.token::<Verify>(ADA).unwrap();
    let reset = accounts.probe.token::<Reset>(ADA).unwrap();
    let change = accounts.probe.token::<ChangeEmail>(ADA).unwrap();
    for (what, token) in [
        ("a verify token", verify.expose()),
        ("a reset token", reset.expose()),
        ("a change-email token", change.expose()),
    ] {
        marks.add(what, token);
        marks.add("the signature of a mailed token", token.rsplit('.').next().unwrap());
    }
    accounts.verify(&verify, &cx).await.unwrap();
    accounts.reset_password(&reset, second.into(), &cx).await.unwrap();
    assert!(accounts.reset_password(&reset, third.into(), &cx).await.is_err());
    assert!(accounts.confirm_email_change(&change, &cx).await.is_err());
    mark_hash(&accounts, &mut marks).await;
    logins(&accounts, second, &mut marks).await;
    let ada = accounts.get(&ada.id).await.unwrap().unwrap();
    assert!(accounts.change_password(&ada, WRONG.into(), third.into(), &cx).await.is_err());
    accounts.change_password(&ada, second.into(), third.into(), &cx).await.unwrap();
    mark_hash(&accounts, &mut marks).await;
    logins(&accounts, third, &mut marks).await;
    accounts.delete_user(&Admin::system("test"), &ada.id, &cx).await.unwrap();
    marks
}

#[test]
fn x2_nothing_secret_is_left_in_memory_that_is_freed() {
    // The values by themselves. What the test itself makes of them is leaked, since it would be found.
    let json: &'static str = serde_json::to_string(PASSWORDS[0]).unwrap().leak();
    let (marks, freed) = freed_by(|| {
        let mut marks = Marks::default();
        passwords(&mut marks);
        marks.add("a secret", SECRET);
        for password in [Password::new(PASSWORDS[0]), serde_json::from_str(json).unwrap()] {
            drop((password.clone().normalized().unwrap(), password));
        }
        drop((Credentials::new(ADA, PASSWORDS[0]), Register::<NoProfile>::new(ADA, PASSWORDS[1])));
        drop(NewUser::new(EmailAddress::parse(ADA).unwrap(), NoProfile).password(WRONG));
        drop(usermgr::user::PasswordHash::new(PASSWORDS[2]).clone());
        drop((Secret::new(SECRET).clone(), SecretSet::from(Secret::new(SECRET)).clone()));
        drop((VerifyToken::from(SECRET).clone(), ResetToken::from(SECRET), ChangeEmailToken::from(SECRET)));
        drop((usermgr::token::AccessToken::from(SECRET), usermgr::token::RefreshToken::from(SECRET)));
        marks
    });
    assert!(freed.len() > 20, "{}", freed.len());
    assert_wiped(&freed, &marks);

    // All operations, on one thread beside that which hashes.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (marks, freed) = freed_by(|| runtime.block_on(async { live(accounts()).await }));
    assert!(marks.0.len() > 50 && freed.len() > 1_000, "{} {}", marks.0.len(), freed.len());
    assert_wiped(&freed, &marks);
    usermgr_tests::figure("freed blocks searched", freed.len() as u64);

    // The memory in which hashes are made, when the thread that has it ends.
    let ((), freed) = freed_by(|| {
        let pool = Arc::new(HashPool::new(1, 8));
        let hasher = Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()).on(pool.clone());
        runtime.block_on(hasher.hash(&PASSWORDS[0].into())).unwrap();
        drop((hasher, pool));
        // The thread frees it on its own time.
        std::thread::sleep(std::time::Duration::from_millis(300));
    });
    let large: Vec<_> = freed.iter().filter(|block| block.len() >= 64 * 1024).collect();
    assert!(!large.is_empty(), "the memory of the thread was given back");
    assert!(large.iter().all(|block| block.iter().all(|byte| *byte == 0)));

    // That all of this would be seen: what is not wiped is found.
    let ((), freed) = freed_by(|| {
        drop(String::from("an ordinary text"));
        drop(vec![7_u8; 64 * 1024]);
    });
    assert_eq!(found(&freed, b"an ordinary text"), 1);
    assert!(freed.iter().any(|block| block.len() >= 64 * 1024 && block.iter().any(|byte| *byte != 0)));
}
