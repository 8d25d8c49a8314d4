//! The application has forgotten to choose a library, and fails.

#[tokio::test]
async fn usermgr_works_where_the_application_does_not() {
    apart_jsonwebtoken::misuse_jsonwebtoken();
    apart_jsonwebtoken::use_usermgr().await;
    apart_jsonwebtoken::misuse_jsonwebtoken();
}
