//! The same journey over axum and actix-web, with a bearer token and with a cookie: every status, code and place is the
//! same.

use serde_json::json;

use super::rig::Rig;
use crate::testing::{Application, Client, Reply};

/// A verifier with its challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The client and the URI of an application on a device.
const APP: &str = "com.example.shop";
const URI: &str = "com.example.shop:/in";

fn shop() -> Rig {
    Rig::with_oauth(|provider| provider.native([APP]), |part| part.app(URI))
}

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
    // An application, with the browser of the system and without.
    let path = format!("/auth/corp/start?backend={backend}&return_to={URI}&code_challenge={CHALLENGE}");
    let started = stranger.get(&path).await.expect(303);
    let back = stranger.get(&rig.corp.consent(started.header("location").unwrap(), "ada")).await.expect(303);
    let code = back.header("location").unwrap().split_once("?code=").unwrap().1;
    let body = json!({ "code": code, "code_verifier": VERIFIER });
    let exchanged = stranger.post(&format!("/auth/{backend}/exchange"), body).await;
    let given = stranger.post("/auth/corp/nonce", json!({})).await.expect(200);
    let id_token = rig.corp.sign_in_on_device("ada", APP, given.json["nonce"].as_str().unwrap());
    let body = json!({ "state": given.json["state"], "id_token": id_token });
    let native = stranger.post(&format!("/auth/{backend}/native"), body).await;
    assert!(exchanged.status.is_success() && exchanged.status == native.status, "{exchanged:?} {native:?}");
    log.extend([
        seen("start of an application", &started),
        seen("its code", &back),
        seen("exchange", &exchanged),
        seen("nonce", &given),
        seen("native", &native),
    ]);
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
        let rig = shop();
        let over_axum = journey(&rig, rig.browser(), backend).await;
        let rig = shop();
        let client = Client::actix(crate::actix::configure(rig.accounts.clone()).unwrap()).await;
        let over_actix = journey(&rig, client, backend).await;
        assert_eq!(over_axum, over_actix, "{backend}");
        let entered = if backend == "bearer" { "new: 200" } else { "new: 204" };
        assert!(over_axum[1].starts_with(entered), "{over_axum:?}");
    }
}
