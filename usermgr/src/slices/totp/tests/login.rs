//! The second step of a login.

use std::sync::Arc;

use super::rig::{EMAIL, PASSWORD, Rig, secrets};
use crate::{
    LoginError,
    audit::EventKind,
    engine::Proof,
    limits::Limit,
    prelude::*,
    store::{Credential, CredentialKind, CredentialStore},
};

#[tokio::test]
async fn mf1_a_password_alone_is_no_login_and_no_gate_or_hook_learns_of_it() {
    let rig = Rig::new();
    let (_, app, _) = rig.with_app().await;
    let pending = rig.pending(EMAIL).await;
    assert_eq!(rig.heard(), [""; 0]);
    let client = rig.bearing(&rig.answer(&pending, "code", &app.code()).await);
    assert_eq!(rig.heard(), ["gate"]);
    let me = client.get("/users/me/sessions").await.expect(200);
    assert_eq!(me.json[0]["amr"], serde_json::json!(["mfa", "otp", "pwd"]));

    // An application that makes its own session does not go round it either.
    let typed = || Credentials::new(EMAIL, PASSWORD);
    let cx = Context::default();
    let refused = rig.accounts.authenticate(typed(), &cx).await;
    let Err(LoginError::SecondFactorRequired(pending)) = refused else { panic!("{refused:?}") };
    rig.later(30);
    let proof = Proof::new(CredentialKind::new("totp"), app.code());
    assert_eq!(rig.accounts.finish_authentication(&pending.token, &proof, &cx).await.unwrap().email.as_str(), EMAIL);
}

#[tokio::test]
async fn mf2_a_pending_login_opens_nothing_and_ends_with_its_time_its_backend_and_its_stamp() {
    let rig = Rig::new();
    let (client, app, _) = rig.with_app().await;
    let user = client.get("/users/me").await.expect(200).json["id"].as_str().unwrap().parse().unwrap();

    let pending = rig.pending(EMAIL).await;
    for path in ["/users/me", "/users/me/factors", "/users/me/sessions"] {
        rig.client().with_token(pending.as_str()).get(path).await.expect(401);
    }
    for backend in ["other", "cookie"] {
        let reply = rig.answer_at(backend, &pending, "code", &app.code()).await.expect(400);
        assert_eq!(reply.json["detail"], "LOGIN_NOT_PENDING");
    }
    // It is a login through its own backend, once.
    rig.answer(&pending, "code", &app.code()).await.expect(200);
    rig.later(30);
    let reply = rig.answer(&pending, "code", &app.code()).await.expect(400);
    assert_eq!(reply.json["detail"], "LOGIN_NOT_PENDING");

    for (seconds, expected) in [(299, 200), (300, 400)] {
        let pending = rig.pending(EMAIL).await;
        rig.later(seconds);
        rig.answer(&pending, "code", &app.code()).await.expect(expected);
    }

    // A new password, a lock and a deletion end it.
    let admin = Admin::system("test");
    for what in ["reset", "lock", "delete"] {
        rig.later(30);
        let pending = rig.pending(EMAIL).await;
        match what {
            "reset" => {
                rig.accounts
                    .request_reset_for(&EmailAddress::parse(EMAIL).unwrap(), &Context::default())
                    .await
                    .unwrap();
                rig.accounts.engine.settle().await;
                let token = ResetToken::from(rig.heard().pop().unwrap());
                rig.accounts.reset_password(&token, PASSWORD.into(), &Context::default()).await.unwrap();
            }
            "lock" => {
                rig.accounts.set_active(&admin, &user, false, &Context::default()).await.unwrap();
            }
            _ => {
                rig.accounts.set_active(&admin, &user, true, &Context::default()).await.unwrap();
                rig.accounts.delete_user(&admin, &user, &Context::default()).await.unwrap();
            }
        }
        let reply = rig.answer(&pending, "code", &app.code()).await.expect(400);
        assert_eq!(reply.json["detail"], "LOGIN_NOT_PENDING", "{what}");
        if what == "lock" {
            rig.accounts.set_active(&admin, &user, true, &Context::default()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn mf3_a_code_is_used_once_and_none_before_it_is_good() {
    let rig = Rig::new();
    let (_, app, _) = rig.with_app().await;
    let code = app.code();
    let both = [rig.pending(EMAIL).await, rig.pending(EMAIL).await, rig.pending(EMAIL).await];
    rig.answer(&both[0], "code", &code).await.expect(200);
    for code in [code, app.code_in(-1)] {
        let reply = rig.answer(&both[1], "code", &code).await.expect(400);
        assert_eq!(reply.json["detail"], "LOGIN_BAD_SECOND_FACTOR");
    }
    rig.answer(&both[2], "code", &app.code_in(1)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn mf3_of_many_equal_answers_at_once_one_logs_in() {
    let rig = Arc::new(Rig::new());
    let (_, app, _) = rig.with_app().await;
    let mut pending = Vec::new();
    for _ in 0..16 {
        pending.push(rig.pending(EMAIL).await);
    }
    let answers = pending.into_iter().map(|pending| {
        let (rig, code) = (rig.clone(), app.code());
        tokio::spawn(async move { rig.answer(&pending, "code", &code).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for answer in answers.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 15]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn mf6_five_answers_are_judged_for_one_pending_login_and_the_first_failure_is_reported() {
    let rig = Arc::new(Rig::new());
    let (_, app, _) = rig.with_app().await;
    let pending = rig.pending(EMAIL).await;
    let answers = (0..64).map(|_| {
        let (rig, pending, wrong) = (rig.clone(), pending.clone(), app.wrong());
        tokio::spawn(async move { rig.answer(&pending, "code", &wrong).await.json["detail"].clone() })
    });
    let mut details = Vec::new();
    for answer in answers.collect::<Vec<_>>() {
        details.push(answer.await.unwrap());
    }
    let judged = details.iter().filter(|detail| *detail == "LOGIN_BAD_SECOND_FACTOR").count();
    assert_eq!((judged, details.len()), (5, 64));
    let reply = rig.answer(&pending, "code", &app.code()).await.expect(400);
    assert_eq!(reply.json["detail"], "LOGIN_NOT_PENDING");
    assert_eq!(rig.heard(), ["failed"]);
}

#[tokio::test]
async fn mf6_wrong_answers_count_for_the_user_across_pending_logins_and_a_right_one_forgets_them() {
    let rig = Rig::with(|engine| {
        engine.limits(crate::Limits::default().wrong_passwords_per_account_and_network(Limit::new(10)))
    });
    let (_, app, _) = rig.with_app().await;
    // A right password does not forget wrong second factors.
    let wrong_ones = async |count: usize| {
        for at in 0..count {
            let pending = rig.pending(EMAIL).await;
            let reply = rig.answer(&pending, "code", &app.wrong()).await;
            assert_eq!(reply.json["detail"], "LOGIN_BAD_SECOND_FACTOR", "{at}");
        }
    };
    wrong_ones(9).await;
    rig.log_in(&app).await;
    wrong_ones(10).await;
    let pending = rig.pending(EMAIL).await;
    let reply = rig.answer(&pending, "code", &app.code_in(1)).await.expect(429);
    assert_eq!(reply.json["detail"], "TOO_MANY_REQUESTS");
    // The delay does not end with a reset of the password.
    rig.accounts.request_reset_for(&EmailAddress::parse(EMAIL).unwrap(), &Context::default()).await.unwrap();
    rig.accounts.engine.settle().await;
    let token = ResetToken::from(rig.heard().pop().unwrap());
    rig.accounts.reset_password(&token, PASSWORD.into(), &Context::default()).await.unwrap();
    let pending = rig.pending(EMAIL).await;
    rig.answer(&pending, "code", &app.code_in(1)).await.expect(429);
}

#[tokio::test]
async fn mf11_a_reset_leaves_the_factor_and_asks_for_it() {
    let rig = Rig::new();
    let (_, app, _) = rig.with_app().await;
    rig.accounts.request_reset_for(&EmailAddress::parse(EMAIL).unwrap(), &Context::default()).await.unwrap();
    rig.accounts.engine.settle().await;
    let token = ResetToken::from(rig.heard().pop().unwrap());
    rig.accounts.reset_password(&token, PASSWORD.into(), &Context::default()).await.unwrap();
    rig.log_in(&app).await.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn d1_no_row_has_the_secret_and_that_of_another_row_does_not_open() {
    let rig = Rig::new();
    let (_, app, codes) = rig.with_app().await;
    let bob = rig.logged_in("bob@example.com").await;
    let (other, _) = rig.add_app(&bob).await;
    let rows = rig.store.list_credentials(None, 100).await.unwrap();
    for row in &rows {
        for secret in app.in_clear().into_iter().chain(other.in_clear()).chain(codes.clone()) {
            assert!(!row.data.contains(&secret) && !row.data.contains(&secret.replace('-', "")), "{}", row.kind);
        }
    }
    // The rows change places: neither opens, and that is a fault and no wrong code.
    let totp: Vec<_> = rows.into_iter().filter(|row| row.kind.as_str() == "totp").collect();
    for (row, from) in [(&totp[0], &totp[1]), (&totp[1], &totp[0])] {
        let moved = Credential { data: from.data.clone(), ..row.clone() };
        assert!(rig.store.swap_credential(&moved).await.unwrap());
    }
    rig.later(30);
    let pending = rig.pending(EMAIL).await;
    for code in [app.code(), other.code()] {
        rig.answer(&pending, "code", &code).await.expect(500);
    }
    assert_eq!(rig.probe.count(EventKind::SealUnreadable), 2);
}

#[tokio::test]
async fn d2_a_key_that_is_gone_is_a_fault_and_a_previous_one_opens() {
    let (one, two) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let first = Rig::new();
    let (_, app, codes) = first.with_app().await;

    let gone = Rig::over(first.store.clone(), secrets(two), |engine| engine);
    gone.clock.set(crate::clock::Clock::now(&first.clock));
    let pending = gone.pending(EMAIL).await;
    gone.answer(&pending, "code", &app.code()).await.expect(500);
    assert_eq!(gone.probe.count(EventKind::SealUnreadable), 1);

    let both = SecretSet { current: Secret::new(two), previous: vec![Secret::new(one)] };
    let rotated = Rig::over(first.store.clone(), both, |engine| engine);
    rotated.clock.set(crate::clock::Clock::now(&first.clock));
    for (field, answer) in [("code", app.code()), ("recovery_code", codes[0].clone())] {
        let pending = rotated.pending(EMAIL).await;
        rotated.answer(&pending, field, &answer).await.expect(200);
    }
}

#[tokio::test]
async fn a_body_has_one_answer() {
    let rig = Rig::new();
    let (_, app, codes) = rig.with_app().await;
    let pending = rig.pending(EMAIL).await;
    let send = async |body| rig.client().post("/auth/bearer/login/second-factor", body).await;
    send(serde_json::json!({ "pending_token": pending })).await.expect(422);
    send(serde_json::json!({ "code": app.code() })).await.expect(422);
    let both = serde_json::json!({ "pending_token": pending, "code": app.code(), "recovery_code": codes[0] });
    send(both).await.expect(422);
    // The name of the factor may be given instead of its field, and a form will do.
    let fields = [("pending_token", pending.as_str()), ("factor", "totp"), ("answer", &app.code())];
    rig.client().post_form("/auth/bearer/login/second-factor", &fields).await.expect(200);
}

#[tokio::test]
async fn users_without_a_factor_see_nothing_new() {
    let rig = Rig::new();
    let client = rig.logged_in(EMAIL).await;
    let sessions = client.get("/users/me/sessions").await.expect(200);
    assert!(sessions.json[0].get("amr").is_none());
    assert_eq!(client.get("/users/me/factors").await.expect(200).json, serde_json::json!([]));
}

#[tokio::test]
async fn l14_a_login_in_two_steps_without_a_password_makes_its_network_known() {
    let rig = Rig::with(|engine| engine);
    let (_, app, _) = rig.with_app().await;
    let at = |network: [u8; 4]| Context::default().ip(network.into());
    let home = at([192, 0, 2, 1]);
    let user = rig.accounts.get_by_email(&EmailAddress::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let begun = rig.accounts.sign_in(&user, crate::session::Method::new("test:door").into(), "bearer", &home).await;
    let Err(LoginError::SecondFactorRequired(pending)) = begun else { panic!("{begun:?}") };
    let proof = Proof::new(CredentialKind::new("totp"), app.code());
    rig.accounts.finish_login(&pending.token, &proof, "bearer", &home).await.unwrap();
    let login =
        async |cx: &Context, password: &str| rig.accounts.login(Credentials::new(EMAIL, password), "bearer", cx).await;
    for network in 0..50 {
        let wrong = login(&at([10, 0, 0, network]), "wrong").await;
        assert!(matches!(wrong, Err(LoginError::BadCredentials)), "{network}: {wrong:?}");
    }
    let locked = login(&at([10, 0, 1, 0]), PASSWORD).await;
    assert!(matches!(locked, Err(LoginError::Fault(crate::Fault::Limited { .. }))), "{locked:?}");
    let owners = login(&home, PASSWORD).await;
    assert!(matches!(owners, Err(LoginError::SecondFactorRequired(_))), "{owners:?}");
}
