//! A form repeats the address and the user name that it has shown. If they change while it is written, the old ones do not come back by
//! those who may not choose them without a proof. The change comes before each call of the store in turn.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::{self, Waker},
    time::Duration,
};

use serde_json::{Value, json};
use usermgr::{
    Limits,
    clock::Clock,
    engine::{Answers, EngineBuilder},
    factors::Totp,
    prelude::*,
    store::{CredentialKind, CredentialStore, Lookup, NewCredential},
    testing::{Client, FakeClock, FaultAt, Watch, Watched},
    user::Username,
};
use uuid::Uuid;

use crate::world::{GOOD, SECRET, cheap, system};

const ADA: &str = "ada@example.com";
const NAME: &str = "lovelace";
const ROOT: &str = "root@example.com";
/// What the account has after the change.
const LATER: (&str, &str) = ("countess@example.com", "countess");

/// Changes the address and the user name of an account before a call of the store.
#[derive(Clone)]
struct Between {
    store: MemoryStore,
    /// The number of calls until then, and the account.
    planned: Arc<Mutex<Option<(usize, Uuid)>>>,
}

impl Between {
    /// Changes the account as the confirmation of a new address does. Returns `false` while a transaction is open.
    fn change(&self, id: &Uuid) -> bool {
        let write = pin!(async {
            let mut record = self.store.find(Lookup::Id(id)).await.unwrap().unwrap();
            record.user.email = EmailAddress::parse(LATER.0).unwrap();
            record.user.username = Some(Username::for_lookup(LATER.1));
            let mut tx = self.store.begin().await.unwrap();
            self.store.update(&mut tx, &record).await.unwrap();
            self.store.commit(tx).await.unwrap();
        });
        write.poll(&mut task::Context::from_waker(Waker::noop())).is_ready()
    }
}

impl Watch for Between {
    fn called(&self, _: &'static str) -> Option<FaultAt> {
        let mut planned = self.planned.lock().unwrap();
        if let Some((left, id)) = planned.as_mut() {
            *left = left.saturating_sub(1);
            if *left == 0 && self.change(id) {
                *planned = None;
            }
        }
        None
    }
}

type Store = Watched<MemoryStore, Between>;

struct Accounts {
    engine: Engine<Store>,
}

#[user_manager(store = Store, secret = SECRET, data_secret = "only-for-tests-fedcba9876543210-y")]
impl Accounts {
    async fn on_after_request_email_change(&self, _: &User, _: &EmailAddress, _: &ChangeEmailToken) {}
}

/// How an engine keeps an address from being changed at once.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Guarding {
    Nothing,
    Proofs,
    Discretion,
    Factor,
    Superusers,
}

impl Guarding {
    fn of(self, engine: EngineBuilder<Store>) -> EngineBuilder<Store> {
        match self {
            Self::Nothing => engine,
            Self::Proofs => engine.prove_new_addresses(true),
            Self::Discretion => engine.answers(Answers::Discreet).require_verified(true),
            Self::Factor => engine.with(Totp::new("Shop")),
            Self::Superusers => engine.superusers_set_passwords(false),
        }
    }
}

/// Who sends the form.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sender {
    /// The user, just logged in.
    Fresh,
    /// The user, logged in long ago.
    Old,
    /// A superuser who acts as the user.
    Acting,
    /// A superuser.
    Superuser,
}

/// An application, the form that is sent, and the account that is changed.
struct House {
    between: Between,
    client: Client,
    path: String,
    ada: User,
}

impl House {
    async fn open(guarding: Guarding, sender: Sender) -> Self {
        let (clock, store) = (FakeClock::start(), MemoryStore::new());
        let between = Between { store: store.clone(), planned: Arc::default() };
        let engine = Engine::builder(Watched::new(store.clone(), between.clone()))
            .backend(Backend::bearer("session", Database::new()))
            .hasher(cheap(16))
            .clock(clock.clone())
            .limits(Limits::dangerous_none())
            .with(Usernames::new())
            .with(Impersonation::new());
        let accounts = Arc::new(Accounts { engine: guarding.of(engine).build().unwrap() });
        let new =
            |email: &str| NewUser::new(EmailAddress::parse(email).unwrap(), NoProfile).password(GOOD).verified(true);
        let ada = accounts.create(new(ADA).username(Username::for_lookup(NAME)), &system()).await.unwrap();
        accounts.create(new(ROOT).superuser(true), &system()).await.unwrap();
        let mut client = Client::new(usermgr::axum::router(accounts).unwrap());
        let superuser = matches!(sender, Sender::Acting | Sender::Superuser);
        client.login("session", if superuser { ROOT } else { ADA }, GOOD).await.expect(200);
        if sender == Sender::Acting {
            let begun = client.post(&format!("/users/{}/impersonate", ada.id), json!({})).await.expect(200);
            client = client.with_token(begun.json["access_token"].as_str().unwrap());
        }
        if sender == Sender::Old {
            clock.advance(Duration::from_secs(601));
        }
        if guarding == Guarding::Factor {
            let mut tx = store.begin().await.unwrap();
            let new = NewCredential::new(ada.id, CredentialKind::new("totp"), "unread", clock.now());
            store.insert_credential(&mut tx, &new).await.unwrap();
            store.commit(tx).await.unwrap();
        }
        let path = if sender == Sender::Superuser { format!("/users/{}", ada.id) } else { "/users/me".to_owned() };
        Self { between, client, path, ada }
    }

    /// Sends the form, with the change before this call of the store. Returns whether there were so many calls.
    async fn send(&self, form: &Value, call: usize) -> bool {
        *self.between.planned.lock().unwrap() = Some((call, self.ada.id));
        let reply = self.client.patch(&self.path, form).await;
        let came = self.between.planned.lock().unwrap().take().is_none();
        assert!(reply.status.is_success() || reply.status == 403, "{} {}", reply.status, reply.json);
        if !came && form["email"] == ADA {
            assert_eq!(reply.status, 200, "what the account has already is no change: {}", reply.json);
        }
        came
    }
}

async fn no_form_takes_a_change_back(guardings: &[Guarding], senders: &[Sender]) {
    let mut changes = 0;
    for (guarding, sender) in
        guardings.iter().flat_map(|guarding| senders.iter().map(move |sender| (*guarding, *sender)))
    {
        for email in [ADA, "Ada@example.com"] {
            let mut form = json!({ "email": email, "username": NAME });
            if sender == Sender::Superuser {
                form["is_superuser"] = json!(true);
            }
            for call in 1.. {
                let house = House::open(guarding, sender).await;
                if !house.send(&form, call).await {
                    break;
                }
                changes += 1;
                let now = house.between.store.find(Lookup::Id(&house.ada.id)).await.unwrap().unwrap().user;
                let what = format!("{guarding:?} {sender:?} {form}, before call {call}");
                assert_eq!((now.email.as_str(), now.is_verified), (LATER.0, true), "{what}");
                // Those who may choose a name at once may choose the old one.
                if matches!(sender, Sender::Old | Sender::Acting) {
                    assert_eq!(now.username.unwrap().as_str(), LATER.1, "{what}");
                }
            }
        }
    }
    assert!(changes > 3 * guardings.len() * senders.len(), "{changes}");
}

#[tokio::test]
async fn t5_an_address_that_a_form_repeats_is_not_written_over_a_later_one() {
    use Guarding::{Discretion, Factor, Nothing, Proofs};
    no_form_takes_a_change_back(&[Proofs, Discretion, Factor], &[Sender::Fresh, Sender::Old, Sender::Acting]).await;
    no_form_takes_a_change_back(&[Nothing], &[Sender::Old, Sender::Acting]).await;
}

#[tokio::test]
async fn p16_an_address_that_a_superuser_may_not_choose_does_not_come_back_with_a_form() {
    no_form_takes_a_change_back(&[Guarding::Superusers, Guarding::Discretion], &[Sender::Superuser]).await;
}
