//! Two managers of one type in one application of actix-web, whose extractors find them by type.

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use usermgr::{actix::CurrentUser, http::Routes, prelude::*};
use usermgr_tests::{Client, PASSWORD, serve_actix};

struct Accounts {
    engine: Engine<MemoryStore>,
}

#[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}

fn accounts() -> Arc<Accounts> {
    let engine = Engine::builder(MemoryStore::new()).backend(Backend::bearer("jwt", Jwt::new())).build().unwrap();
    Arc::new(Accounts { engine })
}

async fn own(user: CurrentUser<Accounts>) -> String {
    user.email.to_string()
}

/// A user of the manager under this prefix, logged in there.
async fn user(address: &str, prefix: &str) -> Client {
    let client = Client::new(format!("{address}{prefix}"));
    client.register("ada@example.com", PASSWORD).await.expect(201);
    let token = client.login("ada@example.com", PASSWORD).await.expect(200).token();
    Client::new(address).with_token(token)
}

#[tokio::test]
async fn s17_two_managers_of_one_type_in_one_place_are_asked_by_no_extractor() {
    let (a, b) = (accounts(), accounts());
    let (a, b) =
        (usermgr::actix::mount(a, Routes::all().prefix("/a")), usermgr::actix::mount(b, Routes::all().prefix("/b")));
    let address = serve_actix(move |config: &mut ServiceConfig| {
        a(config);
        config.route("/a/own", web::get().to(own));
        b(config);
        config.route("/b/own", web::get().to(own));
    });
    let (a, b) = (user(&address, "/a").await, user(&address, "/b").await);
    for path in ["/a/own", "/b/own"] {
        for client in [&a, &b, &Client::new(&address)] {
            client.get(path).await.expect_detail(500, "Internal Server Error");
        }
    }
    // The library's own routes know whose they are.
    for (client, own, other) in [(&a, "/a", "/b"), (&b, "/b", "/a")] {
        client.get(&format!("{own}/users/me")).await.expect(200);
        client.get(&format!("{other}/users/me")).await.expect(401);
    }
}

#[tokio::test]
async fn s17_each_scope_has_a_manager_of_its_own() {
    let (a, b) = (usermgr::actix::mount(accounts(), Routes::all()), usermgr::actix::mount(accounts(), Routes::all()));
    let address = serve_actix(move |config: &mut ServiceConfig| {
        config.service(web::scope("/a").configure(a).route("/own", web::get().to(own)));
        config.service(web::scope("/b").configure(b).route("/own", web::get().to(own)));
    });
    let (a, b) = (user(&address, "/a").await, user(&address, "/b").await);
    for (client, own, other) in [(&a, "/a/own", "/b/own"), (&b, "/b/own", "/a/own")] {
        client.get(own).await.expect(200);
        client.get(other).await.expect_detail(401, "Unauthorized");
    }
}

#[tokio::test]
async fn s17_one_manager_may_be_mounted_in_parts() {
    let one = accounts();
    let parts = [Routes::new(), Routes::sessions(), Routes::directory()];
    let parts = parts.map(|routes| usermgr::actix::mount(one.clone(), routes));
    let address = serve_actix(move |config: &mut ServiceConfig| {
        for part in parts {
            part(config);
        }
        config.route("/own", web::get().to(own));
    });
    user(&address, "").await.get("/own").await.expect(200);
}
