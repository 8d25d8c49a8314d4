//! The application touches jsonwebtoken first.

#[tokio::test]
async fn usermgr_works_after_the_application_has_used_jsonwebtoken() {
    apart_jsonwebtoken::use_jsonwebtoken();
    apart_jsonwebtoken::use_usermgr().await;
}
