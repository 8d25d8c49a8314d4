//! A dependency under another name.

use apart_renamed::{Accounts, CustomerRegister, CustomerUpdate};
use um::{RegisterError, prelude::*};

#[tokio::test]
async fn a_renamed_dependency_works_with_all_that_the_macros_write() {
    let (accounts, cx) = (Accounts::new(), Context::system("test"));
    accounts.check().unwrap();
    let register = |name: &str, password: &str| {
        Register::with_profile("ada@example.com", password, CustomerRegister { name: name.into(), nickname: None })
    };
    let refused = accounts.register(register("Ada", "short"), &cx).await;
    assert!(matches!(refused, Err(RegisterError::InvalidPassword(reason)) if reason.reason() == "twelve, please"));
    let refused = accounts.register(register("", "correct horse battery"), &cx).await;
    assert!(matches!(refused, Err(RegisterError::Rejected(no)) if no.code() == "NAME_REQUIRED"));
    let user = accounts.register(register("Ada", "correct horse battery"), &cx).await.unwrap();
    assert_eq!((user.profile.name.as_str(), user.profile.credits), ("Ada", 0));
    let profile = CustomerUpdate { name: None, nickname: Some(Some("Countess".into())) };
    let update = UpdateMe::with_profile(profile);
    let user = accounts.update(&user, update, &cx).await.unwrap();
    assert_eq!(user.profile.nickname.as_deref(), Some("Countess"));
    let credentials = Credentials::new("ada@example.com", "correct horse battery");
    let login = accounts.login(credentials, "app", &cx).await.unwrap();
    assert!(accounts.identify("app", login.token.expose()).await.unwrap().is_some());
}
