//! Several backends, tried in their order.

use usermgr::{Backend, Engine, Jwt, MemoryStore, NoProfile};

use crate::world::Kind;

rows! {
    "Backends", |world|

    once r1_the_second_one_knows_the_token(
        "token of the second backend" => "200"
    ) {
        let someone = world.rig().await.host.someone_at(Kind::Verified, "database").await;
        assert_eq!(someone.client.get("/app/active").await.expect(200).json()["email"], someone.email);
    }
    once r2_none_knows_the_token("token of no backend" => "401") {
        let client = world.rig().await.host.client().with_token("a".repeat(43));
        client.get("/app/active").await.expect_detail(401, "Unauthorized");
    }
    once r3_the_one_that_knows_it_is_not_allowed_here(
        "token of a backend that the route does not allow" => "401";
        "an option of the dependency; here the handler checks `session().backend`"
    ) {
        let host = &world.rig().await.host;
        let path = "/app/cookie-only";
        host.someone_at(Kind::Verified, "jwt").await.client.get(path).await.expect_detail(401, "Unauthorized");
        host.someone_at(Kind::Verified, "cookie").await.client.get(path).await.expect(200);
    }
    once d1_two_backends_of_one_name("two backends with one name" => "the server does not start") {
        let _ = world;
        let engine = Engine::builder(MemoryStore::<NoProfile>::new())
            .backend(Backend::bearer("jwt", Jwt::new()))
            .backend(Backend::bearer("jwt", Jwt::new().audience("other")));
        let error = engine.build().unwrap_err().to_string();
        assert!(error.contains("two backends are named `jwt`"), "{error}");
    }
}
