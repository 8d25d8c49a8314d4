//! The same journey over axum and actix-web, with a bearer token and with a cookie: every status, code and place is the
//! same.

use super::rig::Rig;
use crate::testing::{Application, Client, Reply};

/// What a client sees of an answer.
fn seen(what: &str, reply: &Reply) -> String {
    let detail = reply.json["detail"].as_str().unwrap_or_default();
    let location = reply.header("location").map(|url| url.split('?').next().unwrap_or_default()).unwrap_or_default();
    let cookies = reply.headers.get_all("set-cookie").iter().count();
    let kind = reply.header("content-type").unwrap_or_default();
    format!("{what}: {} {detail} {location} {kind} {cookies}", reply.status.as_u16())
}

/// Registers, is known, links, unlinks, and meets the refusals.
async fn journey<A: Application + Clone>(rig: &Rig, browser: Client<A>, backend: &str) -> Vec<String> {
    let mut log = Vec::new();
    let stranger = browser.clone();
    for visit in ["new", "known"] {
        let begun = browser.get(&format!("/auth/corp/authorize?backend={backend}")).await.expect(200);
        let callback = rig.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "ada");
        let back = browser.callback(&callback).await;
        log.extend([seen("authorize", &begun), seen(visit, &back)]);
        log.push(seen("replay", &browser.get(&callback).await.expect(400)));
        assert_eq!(browser.get("/users/me").await.expect(200).json["email"], "ada@example.com");
    }
    // Later, so that the linked identity is the newer one.
    rig.later(1);
    let begun = browser.get("/auth/associate/corp/authorize").await.expect(200);
    let callback = rig.corp.consent(begun.json["authorization_url"].as_str().unwrap(), "eve");
    log.push(seen("link", &browser.get(&callback).await.expect(200)));
    let identities = browser.get("/users/me/identities").await.expect(200);
    for (identity, status) in identities.json.as_array().unwrap().iter().rev().zip([204, 400]) {
        let path = format!("/users/me/identities/{}", identity["id"].as_str().unwrap());
        log.push(seen("unlink", &browser.delete(&path).await.expect(status)));
    }
    let begun = stranger.get("/auth/corp/authorize").await.expect(200);
    let denied = rig.corp.deny(begun.json["authorization_url"].as_str().unwrap());
    log.push(seen("denied", &stranger.get(&denied).await.expect(400)));
    let fields = [("return_to", "/welcome"), ("backend", "cookie")];
    let started = stranger.post_form("/auth/corp/start", &fields).await.expect(303);
    let callback = rig.corp.consent(started.header("location").unwrap(), "ada");
    let (path, query) = callback.split_once('?').unwrap();
    let decoded: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let posted: Vec<_> = decoded
        .iter()
        .map(|(name, value)| (*name, value.replace("%3A", ":").replace("%2F", "/").replace("%2E", ".")))
        .collect();
    let posted: Vec<_> = posted.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let passed = stranger.post_form(path, &posted).header("origin", "https://id.corp.example").await.expect(303);
    let onward = passed.header("location").unwrap().strip_prefix("https://shop.example").unwrap().to_owned();
    let back = stranger.get(&onward).header("sec-fetch-site", "cross-site").await.expect(303);
    log.extend([seen("start", &started), seen("form", &passed), seen("back", &back)]);
    assert_eq!(back.header("location"), Some("/welcome"));
    stranger.get("/users/me").await.expect(200);
    for (path, status) in [
        ("/auth/providers", 200),
        ("/auth/unknown/authorize", 404),
        ("/auth/corp/authorize?scopes=admin", 422),
        ("/auth/corp/callback?code=x&code=y&state=z", 400),
        ("/auth/corp/callback", 400),
    ] {
        log.push(seen(path, &stranger.get(path).await.expect(status)));
    }
    log
}

#[tokio::test]
async fn a_sign_in_is_the_same_over_axum_and_actix_web() {
    for backend in ["bearer", "cookie"] {
        let rig = Rig::new();
        let over_axum = journey(&rig, rig.browser(), backend).await;
        let rig = Rig::new();
        let client = Client::actix(crate::actix::configure(rig.accounts.clone()).unwrap()).await;
        let over_actix = journey(&rig, client, backend).await;
        assert_eq!(over_axum, over_actix, "{backend}");
        let entered = if backend == "bearer" { "new: 200" } else { "new: 204" };
        assert!(over_axum[1].starts_with(entered), "{over_axum:?}");
    }
}
