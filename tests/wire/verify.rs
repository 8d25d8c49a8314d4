//! Proving an address: asking for the mail, and the token of the mail.

use serde_json::{Value, json};
use usermgr::{
    Secret,
    testing::{forge, forge_unsigned},
    token::{Access, Reset, Verify},
};
use usermgr_tests::{Reply, SECRET};

use crate::{
    reset::forged,
    world::{Kind, Someone, World},
};

pub(crate) mod request {
    //! Asking for the mail.

    use serde_json::{Value, json};

    use crate::{mail::asked_for, world::Kind};

    const PATH: &str = "/auth/request-verify-token";
    const HOOK: &str = "on_after_request_verify";

    rows! {
        "Request a verification: `POST /auth/request-verify-token`", |world|

        once r1_an_empty_object("`{}`" => "422") {
            world.client().post(PATH, json!({})).await.expect_faults(json!([["missing", ["body", "email"]]]));
        }
        once r2_a_malformed_email("malformed `email`" => "422") {
            let reply = world.client().post(PATH, json!({ "email": "ada" })).await;
            reply.expect_faults(json!([["value_error", ["body", "email"]]]));
        }
        once r3_an_unknown_email("unknown `email`" => "202, no mail") {
            let email = crate::world::address("unknown");
            let rig = world.rig().await;
            rig.ask_for_mail(PATH, &email).await;
            assert_eq!(rig.journal.count(HOOK, &email), 0);
        }
        once r4_an_inactive_user("inactive user" => "202, no mail") {
            asked_for(world, PATH, HOOK, Kind::Inactive, 0).await;
        }
        once r5_a_verified_user("verified user" => "202, no mail") {
            asked_for(world, PATH, HOOK, Kind::Verified, 0).await;
        }
        once r6_an_unverified_user("unverified user" => "202, one mail") {
            asked_for(world, PATH, HOOK, Kind::Unverified, 1).await;
            let someone = world.someone(Kind::Unverified).await;
            world.client().post(PATH, json!({ "email": someone.email })).await.expect_json(202, Value::Null);
            world.server.mailed_token("verify", &someone.email, 1);
        }
    }
}

async fn verify(world: &World, token: &str) -> Reply {
    world.client().post("/auth/verify", json!({ "token": token })).await
}

async fn bad(world: &World, token: &str) {
    verify(world, token).await.expect_detail(400, "VERIFY_USER_BAD_TOKEN");
}

/// What a good token for this user says.
fn claims(someone: &Someone) -> Value {
    json!({
        "sub": someone.id, "email": someone.email, "aud": "usermgr:verify", "iat": 0, "exp": 4_102_444_800_u32,
        // A token is used once, by its name.
        "jti": uuid::Uuid::now_v7(),
    })
}

/// A new user whose good claims are changed before the token is made; the token must be bad, and the unchanged one good.
async fn bad_after(world: &World, change: impl FnOnce(&mut Value)) {
    let someone = world.someone(Kind::Unverified).await;
    let good = claims(&someone);
    let mut changed = good.clone();
    change(&mut changed);
    bad(world, &forged::<Verify>(&changed)).await;
    assert_eq!(verify(world, &forged::<Verify>(&good)).await.expect(200).json()["id"], someone.id);
}

fn remove(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name).unwrap();
}

rows! {
    "Verify: `POST /auth/verify`", |world|

    once r1_an_empty_object("`{}`" => "422") {
        let reply = world.client().post("/auth/verify", json!({})).await;
        reply.expect_faults(json!([["missing", ["body", "token"]]]));
    }
    once r2_a_bad_token(
        "invalid token: garbage, another key or purpose, unsigned" => "400 `VERIFY_USER_BAD_TOKEN`"
    ) {
        let someone = world.someone(Kind::Unverified).await;
        let claims = claims(&someone);
        let other = forge::<Verify>(&Secret::new("another secret, also long enough now"), &claims).unwrap();
        let unsigned = forge_unsigned::<Verify>(&Secret::new(SECRET), &claims).unwrap();
        for token in ["", "foo", other.expose(), unsigned.expose(), &forged::<Reset>(&claims), &forged::<Access>(&claims)] {
            bad(world, token).await;
        }
    }
    once r3_a_user_who_is_gone("token of a deleted user" => "400 `VERIFY_USER_BAD_TOKEN`") {
        let someone = world.someone(Kind::Unverified).await;
        world.host().root().delete(&someone.path()).await.expect(204);
        bad(world, &forged::<Verify>(&claims(&someone))).await;
    }
    once r4_a_verified_user("token of a verified user" => "400 `VERIFY_USER_ALREADY_VERIFIED`") {
        let someone = world.someone(Kind::Verified).await;
        let reply = verify(world, &forged::<Verify>(&claims(&someone))).await;
        reply.expect_detail(400, "VERIFY_USER_ALREADY_VERIFIED");
    }
    once r5_a_good_token("the mailed token" => "200, the user; again 400 `VERIFY_USER_ALREADY_VERIFIED`") {
        let someone = world.someone(Kind::Unverified).await;
        world.client().post("/auth/request-verify-token", json!({ "email": someone.email })).await.expect(202);
        let token = world.server.mailed_token("verify", &someone.email, 1);
        let user = verify(world, &token).await.expect(200).json();
        assert_eq!((&user["id"], &user["is_verified"]), (&json!(someone.id), &json!(true)));
        verify(world, &token).await.expect_detail(400, "VERIFY_USER_ALREADY_VERIFIED");
    }
    once m1_an_expired_token("expired token" => "400 `VERIFY_USER_BAD_TOKEN`") {
        bad_after(world, |claims| claims["exp"] = json!(1)).await;
    }
    once m2_no_subject("token without `sub`" => "400 `VERIFY_USER_BAD_TOKEN`") {
        bad_after(world, |claims| remove(claims, "sub")).await;
    }
    once m3_no_email("token without `email`" => "400 `VERIFY_USER_BAD_TOKEN`") {
        bad_after(world, |claims| remove(claims, "email")).await;
    }
    once m4_a_subject_that_is_no_id("`sub` that is not an id" => "400 `VERIFY_USER_BAD_TOKEN`") {
        bad_after(world, |claims| claims["sub"] = json!("foo")).await;
    }
    once m5_an_unknown_email("unknown `email`" => "400 `VERIFY_USER_BAD_TOKEN`") {
        bad_after(world, |claims| claims["email"] = json!("nobody@example.com")).await;
    }
    once m6_an_id_and_an_email_of_two_users("`sub` and `email` of two users" => "400 `VERIFY_USER_BAD_TOKEN`") {
        let other = world.someone(Kind::Unverified).await;
        bad_after(world, |claims| claims["email"] = json!(other.email)).await;
        bad_after(world, |claims| claims["sub"] = json!(other.id)).await;
    }
    once m7_an_inactive_user("valid token of an inactive user" => "200, verified, still inactive") {
        let someone = world.someone(Kind::Unverified).await;
        world.host().root().patch(&someone.path(), json!({ "is_active": false })).await.expect(200);
        let user = verify(world, &forged::<Verify>(&claims(&someone))).await.expect(200).json();
        assert_eq!((&user["is_verified"], &user["is_active"]), (&json!(true), &json!(false)));
    }
}
