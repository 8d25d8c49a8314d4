//! The application touches jsonwebtoken last, and finds it as if usermgr were not there.

#[tokio::test]
async fn the_application_may_still_choose_after_usermgr_has_signed() {
    apart_jsonwebtoken::use_usermgr().await;
    apart_jsonwebtoken::use_jsonwebtoken();
    apart_jsonwebtoken::use_usermgr().await;
}
