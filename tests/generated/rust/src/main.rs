//! What the client of openapi-generator's rust does over a running server. The test puts the modules `apis` and `models` beside this file.

mod apis;
mod models;

use apis::{
    auth_api::{
        auth_cookie_login_auth_cookie_login_post as open_by_cookie, auth_jwt_login_auth_jwt_login_post as log_in,
        auth_jwt_logout_auth_jwt_logout_post as log_out, auth_jwt_refresh_auth_jwt_refresh_post as refresh,
        register_register_auth_register_post as register, reset_forgot_password_auth_forgot_password_post as forgot,
    },
    configuration::Configuration,
    users_api::{
        users_current_user_users_me_get as me, users_list_sessions_users_me_sessions_get as sessions,
        users_patch_current_user_users_me_patch as patch_me,
    },
    Error,
};
use models::{BodyResetForgotPasswordAuthForgotPasswordPost, UserCreate, UserUpdateMe};

const EMAIL: &str = "rust@example.com";
const NEXT: &str = "rust.next@example.com";
const PASSWORD: &str = "correct horse battery";

/// The status and the body of a refusal.
fn refused<T: std::fmt::Debug, E: std::fmt::Debug>(outcome: Result<T, Error<E>>) -> (u16, String) {
    match outcome {
        Err(Error::ResponseError(response)) => (response.status.as_u16(), response.content),
        other => panic!("it was not refused: {other:?}"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base_path = std::env::args().nth(1).expect("an address");
    let mut client = Configuration { base_path, ..Configuration::new() };

    let user = register(&client, UserCreate::new(EMAIL.into(), PASSWORD.into())).await?;
    assert!(user.email == EMAIL && !user.is_superuser, "{user:?}");
    let (status, body) = refused(log_in(&client, "wrong", EMAIL, None, None, None, None).await);
    assert!(status == 400 && body.contains("LOGIN_BAD_CREDENTIALS"), "{status} {body}");
    let pair = log_in(&client, PASSWORD, EMAIL, None, None, None, None).await?;
    assert_eq!(pair.expires_in, Some(3600));
    let next = refresh(&client, &pair.refresh_token.expect("a pair"), None).await?;
    assert_ne!(next.access_token, pair.access_token);

    client.oauth_access_token = Some(next.access_token);
    assert_eq!(me(&client).await?.id, user.id);
    assert!(sessions(&client, None, None).await?.iter().all(|session| session.is_current));
    let patch = UserUpdateMe { email: Some(NEXT.into()), ..UserUpdateMe::new() };
    assert_eq!(patch_me(&client, patch).await?.email, NEXT);
    forgot(&client, BodyResetForgotPasswordAuthForgotPasswordPost::new(EMAIL.into())).await?;
    log_out(&client).await?;
    assert_eq!(refused(me(&client).await).0, 401);

    // The client has no place for a cookie, neither of the answer nor of a request.
    client.oauth_access_token = None;
    open_by_cookie(&client, PASSWORD, NEXT, None, None, None, None).await?;
    println!("done");
    Ok(())
}
