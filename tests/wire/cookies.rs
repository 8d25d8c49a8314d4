//! The attributes of session cookies.

use usermgr_tests::{PASSWORD, Reply};

use crate::world::{Kind, Someone, World};

/// What a backend of the rig sets, `name=token; attributes`, cut into the name and the attributes.
async fn set(world: &World, backend: &str) -> (String, Vec<String>) {
    let host = &world.rig().await.host;
    let someone = host.someone(Kind::Verified).await;
    let fields = [("username", someone.email.as_str()), ("password", PASSWORD)];
    let reply = host.client().form(&format!("/auth/{backend}/login"), &fields).await.expect(204);
    parts(&reply)
}

fn parts(reply: &Reply) -> (String, Vec<String>) {
    let mut parts = reply.header("set-cookie").unwrap().split("; ").map(str::to_owned);
    let name = parts.next().unwrap().split('=').next().unwrap().to_owned();
    (name, parts.collect())
}

async fn assert_set(world: &World, backend: &str, name: &str, attributes: &[&str]) {
    let (found, rest) = set(world, backend).await;
    assert_eq!(found, name);
    assert_eq!(rest, attributes);
}

rows! {
    "Cookies", |world|

    once m1_path("path" => "`Path=/app`; without one `Path=/`") {
        assert_set(world, "path", "path", &["HttpOnly", "Path=/app", "SameSite=lax", "Secure"]).await;
    }
    once m2_domain("domain" => "`Domain=example.com`; without one no `Domain`") {
        let attributes = ["Domain=example.com", "HttpOnly", "Path=/", "SameSite=lax", "Secure"];
        assert_set(world, "domain", "domain", &attributes).await;
    }
    once m3_secure(
        "`Secure` or not" => "without it the name has no prefix";
        "`fastapiusersauth`, as by `CookieOptions::fastapi_users()`; no other host can set `__Host-usermgr`"
    ) {
        assert_set(world, "cookie", "__Host-usermgr", &["HttpOnly", "Path=/", "SameSite=lax", "Secure"]).await;
        assert_set(world, "insecure", "insecure", &["HttpOnly", "Path=/", "SameSite=lax"]).await;
    }
    once m4_http_only("`HttpOnly` or not" => "as configured") {
        assert_set(world, "script", "script", &["Path=/", "SameSite=lax", "Secure"]).await;
    }
    once m5_max_age(
        "age" => "`Max-Age=3600` at login; at logout `Max-Age=0`, an empty value and the same attributes"
    ) {
        let attributes = |age: &str| ["HttpOnly", age, "Path=/", "SameSite=strict", "Secure"].map(str::to_owned).to_vec();
        let (name, rest) = set(world, "aged").await;
        assert_eq!((name.as_str(), rest), ("fastapiusersauth", attributes("Max-Age=3600")));
        let Someone { client, .. } = world.rig().await.host.someone_at(Kind::Verified, "aged").await;
        let reply = client.post_empty("/auth/aged/logout").await.expect(204);
        assert_eq!(parts(&reply), ("fastapiusersauth".to_owned(), attributes("Max-Age=0")));
        assert_eq!(reply.cookie(), "fastapiusersauth=\"\"");
        client.get("/users/me").await.expect_detail(401, "Unauthorized");
    }
}
