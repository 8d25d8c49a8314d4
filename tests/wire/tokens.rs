//! Access tokens that are not what they should be, and what tokens of mails say.

use serde_json::{Value, json};
use usermgr::{
    Secret,
    testing::{claims_of, forge, forge_unsigned, forge_with_keys},
    token::{Access, Reset},
};
use usermgr_tests::{Client, PASSWORD, SECRET};

use crate::{
    rig::{es256, rs256},
    world::{Kind, World},
};

type Sign = fn(&Value) -> String;

/// The three algorithms, each with the backend of the rig that signs with it.
const SIGNERS: &[(&str, Sign)] = &[
    ("jwt", |claims| forge::<Access>(&Secret::new(SECRET), claims).unwrap().expose().to_owned()),
    ("es256", |claims| forge_with_keys(es256(), claims).unwrap().expose().to_owned()),
    ("rs256", |claims| forge_with_keys(rs256(), claims).unwrap().expose().to_owned()),
];

async fn me(client: &Client, token: &str, status: u16) {
    client.with_token(token).get("/users/me").await.expect(status);
}

/// The token of a login through a backend of the rig, with its claims.
async fn token_of(world: &World, backend: &str) -> (Client, String, Value) {
    let host = &world.rig().await.host;
    let someone = host.someone(Kind::Verified).await;
    let path = format!("/auth/{backend}/login");
    let reply = host.client().form(&path, &[("username", &someone.email), ("password", PASSWORD)]).await;
    let token = reply.token();
    let claims = claims_of(&token).unwrap();
    (host.client(), token, claims)
}

/// The claims of a good access token are changed and signed again; that token opens nothing, and one with the unchanged claims does.
async fn refused_after(world: &World, change: impl Fn(&mut Value)) {
    for (backend, sign) in SIGNERS {
        let (client, _, good) = token_of(world, backend).await;
        let mut changed = good.clone();
        change(&mut changed);
        for (claims, status) in [(changed, 401), (good, 200)] {
            me(&client, &sign(&claims), status).await;
        }
    }
}

rows! {
    "Access tokens, signed with HS256, ES256 and RS256", |world|

    once m1_garbage("invalid token: garbage, another key or purpose, unsigned" => "401") {
        for (backend, _) in SIGNERS {
            let (client, good, claims) = token_of(world, backend).await;
            let other = forge::<Access>(&Secret::new("another secret, also long enough now"), &claims).unwrap();
            let reset = forge::<Reset>(&Secret::new(SECRET), &claims).unwrap();
            let unsigned = forge_unsigned::<Access>(&Secret::new(SECRET), &claims).unwrap();
            let (message, _) = good.rsplit_once('.').unwrap();
            let (stripped, cut) = (format!("{message}."), &good[..good.len() - 1]);
            for token in ["foo", "a.b.c", other.expose(), reset.expose(), unsigned.expose(), &stripped, cut] {
                me(&client, token, 401).await;
            }
            me(&client, &good, 200).await;
        }
    }
    once m2_no_subject("token without `sub`" => "401") {
        refused_after(world, |claims| drop(claims.as_object_mut().unwrap().remove("sub").unwrap())).await;
    }
    once m3_a_subject_that_is_no_id("`sub` that is not an id" => "401") {
        refused_after(world, |claims| claims["sub"] = json!("foo")).await;
    }
    once m4_an_unknown_user("unknown `sub`" => "401") {
        refused_after(world, |claims| claims["sub"] = json!("01890000-0000-7000-8000-000000000000")).await;
    }
}

pub(crate) mod mailed {
    //! What the tokens of mails say, and who gets none.

    use serde_json::json;
    use usermgr::testing::claims_of;

    use crate::{mail::asked_for, world::Kind};

    rows! {
        "Mailed tokens", |world|

        once m1_a_verification_token(
            "the claims of a verification token" => "`sub`, `email`, `aud`, `iat`, `exp`, `jti`";
            "no `iat`, no `jti`; here a log can name the token"
        ) {
            let rig = world.rig().await;
            let someone = rig.host.someone(Kind::Unverified).await;
            rig.ask_for_mail("/auth/request-verify-token", &someone.email).await;
            let claims = claims_of(&rig.journal.token("on_after_request_verify", &someone.email).unwrap()).unwrap();
            let whole = json!({
                "sub": someone.id, "email": someone.email, "aud": "usermgr:verify", "iat": claims["iat"],
                "exp": claims["iat"].as_i64().unwrap() + 3600, "jti": claims["jti"],
            });
            assert_eq!(claims, whole);
        }
        once m2_a_reset_token(
            "the claims of a reset token" => "`sub`, `email`, `st`, `aud`, `iat`, `exp`, `jti`, nothing of the hash";
            "`password_fgpt`, a hash of the hash; here a part of the stamp"
        ) {
            let rig = world.rig().await;
            let someone = rig.host.someone(Kind::Verified).await;
            rig.ask_for_mail("/auth/forgot-password", &someone.email).await;
            let claims = claims_of(&rig.journal.token("on_after_forgot_password", &someone.email).unwrap()).unwrap();
            let whole = json!({
                "sub": someone.id, "email": someone.email, "st": claims["st"], "aud": "usermgr:reset", "iat": claims["iat"],
                "exp": claims["iat"].as_i64().unwrap() + 3600, "jti": claims["jti"],
            });
            assert_eq!(claims, whole);
            assert_eq!(claims["st"].as_str().unwrap().len(), 11, "eight bytes of sixteen");
        }
        once m3_no_verification_token_for_an_inactive_user(
            "inactive user asks for a verification token" => "no hook is called"
        ) {
            asked_for(world, "/auth/request-verify-token", "on_after_request_verify", Kind::Inactive, 0).await;
        }
        once m4_no_verification_token_for_a_verified_user(
            "verified user asks for a verification token" => "no hook is called"
        ) {
            asked_for(world, "/auth/request-verify-token", "on_after_request_verify", Kind::Verified, 0).await;
        }
        once m5_no_reset_token_for_an_inactive_user("inactive user asks for a reset token" => "no hook is called") {
            asked_for(world, "/auth/forgot-password", "on_after_forgot_password", Kind::Inactive, 0).await;
        }
    }
}

pub(crate) mod hashes {
    //! Hashes of older parameters.

    use usermgr_tests::PASSWORD;

    use crate::rig::{self, OUTDATED, Options};

    rows! {
        "Hashes", |world|

        once m1_an_outdated_hash_is_made_anew_at_login(
            "the right password for a hash with other parameters" => "200, and the hash is replaced, once"
        ) {
            let rig = rig::start(world.target, Options::default());
            for _ in 0..2 {
                rig.host.client().login(OUTDATED, PASSWORD).await.expect(200);
                assert_eq!(rig.journal.count("on_after_rehash_password", OUTDATED), 1);
            }
        }
    }
}
