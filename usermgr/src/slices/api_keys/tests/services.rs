//! Accounts of programs.

use super::rig::{PASSWORD, Rig};
use crate::{
    LoginError, RegisterError, ResetError, api_keys::ApiKeyError, mail_login::MailLogin, prelude::*, session::Amr,
    token::Reset, user::AdminUpdate,
};

fn cx() -> Context {
    Context::system("test")
}

#[tokio::test]
async fn a_service_account_owns_keys_and_is_listed_as_others() {
    let rig = Rig::new();
    let admin = Admin::system("test");
    let robot = rig.accounts.create_service_account(&admin, "nightly-report", NoProfile, &cx()).await.unwrap();
    assert_eq!(robot.email.as_str(), "nightly-report@service.invalid");
    assert!(robot.is_service_account() && robot.is_verified && !robot.is_superuser);
    let new = || NewApiKey::new(["orders:read"]).label("report");
    let made = rig.accounts.create_service_api_key(&admin, &robot.id, new(), &cx()).await.unwrap();
    assert_eq!(rig.accounts.api_keys(&robot, &cx()).await.unwrap(), [made.info]);
    let who = rig.program(made.key.expose()).get("/orders").await.expect(200);
    assert_eq!(who.json["email"], "nightly-report@service.invalid");

    let refund = rig.accounts.create_service_api_key(&admin, &robot.id, NewApiKey::new(["refund"]), &cx()).await;
    assert!(matches!(refund, Err(ApiKeyError::ScopeNotAllowed)), "{refund:?}");
    // No one makes a key for a person.
    let (ada, _) = rig.ada().await;
    let person = rig.accounts.create_service_api_key(&admin, &ada.id, new(), &cx()).await;
    assert!(matches!(person, Err(ApiKeyError::NoServiceAccount)), "{person:?}");
    let nobody = rig.accounts.create_service_api_key(&admin, &uuid::Uuid::nil(), new(), &cx()).await;
    assert!(matches!(nobody, Err(ApiKeyError::NotFound)), "{nobody:?}");

    rig.accounts.set_active(&admin, &robot.id, false, &cx()).await.unwrap();
    rig.program(made.key.expose()).get("/orders").await.expect(401);
}

#[tokio::test]
async fn a_service_account_has_a_name_and_its_address_is_no_one_elses() {
    let rig = Rig::new();
    let admin = Admin::system("test");
    for name in ["", "a b", "a@b", "a..b", "x".repeat(65).as_str()] {
        let refused = rig.accounts.create_service_account(&admin, name, NoProfile, &cx()).await;
        assert!(matches!(refused, Err(RegisterError::InvalidEmail(_))), "{name} {refused:?}");
    }
    rig.accounts.create_service_account(&admin, "ci", NoProfile, &cx()).await.unwrap();
    let twice = rig.accounts.create_service_account(&admin, "CI", NoProfile, &cx()).await;
    assert!(matches!(twice, Err(RegisterError::AlreadyExists)), "{twice:?}");
    // Whatever an application allows, no one registers there.
    let rules = crate::user::EmailRules::new().allow_domain("invalid").allow_domain("service.invalid");
    assert_eq!(rules.parse("eve@service.invalid").unwrap_err().code(), "domain_reserved");
    assert!(rules.parse("eve@other.invalid").is_ok());
    assert!(!EmailAddress::from_stored("a@myservice.invalid").is_of_service());
    assert!(EmailAddress::from_stored("a@SERVICE.invalid").is_of_service());
}

#[tokio::test]
async fn a_service_account_never_logs_in_and_gets_no_mail() {
    let rig = Rig::with(ApiKeys::new("shop"), |engine| engine.with(MailLogin::new()));
    let (accounts, admin) = (&rig.accounts, Admin::system("test"));
    let robot = accounts.create_service_account(&admin, "ci", NoProfile, &cx()).await.unwrap();
    let update = AdminUpdate::default().password(PASSWORD);
    accounts.update_user(&admin, &robot.id, update, &cx()).await.unwrap();
    let login = accounts.login(Credentials::new("ci@service.invalid", PASSWORD), "bearer", &cx()).await;
    assert!(matches!(login, Err(LoginError::BadCredentials)), "{login:?}");
    let signed = accounts.sign_in(&robot, Amr::PASSWORD, "bearer", &cx()).await;
    assert!(matches!(signed, Err(LoginError::BadCredentials)), "{signed:?}");
    let reset = accounts.forgot_password(&robot, &cx()).await;
    assert!(matches!(reset, Err(ResetError::Inactive)), "{reset:?}");
    accounts.request_reset_for(&robot.email, &cx()).await.unwrap();
    accounts.request_login(&robot.email, &cx()).await.unwrap();
    accounts.engine.settle().await;
    assert!(rig.probe.token::<Reset>("ci@service.invalid").is_none());
    let new = NewApiKey::new(["orders:read"]);
    accounts.create_service_api_key(&admin, &robot.id, new, &cx()).await.unwrap();
    accounts.engine.settle().await;
    assert_eq!(*rig.post.0.lock().unwrap(), []);
}
