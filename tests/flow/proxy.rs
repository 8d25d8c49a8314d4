//! The nginx block of the guide in front of the server.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::Method;
use usermgr_tests::{eventually, free_port, skip};

use super::*;

/// An nginx that runs, with the block of the guide's page on deploying.
struct Nginx {
    child: Child,
    plain: String,
    front: String,
}

impl Nginx {
    /// Starts one in the folder of a server, or notes that it is not installed.
    fn start(server: &Server) -> Option<Self> {
        if Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_err() {
            skip("the nginx block of the guide: nginx is not installed");
            return None;
        }
        let (folder, page) = (server.folder(), include_str!("../../usermgr/docs/deploying.md"));
        let (_, block) = page.split_once("\n```nginx\n").unwrap();
        let (block, _) = block.split_once("```").unwrap();
        certify(folder.path());
        let [plain, front] = [(), ()].map(|()| format!("127.0.0.1:{}", free_port()));
        let mut config = block.to_owned();
        for (shown, here) in [
            ("listen 80;", format!("listen {plain};")),
            ("/etc/ssl/notes.example.pem", folder.file("front.pem").display().to_string()),
            ("/etc/ssl/notes.example.key", folder.file("front.key").display().to_string()),
            ("http://127.0.0.1:8000", server.address().to_owned()),
            // The client of the tests speaks no TLS. The certificate is read all the same.
            ("listen 443 ssl;", format!("listen {front};")),
        ] {
            assert!(config.contains(shown), "the guide has no {shown}");
            config = config.replace(shown, &here);
        }
        // Where Debian's nginx keeps bodies may belong to another user.
        let kept =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path kept_{kind};\n"));
        let config = format!(
            "daemon off;\nmaster_process off;\npid pid;\nevents {{}}\nhttp {{\naccess_log off;\n{}{config}}}\n",
            kept.concat()
        );
        fs::write(folder.file("nginx.conf"), config).unwrap();
        let nginx = || {
            let mut nginx = Command::new("nginx");
            nginx.arg("-p").arg(folder.path()).args(["-e", "nginx.log", "-c", "nginx.conf"]);
            nginx
        };
        let checked = nginx().arg("-t").output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let child = nginx().stdin(Stdio::null()).spawn().unwrap();
        eventually("nginx listens", || std::net::TcpStream::connect(&front).ok());
        Some(Self { child, plain: format!("http://{plain}"), front: format!("http://{front}") })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A certificate and its key.
fn certify(folder: &Path) {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    command.args(["-subj", "/CN=notes.example", "-keyout", "front.key", "-out", "front.pem"]);
    let made = command.current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[tokio::test]
async fn behind_the_nginx_of_the_guide_the_server_knows_its_host_and_its_clients() {
    let server = Server::start(&["--trusted-proxies=1"]);
    let Some(nginx) = Nginx::start(&server) else { return };
    let (plain, client) = (Client::new(&nginx.plain), Client::new(&nginx.front));
    let ask = |client: &Client, method, path| client.request(method, path).header("host", "notes.example");

    let moved = plain.send(ask(&plain, Method::GET, "/users/me?a=b")).await.expect(301);
    assert_eq!(moved.header("location"), Some("https://notes.example/users/me?a=b"));

    client.register("ada@example.com", PASSWORD).await.expect(201);
    let login = ask(&client, Method::POST, "/auth/cookie/login").header("origin", "https://notes.example");
    // An address that a client makes up stands before the one that the proxy has seen.
    let login = login.header("x-forwarded-for", "203.0.113.9");
    let reply = client.send(login.form(&[("username", "ada@example.com"), ("password", PASSWORD)])).await.expect(204);
    assert_eq!(reply.header("strict-transport-security"), Some("max-age=31536000"));

    let ada = client.with_cookie(reply.cookie());
    for (origin, status) in [("https://notes.example", 200), ("https://evil.example", 403)] {
        let change = ask(&ada, Method::PATCH, "/users/me").header("origin", origin).json(&json!({}));
        ada.send(change).await.expect(status);
    }
    let sessions = ada.get("/users/me/sessions").await.expect(200);
    assert!(
        sessions.text.contains(r#""ip":"127.0.0.1""#) && !sessions.text.contains("203.0.113.9"),
        "{}",
        sessions.text
    );
}
