//! A forgotten password: asking for the mail, and the token of the mail.

use serde_json::{Value, json};
use usermgr::{
    Secret,
    testing::{claims_of, forge, forge_unsigned},
    token::{Access, Purpose, Reset, Verify},
};
use usermgr_tests::{PASSWORD, Reply, SECRET};

use crate::{
    NEW, too_short,
    world::{Kind, Someone, World},
};

pub(crate) mod forgot {
    //! Asking for the mail.

    use serde_json::{Value, json};

    use crate::{mail::asked_for, world::Kind};

    const PATH: &str = "/auth/forgot-password";
    const HOOK: &str = "on_after_forgot_password";

    rows! {
        "Request a reset: `POST /auth/forgot-password`", |world|

        once r1_an_empty_object("`{}`" => "422") {
            world.client().post(PATH, json!({})).await.expect_faults(json!([["missing", ["body", "email"]]]));
        }
        once r2_an_unknown_email("unknown `email`" => "202, no mail") {
            let email = crate::world::address("unknown");
            let rig = world.rig().await;
            rig.ask_for_mail(PATH, &email).await;
            assert_eq!(rig.journal.count(HOOK, &email), 0);
        }
        once r3_an_inactive_user("inactive user" => "202, no mail") {
            asked_for(world, PATH, HOOK, Kind::Inactive, 0).await;
        }
        once r4_a_known_user("known user" => "202, one mail") {
            asked_for(world, PATH, HOOK, Kind::Verified, 1).await;
            asked_for(world, PATH, HOOK, Kind::Unverified, 1).await;
            let someone = world.someone(Kind::Unverified).await;
            world.client().post(PATH, json!({ "email": someone.email })).await.expect_json(202, Value::Null);
            world.server.mailed_token("forgot", &someone.email, 1);
        }
    }
}

pub(crate) async fn reset(world: &World, token: &str, password: &str) -> Reply {
    world.client().post("/auth/reset-password", json!({ "token": token, "password": password })).await
}

pub(crate) async fn bad(world: &World, token: &str) {
    reset(world, token, NEW).await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
}

/// The token of the first mail that a user requested.
pub(crate) async fn mailed(world: &World, someone: &Someone) -> String {
    world.client().post("/auth/forgot-password", json!({ "email": someone.email })).await.expect(202);
    world.server.mailed_token("forgot", &someone.email, 1)
}

/// A token of any purpose, made with the key of the server.
pub(crate) fn forged<P: Purpose>(claims: &Value) -> String {
    forge::<P>(&Secret::new(SECRET), claims).unwrap().expose().to_owned()
}

/// The claims of a mailed token are changed and signed again; that token must be bad, and one with the unchanged claims good.
async fn bad_after(world: &World, change: impl FnOnce(&mut Value)) {
    let someone = world.someone(Kind::Verified).await;
    let good = claims_of(&mailed(world, &someone).await).unwrap();
    let mut changed = good.clone();
    change(&mut changed);
    bad(world, &forged::<Reset>(&changed)).await;
    reset(world, &forged::<Reset>(&good), NEW).await.expect_json(200, Value::Null);
}

rows! {
    "Reset a password: `POST /auth/reset-password`", |world|

    once r1_an_empty_object("`{}`" => "422") {
        let reply = world.client().post("/auth/reset-password", json!({})).await;
        reply.expect_faults(json!([["missing", ["body", "token"]], ["missing", ["body", "password"]]]));
    }
    once r2_no_token("no `token`" => "422") {
        let reply = world.client().post("/auth/reset-password", json!({ "password": NEW })).await;
        reply.expect_faults(json!([["missing", ["body", "token"]]]));
    }
    once r3_no_password("no `password`" => "422") {
        let reply = world.client().post("/auth/reset-password", json!({ "token": "foo" })).await;
        reply.expect_faults(json!([["missing", ["body", "password"]]]));
    }
    once r4_a_bad_token(
        "invalid token: garbage, another key or purpose, unsigned" => "400 `RESET_PASSWORD_BAD_TOKEN`"
    ) {
        let someone = world.someone(Kind::Verified).await;
        let claims = claims_of(&mailed(world, &someone).await).unwrap();
        let other = forge::<Reset>(&Secret::new("another secret, also long enough now"), &claims).unwrap();
        let unsigned = forge_unsigned::<Reset>(&Secret::new(SECRET), &claims).unwrap();
        for token in ["", "foo", other.expose(), unsigned.expose(), &forged::<Verify>(&claims), &forged::<Access>(&claims)] {
            bad(world, token).await;
        }
        // The token is judged before the password.
        reset(world, "foo", "m").await.expect_detail(400, "RESET_PASSWORD_BAD_TOKEN");
        world.client().logged_in(&someone.email, PASSWORD).await;
    }
    once r5_an_inactive_user("token of an inactive user" => "400 `RESET_PASSWORD_BAD_TOKEN`") {
        let someone = world.someone(Kind::Verified).await;
        let token = mailed(world, &someone).await;
        world.host().root().patch(&someone.path(), json!({ "is_active": false })).await.expect(200);
        bad(world, &token).await;
    }
    once r6_a_password_that_the_policy_refuses(
        "refused password" => "400 `RESET_PASSWORD_INVALID_PASSWORD` with a reason; the token stays valid"
    ) {
        let someone = world.someone(Kind::Verified).await;
        let token = mailed(world, &someone).await;
        let detail = too_short("RESET_PASSWORD_INVALID_PASSWORD");
        reset(world, &token, "m").await.expect_detail(400, detail);
        reset(world, &token, NEW).await.expect(200);
    }
    once r7_a_good_token("the mailed token" => "200 `null`; only the new password works") {
        let someone = world.someone(Kind::Verified).await;
        reset(world, &mailed(world, &someone).await, NEW).await.expect_json(200, Value::Null);
        world.client().login(&someone.email, PASSWORD).await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
        world.client().logged_in(&someone.email, NEW).await;
    }
    once m1_an_expired_token("expired token" => "400 `RESET_PASSWORD_BAD_TOKEN`") {
        bad_after(world, |claims| claims["exp"] = json!(1)).await;
    }
    once m2_no_subject("token without `sub`" => "400 `RESET_PASSWORD_BAD_TOKEN`") {
        bad_after(world, |claims| drop(claims.as_object_mut().unwrap().remove("sub").unwrap())).await;
    }
    once m3_a_subject_that_is_no_id("`sub` that is not an id" => "400 `RESET_PASSWORD_BAD_TOKEN`") {
        bad_after(world, |claims| claims["sub"] = json!("foo")).await;
    }
    once m4_an_unknown_user("unknown `sub`" => "400 `RESET_PASSWORD_BAD_TOKEN`") {
        bad_after(world, |claims| claims["sub"] = json!("01890000-0000-7000-8000-000000000000")).await;
    }
    once m5_a_token_of_an_older_password(
        "the token of an older password, as at its second use" => "400 `RESET_PASSWORD_BAD_TOKEN`";
        "bound to the hash, which a rehash changes too; here to a stamp"
    ) {
        let someone = world.someone(Kind::Verified).await;
        let first = mailed(world, &someone).await;
        world.client().post("/auth/forgot-password", json!({ "email": someone.email })).await.expect(202);
        let second = world.server.mailed_token("forgot", &someone.email, 2);
        reset(world, &second, NEW).await.expect(200);
        for used in [first, second] {
            bad(world, &used).await;
        }
    }
}
