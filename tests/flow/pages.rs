//! The pages of the server: they are there when they are asked for, and look as the options say.

use usermgr_tests::{PASSWORD, Server};

#[tokio::test]
async fn pages_are_served_when_they_are_asked_for() {
    let flags = ["--pages", "on", "--brand-name", "Shop & Co", "--min-password", "20", "--language", "de"];
    let server = Server::start(&flags);
    let client = server.client();
    let page = client.get("/account/sign-up").await.expect(200).text;
    for said in ["<html lang=\"de\"", "Shop &amp; Co", "Mindestens 20 Zeichen"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // The page asks the route, which writes the mails of this server and counts its limits.
    client.form("/account/sign-up", &[("email", "ada@example.com"), ("password", PASSWORD)]).await.expect(303);
    server.mail("register", "ada@example.com", 1);

    let server = Server::start(&[]);
    for path in ["/account", "/account/sign-in", "/account/admin", "/.well-known/change-password"] {
        server.client().get(path).await.expect_detail(404, "Not Found");
    }
}
