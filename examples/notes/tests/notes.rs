//! The application as its clients see it, without a socket: over a database in memory, with a mailbox in place of a mail server.

use notes::{App, accounts::Member};
use serde_json::json;
use usermgr::{
    prelude::*,
    testing::{Client, Mailbox},
};

const PASSWORD: &str = "correct horse battery";

struct World {
    app: App,
    mail: Mailbox,
    /// Not logged in.
    client: Client,
    /// Logged in as the superuser.
    root: Client,
}

async fn world() -> World {
    let store = SqliteStore::in_memory().await.unwrap();
    let mail = Mailbox::default();
    let secret = Secret::new("only-for-tests-0123456789abcdef-x");
    let app = App::new(Engine::builder(store), mail.clone(), secret).await.unwrap();
    let root = Member { name: "root".into(), quota: 0, invitation: None };
    let root = NewUser::new(EmailAddress::parse("root@example.com").unwrap(), root);
    let root = root.password(PASSWORD).superuser(true).verified(true);
    app.accounts.create(root, &Context::system("tests")).await.unwrap();
    let client = Client::new(app.clone().router()).peer([192, 0, 2, 7]);
    let root = client.clone();
    root.login("bearer", "root@example.com", PASSWORD).await.expect(200);
    World { app, mail, client, root }
}

impl World {
    /// Registers with a new invitation and logs in.
    async fn member(&self, email: &str) -> Client {
        let code = self.root.post("/invitations", ()).await.expect(200).json;
        let profile = json!({ "name": "Ada", "invitation": code });
        self.client.register_with(email, PASSWORD, profile).await.expect(201);
        let member = self.client.clone();
        member.login("bearer", email, PASSWORD).await.expect(200);
        member
    }
}

#[tokio::test]
async fn an_invitation_is_good_for_one_registration() {
    let world = world().await;
    let register = async |email: &str, profile| world.client.register_with(email, PASSWORD, profile).await;
    for profile in [json!({ "name": "Eve" }), json!({ "name": "Eve", "invitation": "guessed" })] {
        assert_eq!(register("eve@example.com", profile).await.expect(403).json["detail"]["code"], "INVITATION_INVALID");
    }
    let code = world.root.post("/invitations", ()).await.expect(200).json;
    let profile = json!({ "name": "Ada", "invitation": code, "quota": 1_000_000 });
    let ada = register("ada@example.com", profile.clone()).await.expect(201).json;
    assert_eq!((&ada["quota"], ada.get("invitation")), (&json!(100), None), "{ada}");
    register("eve@example.com", profile).await.expect(403);
    // Nothing is left of the account that was refused.
    let eve = EmailAddress::for_lookup("eve@example.com");
    assert!(world.app.accounts.get_by_email(&eve).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_registrations_with_one_code_one_succeeds() {
    let world = world().await;
    let code = world.root.post("/invitations", ()).await.expect(200).json;
    let profile = json!({ "name": "Ada", "invitation": code });
    let ada = async { world.client.register_with("ada@example.com", PASSWORD, &profile).await.status };
    let bob = async { world.client.register_with("bob@example.com", PASSWORD, &profile).await.status };
    let (ada, bob) = tokio::join!(ada, bob);
    assert!([(ada.as_u16(), bob.as_u16())].iter().any(|both| matches!(both, (201, 403) | (403, 201))), "{ada} {bob}");
}

#[tokio::test]
async fn a_taken_address_uses_no_invitation_up() {
    let world = world().await;
    world.member("ada@example.com").await;
    let code = world.root.post("/invitations", ()).await.expect(200).json;
    let profile = json!({ "name": "Ada", "invitation": code });
    world.client.register_with("ada@example.com", PASSWORD, &profile).await.expect(400);
    world.client.register_with("bob@example.com", PASSWORD, &profile).await.expect(201);
}

#[tokio::test]
async fn members_keep_notes_of_their_own_up_to_their_quota() {
    let world = world().await;
    let (ada, bob) = (world.member("ada@example.com").await, world.member("bob@example.com").await);
    let id = ada.get("/users/me").await.json["id"].clone();
    let quota = format!("/members/{}/quota", id.as_str().unwrap());
    assert_eq!(world.root.put(&quota, 2).await.expect(200).json["quota"], 2);
    for text in ["milk", "bread"] {
        ada.post("/notes", text).await.expect(200);
    }
    assert_eq!(ada.post("/notes", "salt").await.expect(409).json["detail"]["code"], "NOTES_FULL");
    assert_eq!(ada.get("/notes").await.json, json!(["milk", "bread"]));
    assert_eq!(bob.get("/notes").await.json, json!([]));
    // The rows go with the account.
    ada.delete("/users/me").await.expect(204);
    let left = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM notes").fetch_one(&world.app.db).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn every_refusal_has_the_same_shape() {
    let world = world().await;
    let (ada, root) = (world.member("ada@example.com").await, &world.root);
    let nobody = uuid::Uuid::nil();
    for (answer, status) in [
        (world.client.get("/notes").await, 401),
        (ada.post("/invitations", ()).await, 403),
        (ada.put(&format!("/members/{nobody}/quota"), 1).await, 403),
        (root.put(&format!("/members/{nobody}/quota"), 1).await, 404),
        (root.put("/members/me/quota", 1).await, 404),
        (ada.get("/nothing").await, 404),
    ] {
        assert!(answer.expect(status).json["detail"].is_string());
    }
    // A body of another type has an entry for each fault.
    for answer in [root.put(&format!("/members/{nobody}/quota"), "much").await, ada.post("/notes", json!({})).await] {
        assert!(answer.expect(422).json["detail"].is_array());
    }
    // A page of another origin may do nothing with the cookie.
    let browser = world.client.clone();
    browser.login("cookie", "ada@example.com", PASSWORD).await.expect(204);
    browser.post("/notes", "milk").await.expect(200);
    browser.post("/notes", "salt").header("origin", "https://evil.example").await.expect(403);
}

#[tokio::test]
async fn the_mail_after_a_registration_verifies_the_address() {
    let world = world().await;
    let ada = world.member("ada@example.com").await;
    world.app.accounts.deliver_due().await.unwrap();
    let token: VerifyToken = world.mail.next_token("ada@example.com").await;
    world.client.post("/auth/verify", json!({ "token": token.expose() })).await.expect(200);
    assert_eq!(ada.get("/users/me").await.json["is_verified"], true);
}
