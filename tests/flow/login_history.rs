//! The login history over processes and both frameworks.

use std::time::Duration;

use serde_json::{Value, json};
use usermgr_tests::{PASSWORD, Server};

#[tokio::test]
async fn lh1_a_user_sees_their_logins_and_a_stranger_leaves_them_a_row_over_both_frameworks() {
    for framework in ["axum", "actix"] {
        let server = Server::start(&["--login-history", "--framework", framework]);
        let body = json!({ "email": "ada@example.com", "password": PASSWORD });
        server.client().post("/auth/register", body).await.expect(201);
        for stranger in ["ada@example.com", "unknown@example.com"] {
            server.client().login(stranger, "wrong horse battery").await.expect_detail(400, "LOGIN_BAD_CREDENTIALS");
        }
        let token = server.client().login("ada@example.com", PASSWORD).await.expect(200).token();
        let ada = server.client().with_token(token);
        // A row is written behind the answer.
        let mut rows = Vec::new();
        for _ in 0..100 {
            rows = match ada.get("/users/me/logins").await.expect(200).json() {
                Value::Array(rows) => rows,
                other => panic!("{other}"),
            };
            if rows.len() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let shown: Vec<_> = rows.iter().map(|row| (row["outcome"].as_str(), row["ip"].as_str())).collect();
        assert_eq!(
            shown,
            [(Some("logged_in"), Some("127.0.0.1")), (Some("refused"), Some("127.0.0.1"))],
            "{framework}"
        );
        assert_eq!((&rows[0]["methods"], &rows[1]["reason"]), (&json!(["pwd"]), &json!("wrong password")));
    }
    let without = Server::start(&[]);
    without.client().get("/users/me/logins").await.expect(404);
}
