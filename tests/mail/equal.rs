//! Equal work with mails: until the answer, nothing distinguishes a known address from an unknown one, although a manager without hooks
//! mails only to one of them.

use axum::Router;
use serde_json::{Value, json};
use usermgr::{
    Limits,
    engine::Answers,
    mail::Mails,
    password::{Argon2Params, Argon2id},
    prelude::*,
    testing::{Calls, Client, Counted, Mailbox},
};

struct Shop {
    engine: Engine<Counted<MemoryStore>>,
}

#[user_manager(store = Counted<MemoryStore>, secret = "only-for-tests-0123456789abcdef-x")]
impl Shop {}

struct World {
    calls: Calls,
    mailbox: Mailbox,
    shop: std::sync::Arc<Shop>,
    client: Client<Router>,
}

/// A shop with the account of Ada, and a watch on all that it does.
async fn world(outbox: bool) -> World {
    let (calls, mailbox) = (Calls::default(), Mailbox::default());
    let mails = Mails::new("https://shop.example", Counted::new(mailbox.clone(), calls.clone()));
    let hasher = Argon2id::new(Argon2Params::dangerous(8, 1, 1).unwrap());
    let engine = Engine::builder(Counted::new(MemoryStore::new(), calls.clone()))
        .backend(Backend::bearer("bearer", Database::new()))
        .hasher(Counted::new(hasher, calls.clone()))
        .limits(Limits::dangerous_none())
        .answers(Answers::Discreet)
        .require_verified(true)
        .with(mails);
    let engine = if outbox { engine.outbox() } else { engine };
    let shop = std::sync::Arc::new(Shop { engine: engine.build().unwrap() });
    let client = Client::new(usermgr::axum::router(shop.clone()).unwrap());
    let world = World { calls, mailbox, shop, client };
    world.client.register("ada@example.com", "correct horse battery").await.expect(202);
    world.settle().await;
    let token = world.mailbox.next_token::<usermgr::token::Verify>("ada@example.com").await;
    world.client.post("/auth/verify", json!({ "token": token.expose() })).await.expect(200);
    world.client.login("bearer", "ada@example.com", "correct horse battery").await.expect(200);
    world.settle().await;
    world
}

impl World {
    /// Waits for all mails.
    async fn settle(&self) {
        for _ in 0..3 {
            self.shop.engine.settle().await;
            let _ = self.shop.deliver_due().await;
        }
        self.calls.take();
    }

    /// What was called until the answer, and the answer.
    async fn observed(&self, path: &str, body: Value) -> (Vec<&'static str>, u16, String, String) {
        let reply = self.client.post(path, body).await;
        let calls = self.calls.take();
        self.settle().await;
        (calls, reply.status.as_u16(), reply.json.to_string(), format!("{:?}", reply.headers))
    }
}

#[tokio::test]
async fn nm9_e3_e4_e5_a_known_and_an_unknown_address_take_the_same_steps_although_only_one_gets_a_mail() {
    for outbox in [false, true] {
        let world = world(outbox).await;
        let register = json!({ "email": "known@example.com", "password": "correct horse battery" });
        world.client.post("/auth/register", register).await.expect(202);
        world.settle().await;
        for (path, unknown) in [
            ("/auth/register", "new@example.com"),
            ("/auth/forgot-password", "unknown@example.com"),
            ("/auth/request-verify-token", "unknown@example.com"),
            ("/auth/request-email-change", "unknown@example.com"),
        ] {
            let body = |email: &str| match path {
                "/auth/register" => json!({ "email": email, "password": "another correct horse" }),
                _ => json!({ "email": email }),
            };
            let seen =
                [world.observed(path, body("known@example.com")).await, world.observed(path, body(unknown)).await];
            assert_eq!(seen[0], seen[1], "{path}, outbox: {outbox}");
            assert_eq!(seen[0].1, 202, "{path}");
            assert!(!seen[0].0.contains(&"send"), "{path} waits for a mail: {:?}", seen[0].0);
        }
        let to = |address: &str| world.mailbox.all().into_iter().filter(|mail| mail.to.as_str() == address).count();
        // To verify, that there is an account, to reset, to verify; and of the unknown one to confirm it as a new address.
        assert_eq!((to("known@example.com"), to("unknown@example.com"), to("new@example.com")), (4, 1, 1));
    }
}
