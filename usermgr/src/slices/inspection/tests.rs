//! Each state of each kind of token, and that looking changes nothing.

use std::time::Duration;

use super::{MailedPurpose, TokenState};
use crate::{
    ChangeEmailToken, ResetToken, VerifyToken,
    limits::{Limit, Limits},
    prelude::*,
    testing::{FakeClock, Probe, forge},
};

const ADA: &str = "ada@example.com";
const SECRET: &str = "only-for-tests-0123456789abcdef-x";

struct Accounts {
    engine: Engine<MemoryStore>,
    probe: Probe,
}

#[user_manager(store = MemoryStore, secret = SECRET)]
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

struct World {
    accounts: Accounts,
    clock: FakeClock,
    ada: User,
    verify: VerifyToken,
    reset: ResetToken,
    change: ChangeEmailToken,
}

/// Ada with a token of each kind.
async fn world() -> World {
    let (clock, probe) = (FakeClock::start(), Probe::default());
    let limits = Limits::default().wrong_secrets_per_network(Limit::new(3));
    let engine = Engine::builder(MemoryStore::new()).clock(clock.clone()).limits(limits).build().unwrap();
    let accounts = Accounts { engine, probe: probe.clone() };
    let cx = Context::system("test");
    let ada = accounts.register(Register::new(ADA, "correct horse battery"), &cx).await.unwrap();
    accounts.request_verify(&ada, &cx).await.unwrap();
    accounts.forgot_password(&ada, &cx).await.unwrap();
    let new = EmailAddress::parse("new@example.com").unwrap();
    accounts.request_email_change(&ada, &new, &cx).await.unwrap();
    let (verify, reset, change) = (probe.token(ADA).unwrap(), probe.token(ADA).unwrap(), probe.token(ADA).unwrap());
    World { accounts, clock, ada, verify, reset, change }
}

impl World {
    async fn state<P: MailedPurpose>(&self, token: &crate::token::Token<P>) -> TokenState {
        self.accounts.inspect(token, &Context::default()).await.unwrap()
    }

    /// The states of all three tokens, in a word each.
    async fn states(&self) -> [&'static str; 3] {
        let word = |state| match state {
            TokenState::Good { .. } => "good",
            TokenState::Spent => "spent",
            TokenState::Expired => "expired",
            TokenState::Invalid => "invalid",
        };
        [self.state(&self.verify).await, self.state(&self.reset).await, self.state(&self.change).await].map(word)
    }
}

#[tokio::test]
async fn a_good_token_names_its_address_and_until_when_it_is_good_and_stays_good() {
    let world = world().await;
    let until = world.accounts.engine.now() + Duration::from_secs(3600);
    for _ in 0..3 {
        assert_eq!(world.states().await, ["good"; 3]);
    }
    let good = |email: &str| TokenState::Good { email: EmailAddress::parse(email).unwrap(), expires_at: until };
    assert_eq!(world.state(&world.verify).await, good(ADA));
    assert_eq!(world.state(&world.reset).await, good(ADA));
    assert_eq!(world.state(&world.change).await, good("new@example.com"));
    assert!(!world.accounts.get(&world.ada.id).await.unwrap().unwrap().is_verified);
}

#[tokio::test]
async fn a_token_is_spent_by_its_use_and_by_a_change_of_what_it_was_for() {
    let cx = Context::default();
    let verified = world().await;
    verified.accounts.verify(&verified.verify, &cx).await.unwrap();
    assert_eq!(verified.states().await, ["spent", "good", "good"]);

    // A reset does not verify the address, and its new stamp ends what is bound to the old one.
    let reset = world().await;
    reset.accounts.reset_password(&reset.reset, "another correct horse".into(), &cx).await.unwrap();
    assert_eq!(reset.states().await, ["good", "spent", "spent"]);

    let changed = world().await;
    changed.accounts.confirm_email_change(&changed.change, &cx).await.unwrap();
    assert_eq!(changed.states().await, ["spent"; 3]);

    let deleted = world().await;
    deleted.accounts.delete(&deleted.ada, &cx).await.unwrap();
    assert_eq!(deleted.states().await, ["spent"; 3]);
}

#[tokio::test]
async fn a_token_expires_and_says_so() {
    let world = world().await;
    world.clock.advance(Duration::from_secs(3599));
    assert_eq!(world.states().await, ["good"; 3]);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.states().await, ["expired"; 3]);
}

#[tokio::test]
async fn l9_a_wrong_token_counts_against_its_network() {
    let world = world().await;
    let cx = Context::default().ip([192, 0, 2, 7].into());
    // A token of another purpose, and one that another secret has signed.
    let other = VerifyToken::from(world.reset.expose());
    let forged: VerifyToken = forge(&Secret::new("another-secret-0123456789abcdef-x"), &serde_json::json!({})).unwrap();
    for token in [&other, &forged, &"".into()] {
        assert_eq!(world.accounts.inspect(token, &cx).await.unwrap(), TokenState::Invalid);
    }
    let limited = world.accounts.inspect(&world.verify, &cx).await.unwrap_err();
    assert!(matches!(limited, crate::Fault::Limited { .. }), "{limited:?}");
    assert_eq!(world.states().await, ["good"; 3]);
}
