//! Every call of the store may fail: nothing is halved, and nothing that failed is taken for a wrong code or for no factor.

use std::collections::BTreeMap;

use super::rig::{EMAIL, PASSWORD};
use crate::{
    LoginError, StepUp,
    clock::Clock as _,
    engine::Proof,
    factors::{FactorError, Totp},
    password::{Argon2Params, Argon2id},
    prelude::*,
    session::Principal,
    slices::totp::code::{Secret, step_at},
    store::{CredentialKind, CredentialStore},
    testing::{FakeClock, FaultAt, Faults, Faulty},
};

type Store = Faulty<MemoryStore>;

struct Accounts {
    engine: Engine<Store>,
}

#[crate::user_manager(store = Store, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

/// A user with an app, and what they are about to do.
struct World {
    accounts: Accounts,
    store: MemoryStore,
    faults: Faults,
    clock: FakeClock,
    principal: Principal<Store>,
    secret: Option<Secret>,
}

/// An outcome: whether it was done, and whether a failure was a fault.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    Refused(String),
    Fault,
}

impl World {
    async fn new(with_app: bool) -> Self {
        let (store, faults, clock) = (MemoryStore::new(), Faults::default(), FakeClock::start());
        let engine = Engine::builder(Faulty::new(store.clone(), faults.clone()))
            .backend(Backend::bearer("bearer", Database::new()))
            .hasher(Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap()))
            .limits(crate::Limits::dangerous_none())
            .clock(clock.clone())
            .with(Totp::new("Shop"))
            .build()
            .unwrap();
        let accounts = Accounts { engine };
        let new = NewUser::new(EmailAddress::parse(EMAIL).unwrap(), NoProfile).password(PASSWORD).verified(true);
        let cx = Context::default();
        accounts.create(new, &cx).await.unwrap();
        let login = accounts.login(Credentials::new(EMAIL, PASSWORD), "bearer", &cx).await.unwrap();
        let principal = accounts.identify("bearer", login.token.expose()).await.unwrap().unwrap();
        let mut world = Self { accounts, store, faults, clock, principal, secret: None };
        if with_app {
            let begun = world.accounts.begin_totp(&world.principal, &world.cx()).await.unwrap();
            let secret = Secret::from_base32(begun.secret());
            let code = format!("{:06}", secret.code(step_at(world.clock.now())));
            world.accounts.confirm_totp(&world.principal, &begun.token, &code, None, &world.cx()).await.unwrap();
            world.secret = Some(secret);
            world.clock.advance(std::time::Duration::from_secs(30));
            world.principal = world.accounts.identify("bearer", login.token.expose()).await.unwrap().unwrap();
        }
        world
    }

    fn cx(&self) -> Context {
        let user = self.principal.user().id.to_string();
        Context::default().actor(crate::context::Actor::User { id: user, session: self.principal.session.clone() })
    }

    fn code(&self) -> Proof {
        let code = self.secret.as_ref().unwrap().code(step_at(self.clock.now()));
        Proof::new(CredentialKind::new("totp"), format!("{code:06}"))
    }

    /// What the store keeps: the number of credentials of each kind, the sessions and the pending steps.
    async fn state(&self) -> (BTreeMap<String, usize>, usize) {
        let mut kinds = BTreeMap::new();
        for row in self.store.list_credentials(None, 100).await.unwrap() {
            *kinds.entry(row.kind.to_string()).or_default() += 1;
        }
        let sessions = crate::store::SessionStore::list_sessions(&self.store, &self.principal.user().id).await.unwrap();
        (kinds, sessions.len())
    }

    async fn run(&self, what: &str) -> Outcome {
        let (accounts, cx, user) = (&self.accounts, self.cx(), self.principal.user());
        let factor = |outcome: Result<(), FactorError>| match outcome {
            Ok(()) => Outcome::Done,
            Err(FactorError::Fault(_)) => Outcome::Fault,
            Err(error) => Outcome::Refused(error.to_string()),
        };
        let login = |outcome: Result<(), LoginError>| match outcome {
            Ok(()) => Outcome::Done,
            Err(LoginError::Fault(_)) => Outcome::Fault,
            Err(error) => Outcome::Refused(error.to_string()),
        };
        match what {
            "begin" => factor(accounts.begin_totp(&self.principal, &cx).await.map(drop)),
            "confirm" => {
                let begun = match accounts.begin_totp(&self.principal, &cx).await {
                    Ok(begun) => begun,
                    Err(error) => return factor(Err(error)),
                };
                let code = format!("{:06}", Secret::from_base32(begun.secret()).code(step_at(self.clock.now())));
                factor(accounts.confirm_totp(&self.principal, &begun.token, &code, None, &cx).await.map(drop))
            }
            "login" => {
                let typed = Credentials::new(EMAIL, PASSWORD);
                match accounts.login(typed, "bearer", &Context::default()).await {
                    Err(LoginError::SecondFactorRequired(pending)) => {
                        let (code, cx) = (self.code(), Context::default());
                        if let Err(error) = accounts.pending_login(&pending.token, "bearer").await {
                            return login(Err(error));
                        }
                        login(accounts.finish_login(&pending.token, &code, "bearer", &cx).await.map(drop))
                    }
                    outcome => login(outcome.map(|_| panic!("a password alone logged in"))),
                }
            }
            "step up" => {
                let typed = StepUp::new().password(PASSWORD).proof(self.code());
                login(accounts.step_up(&self.principal, typed, &cx).await.map(drop))
            }
            "confirm identity" => {
                login(accounts.confirm_identity(&self.principal, StepUp::new().proof(self.code()), &cx).await.map(drop))
            }
            "codes" => factor(accounts.replace_recovery_codes(user, &cx).await.map(drop)),
            "rename" | "remove" => {
                let factors = match accounts.factors(user, &cx).await {
                    Ok(factors) => factors,
                    Err(_) => return Outcome::Fault,
                };
                let id = &factors[0].id;
                match what {
                    "rename" => factor(accounts.rename_factor(user, id, Some("phone"), &cx).await.map(drop)),
                    _ => factor(accounts.remove_factor(user, id, &cx).await),
                }
            }
            _ => {
                let admin = Admin::system("test");
                factor(accounts.remove_all_factors(&admin, &user.id, &Context::default()).await)
            }
        }
    }
}

#[tokio::test]
async fn x8_no_fault_at_any_call_halves_a_change_of_factors_or_looks_like_a_wrong_code() {
    let mut injected = 0;
    for (what, with_app) in [
        ("begin", false),
        ("confirm", false),
        ("confirm", true),
        ("login", true),
        ("step up", true),
        ("confirm identity", true),
        ("codes", true),
        ("rename", true),
        ("remove", true),
        ("remove all", true),
    ] {
        let world = World::new(with_app).await;
        let before = world.state().await;
        assert_eq!(world.run(what).await, Outcome::Done, "{what}");
        let after = world.state().await;
        for at in [FaultAt::Before, FaultAt::After] {
            for call in 1.. {
                let world = World::new(with_app).await;
                world.faults.fail_call(call, at);
                let outcome = world.run(what).await;
                if world.faults.injected() == 0 {
                    assert_eq!(outcome, Outcome::Done);
                    break;
                }
                injected += 1;
                let now = world.state().await;
                // A new session is there before the old one ends.
                let both = (after.0.clone(), after.1 + 1);
                let known = now == before || now == after || what == "step up" && now == both;
                assert!(known, "{what}, {at:?} at call {call}: {before:?} {now:?} {after:?}");
                assert!(
                    matches!(outcome, Outcome::Fault | Outcome::Done),
                    "{what}, {at:?} at call {call}: {outcome:?}"
                );
                // Afterwards the user can do it, or has done it.
                world.faults.heal();
                world.clock.advance(std::time::Duration::from_secs(30));
                let login =
                    world.accounts.login(Credentials::new(EMAIL, PASSWORD), "bearer", &Context::default()).await;
                let has_app = now.0.contains_key("totp");
                assert_eq!(login.is_err(), has_app, "{what}, {at:?} at call {call}");
            }
        }
    }
    assert!(injected > 100, "{injected}");
}
