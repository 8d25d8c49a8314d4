//! Fields that no request sets: the gate of a registration may set them, and `update_profile` changes them as every update changes an
//! account, with gate, join, event, hook and cache.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use usermgr::{
    Admin, Administration, Fault, RegisterError, UpdateError,
    audit::EventKind,
    http::PrincipalCache,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Client, Probe},
};
use usermgr_tests::PASSWORD;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Profile, utoipa::ToSchema)]
struct Customer {
    name: String,
    #[profile(server)]
    plan: String,
    #[profile(server)]
    credits: u32,
    #[profile(server)]
    ratio: f64,
}

struct Shop {
    engine: Engine<MemoryStore<Customer>>,
    called: Mutex<Vec<&'static str>>,
}

impl Shop {
    fn called(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.called.lock().unwrap())
    }

    #[allow(dead_code)]
    fn push(&self, name: &'static str) {
        self.called.lock().unwrap().push(name);
    }
}

#[user_manager(store = MemoryStore<Customer>, secret = "only-for-tests-0123456789abcdef-x")]
impl Shop {
    async fn on_before_register(&self, draft: &mut Draft<Customer>) -> Result<(), Rejection> {
        draft.profile.name = draft.profile.name.trim().to_owned();
        draft.profile.plan = if draft.email().as_str().ends_with("@school.example") { "school" } else { "free" }.into();
        if draft.profile.name == "NaN" {
            draft.profile.ratio = f64::NAN;
        }
        Ok(())
    }

    async fn on_before_update(&self, _: &User<Customer>, changes: &Changes<Customer>) -> Result<(), Rejection> {
        self.push("on_before_update");
        match changes.profile.as_ref().is_some_and(|profile| profile.new.credits > 1000) {
            true => Err(Rejection::new("TOO_MANY_CREDITS")),
            false => Ok(()),
        }
    }

    async fn on_before_commit(
        &self,
        change: &UserChange<'_, Customer>,
        _: &mut Tx<MemoryStore<Customer>>,
    ) -> Result<(), Rejection> {
        if let UserChange::Updated { .. } = change {
            self.push("on_before_commit");
        }
        Ok(())
    }

    async fn on_after_update(&self, _: &User<Customer>, _: &Changes<Customer>) {
        self.push("on_after_update");
    }
}

fn shop() -> (Arc<Shop>, Probe) {
    let probe = Probe::default();
    let engine = Engine::builder(MemoryStore::default())
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Argon2id::new(Argon2Params::dangerous(64, 1, 1).unwrap()))
        .audit(probe.clone())
        .cache(PrincipalCache::default())
        .build()
        .unwrap();
    (Arc::new(Shop { engine, called: Mutex::default() }), probe)
}

async fn register(shop: &Arc<Shop>, email: &str, name: &str) -> (Client, User<Customer>) {
    let router = usermgr::axum::routes::<Shop, Arc<Shop>>().with_state(shop.clone());
    let client = Client::new(router);
    let sent = json!({ "email": email, "password": PASSWORD, "name": name, "plan": "gold", "credits": 9 });
    let registered = client.post("/auth/register", sent).await;
    assert_eq!(registered.status, 201, "{}", registered.json);
    assert_eq!(client.login("bearer", email, PASSWORD).await.status, 200);
    let user = shop.get_by_email(&EmailAddress::for_lookup(email)).await.unwrap().unwrap();
    (client, user)
}

#[tokio::test]
async fn the_gate_of_a_registration_may_change_the_profile() {
    let (shop, _) = shop();
    let (_, ada) = register(&shop, "ada@school.example", "  Ada ").await;
    assert_eq!((ada.profile.name.as_str(), ada.profile.plan.as_str(), ada.profile.credits), ("Ada", "school", 0));
    let (_, bob) = register(&shop, "bob@example.com", "Bob").await;
    assert_eq!(bob.profile.plan, "free");
    // The profile is judged as the gate has left it.
    let unreadable =
        NewUser::new(EmailAddress::parse("eve@example.com").unwrap(), Customer { name: "NaN".into(), ..bob.profile })
            .password(PASSWORD);
    let refused = shop.create(unreadable, &Context::default()).await;
    assert!(matches!(refused, Err(RegisterError::InvalidProfile(_))), "{refused:?}");
}

#[tokio::test]
async fn a_profile_is_changed_with_gate_join_event_hook_and_cache() {
    let (shop, probe) = shop();
    let (client, ada) = register(&shop, "ada@example.com", "Ada").await;
    assert_eq!(client.get("/users/me").await.json["credits"], 0, "now it is kept");
    let (billing, cx) = (Admin::system("billing"), Context::default());

    let changed = shop.update_profile(&billing, &ada.id, |customer| customer.credits += 10, &cx).await.unwrap();
    assert_eq!((changed.profile.credits, changed.profile.name.as_str()), (10, "Ada"));
    assert_eq!(shop.called(), ["on_before_update", "on_before_commit", "on_after_update"]);
    let events: Vec<_> = probe.events().into_iter().filter(|event| event.kind == EventKind::Updated).collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].detail.as_deref(), Some("profile"));
    assert_eq!(events[0].actor.as_deref(), Some("system:billing"));
    assert_eq!(client.get("/users/me").await.json["credits"], 10, "what was kept is out of date");

    // Nothing to change: no write, no hook.
    shop.update_profile(&billing, &ada.id, |_| {}, &cx).await.unwrap();
    assert_eq!(shop.called(), [""; 0]);
    assert_eq!(probe.count(EventKind::Updated), 1);

    let refused = shop.update_profile(&billing, &ada.id, |customer| customer.credits = 5000, &cx).await;
    assert!(matches!(&refused, Err(UpdateError::Rejected(no)) if no.code() == "TOO_MANY_CREDITS"), "{refused:?}");
    let unreadable = shop.update_profile(&billing, &ada.id, |customer| customer.ratio = f64::NAN, &cx).await;
    assert!(matches!(unreadable, Err(UpdateError::InvalidProfile(_))), "{unreadable:?}");
    let stored = shop.get(&ada.id).await.unwrap().unwrap();
    assert_eq!(stored.profile.credits, 10);

    let nobody = shop.update_profile(&billing, &uuid::Uuid::nil(), |customer| customer.credits = 1, &cx).await;
    assert!(matches!(nobody, Err(UpdateError::NotFound)), "{nobody:?}");
}

#[tokio::test]
async fn no_change_of_a_profile_is_lost_to_another_at_once() {
    let (shop, _) = shop();
    let (_, ada) = register(&shop, "ada@example.com", "Ada").await;
    let raise = async |by: u32| loop {
        let (billing, cx) = (Admin::system("billing"), Context::default());
        let change = |customer: &mut Customer| customer.credits += by;
        match shop.update_profile(&billing, &ada.id, change, &cx).await {
            Err(UpdateError::Fault(Fault::Busy)) => tokio::time::sleep(Duration::from_millis(5)).await,
            changed => return drop(changed.unwrap()),
        }
    };
    tokio::join!(raise(1), raise(10), raise(100));
    let stored = shop.get(&ada.id).await.unwrap().unwrap();
    assert_eq!(stored.profile.credits, 111);
}

#[tokio::test]
async fn what_the_gate_has_judged_is_written_also_by_a_closure_that_counts_its_calls() {
    let (shop, _) = shop();
    let (_, ada) = register(&shop, "ada@example.com", "Ada").await;
    let calls = Mutex::new(0);
    let change = |customer: &mut Customer| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        customer.credits = if *calls == 1 { 7 } else { 5000 };
    };
    let changed = shop.update_profile(&Admin::system("billing"), &ada.id, change, &Context::default()).await.unwrap();
    assert_eq!(changed.profile.credits, 7, "5000 would have been refused");
}
