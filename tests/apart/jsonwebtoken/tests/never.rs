//! The application has jsonwebtoken among its dependencies and never touches it.

#[tokio::test]
async fn usermgr_works_alone_with_both_libraries_there() {
    apart_jsonwebtoken::use_usermgr().await;
}
