//! The login history on the pages: that of the own account, and that of a user in the administration.

use super::rig::{ADA, ANOTHER, PASSWORD, Rig, Seen, pages, unlimited};
use crate::{engine::LoginHistory, prelude::*};

#[tokio::test]
async fn lh7_the_account_and_the_administration_show_the_latest_logins() {
    let rig = Rig::with(pages(), |engine| unlimited(engine).with(LoginHistory::new()));
    let browser = rig.ada().await;
    let other = rig.browser().peer([198, 51, 100, 9]);
    other.post_form("/account/sign-in", &[("email", ADA), ("password", ANOTHER)]).await.expect(400);
    rig.accounts.engine.settle().await;
    let shown = browser.get("/account").await.expect(200);
    shown.says("Your latest sign-ins").says("change your password").says("Signed in").says("Refused");
    shown.says("198.51.100.9");

    let ada = rig.accounts.get_by_email(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap();
    rig.accounts.set_superuser(&Admin::system("test"), &ada.id, true, &Context::system("test")).await.unwrap();
    let root = rig.browser();
    root.post_form("/account/sign-in", &[("email", ADA), ("password", PASSWORD)]).await.expect(303);
    let user = root.get(&format!("/account/admin/users/{}", ada.id)).await.expect(200);
    user.says("Latest sign-ins").says("198.51.100.9").says_nothing_of("Your latest sign-ins");
}

#[tokio::test]
async fn lh7_without_the_part_no_page_speaks_of_it() {
    let rig = Rig::with(pages(), unlimited);
    rig.ada().await.get("/account").await.expect(200).says_nothing_of("sign-ins");
}
