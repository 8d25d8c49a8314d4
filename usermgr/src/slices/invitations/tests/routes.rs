//! The routes: who may call them, and what they take and answer.

use serde_json::json;

use super::rig::{ADA, Member, PASSWORD, World, address, cx};
use crate::{
    Limits, MemoryStore,
    http::{Endpoint, Route, Routes},
    prelude::*,
    testing::{Client, Reply},
    user::AdminUpdate,
};

/// A world with a superuser and a user, and their clients.
async fn served() -> (World<MemoryStore<Member>>, Client, Client, Client) {
    let world = World::open(MemoryStore::default());
    world.add("root@example.com", |new| new.superuser(true)).await;
    world.add("bob@example.com", |new| new).await;
    let client = || Client::new(crate::axum::router(world.accounts.clone()).unwrap());
    let (root, bob, stranger) = (client(), client(), client());
    root.login("bearer", "root@example.com", PASSWORD).await.expect(200);
    bob.login("bearer", "bob@example.com", PASSWORD).await.expect(200);
    (world, root, bob, stranger)
}

async fn invite(client: &Client, email: &str) -> Reply {
    client.post("/invitations", json!({ "email": email, "nickname": "Al" })).await
}

#[tokio::test]
async fn in4_only_superusers_with_a_fresh_login_invite() {
    let (world, root, bob, stranger) = served().await;
    let invited = invite(&root, ADA).await.expect(201);
    let id = invited.json["id"].as_str().unwrap().to_owned();
    let paths = [format!("/invitations/{id}/resend"), format!("/invitations/{id}")];
    for (client, status) in [(&bob, 403), (&stranger, 401)] {
        invite(client, "eve@example.com").await.expect(status);
        client.get("/invitations").await.expect(status);
        client.post(&paths[0], json!({})).await.expect(status);
        client.delete(&paths[1]).await.expect(status);
    }
    world.wait(601);
    for refused in
        [invite(&root, "eve@example.com").await, root.post(&paths[0], json!({})).await, root.delete(&paths[1]).await]
    {
        assert_eq!(refused.expect(403).json["detail"], "REAUTHENTICATION_REQUIRED");
    }
    root.get("/invitations").await.expect(200);
    assert!(world.accounts.get_by_email(&address("eve@example.com")).await.unwrap().is_none());
}

#[tokio::test]
async fn an_invitation_goes_its_way_over_http() {
    let (world, root, _, stranger) = served().await;
    let invited = invite(&root, ADA).await.expect(201);
    let id = invited.json["id"].as_str().unwrap().to_owned();
    let root_id = world.accounts.get_by_email(&address("root@example.com")).await.unwrap().unwrap().id;
    assert_eq!(invited.json["email"], ADA);
    assert_eq!(invited.json["invited_by"], format!("user:{root_id}"));
    assert_eq!(world.ada().await.unwrap().profile.nickname.as_deref(), Some("Al"));
    let again = invite(&root, ADA).await.expect(400);
    assert_eq!(again.json["detail"], "REGISTER_USER_ALREADY_EXISTS");
    root.post("/invitations", json!({ "email": "nonsense" })).await.expect(422);

    let listed = root.get("/invitations").await.expect(200);
    assert_eq!(listed.json, json!([invited.json]));
    world.wait(1);
    invite(&root, "carol@example.com").await.expect(201);
    let page = root.get("/invitations?limit=1").await.expect(200);
    let next = page.header("link").unwrap();
    let query = next.split_once("<").unwrap().1.split_once(">").unwrap().0.to_owned();
    let second = root.get(&format!("/invitations{query}")).await.expect(200);
    assert_eq!(second.json[0]["email"], "carol@example.com");
    assert_eq!(second.header("link"), None);
    root.get("/invitations?cursor=").await.expect(422);

    let first = world.token();
    root.post(&format!("/invitations/{id}/resend"), json!({})).await.expect(202);
    let body = |token: &InvitationToken, password: &str| json!({ "token": token.expose(), "password": password, "nickname": "Ada", "plan": "gold" });
    let path = "/auth/accept-invitation";
    assert_eq!(
        stranger.post(path, body(&first, PASSWORD)).await.expect(400).json["detail"],
        "ACCEPT_INVITATION_BAD_TOKEN"
    );
    let token = world.token();
    let weak = stranger.post(path, body(&token, "short")).await.expect(400);
    assert_eq!(weak.json["detail"]["code"], "ACCEPT_INVITATION_INVALID_PASSWORD");
    let rejected =
        stranger.post(path, json!({ "token": token.expose(), "password": PASSWORD, "nickname": "root" })).await;
    assert_eq!(rejected.expect(409).json["detail"], "NO_ROOT");
    stranger.post(path, json!({ "password": PASSWORD })).await.expect(422);
    let user = stranger.post(path, body(&token, PASSWORD)).await.expect(200);
    assert_eq!(
        (&user.json["is_verified"], &user.json["nickname"], &user.json["plan"]),
        (&json!(true), &json!("Ada"), &json!(""))
    );
    assert!(stranger.token().is_none(), "it starts no session");
    stranger.login("bearer", ADA, PASSWORD).await.expect(200);
    assert_eq!(
        stranger.post(path, body(&token, PASSWORD)).await.expect(400).json["detail"],
        "ACCEPT_INVITATION_BAD_TOKEN"
    );

    root.post(&format!("/invitations/{id}/resend"), json!({})).await.expect(404);
    root.delete(&format!("/invitations/{id}")).await.expect(404);
    root.delete("/invitations/nonsense").await.expect(404);
    let carol = second.json[0]["id"].as_str().unwrap();
    root.delete(&format!("/invitations/{carol}")).await.expect(204);
    assert_eq!(root.get("/invitations").await.expect(200).json, json!([]));
}

#[tokio::test]
async fn in2_get_and_head_use_no_invitation_up() {
    let (world, root, _, stranger) = served().await;
    invite(&root, ADA).await.expect(201);
    let token = world.token();
    for _ in 0..2 {
        let path = format!("/auth/accept-invitation?token={}&password=whatever-it-may-be", token.expose());
        stranger.get(&path).await.expect(405);
        stranger.request(::http::Method::HEAD, &path).await.expect(405);
    }
    assert!(!world.ada().await.unwrap().is_verified);
    world.accept(&token).await.unwrap();
}

#[tokio::test]
async fn without_the_part_there_are_no_routes() {
    struct Plain {
        engine: Engine<MemoryStore>,
    }
    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Plain {}
    let plain = Plain { engine: Engine::new(MemoryStore::default()) };
    let routes = Routes::<Plain>::of_engine(&plain.engine);
    assert!(!routes.iter().any(|route| route.path().contains("invitation")));
    let client = Client::new(crate::axum::router(plain).unwrap());
    client.post("/auth/accept-invitation", json!({})).await.expect(404);
    client.get("/invitations").await.expect(404);
    let mine = [Endpoint::Invite, Endpoint::ListInvitations, Endpoint::AcceptInvitation];
    assert!(mine.iter().all(|endpoint| Route::of_parts().any(|route| route.endpoint == *endpoint)));
}

#[tokio::test]
async fn un6_without_user_names_the_answer_to_the_invited_has_none() {
    let store = MemoryStore::default();
    let named = World::with(store.clone(), |engine| engine.with(Usernames::new()).limits(Limits::dangerous_none()));
    let invited = named.invite().await;
    let name = AdminUpdate::default().username("countess");
    named.accounts.update_user(&named.admin, &invited.user.id, name, &cx()).await.unwrap();
    let world = World::<MemoryStore<Member>>::open(store);
    let client = Client::new(crate::axum::router(world.accounts.clone()).unwrap());
    let token = named.token();
    let accepted = json!({ "token": token.expose(), "password": PASSWORD });
    let reply = client.post("/auth/accept-invitation", accepted).await.expect(200);
    assert_eq!((&reply.json["email"], reply.json.get("username")), (&json!(ADA), None));
    assert_eq!(world.ada().await.unwrap().username.unwrap().as_str(), "countess");
}
