//! The provider as a process, the person there, and a browser at the server.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use reqwest::{Method, header};
use usermgr_tests::{Folder, PASSWORD, Reply, Server, node};

/// Where the server says that it is; only the paths of callbacks count here.
pub(crate) const BASE: &str = "http://localhost:4000";
/// The secret of the client: both halves of a Basic header are encoded as a form is.
pub(crate) const SECRET: &str = "a secret: 100% of the shop+its client";

/// oidc-provider as a process.
pub(crate) struct Provider {
    child: Option<Child>,
    issuer: String,
    scripts: PathBuf,
    folder: Folder,
}

impl Provider {
    /// Starts it on a free port; `None` without Node.
    pub(crate) fn start(without: &str) -> Option<Self> {
        let node = node(without)?;
        // A script finds its packages from where it is.
        let scripts = node.join("providers");
        fs::create_dir_all(&scripts).unwrap();
        for script in ["provider.mjs", "person.mjs"] {
            let text = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("providers").join(script)).unwrap();
            // Other tests may run it at this moment.
            if fs::read(scripts.join(script)).ok().as_ref() != Some(&text) {
                fs::write(scripts.join(script), text).unwrap();
            }
        }
        let mut provider = Self { child: None, issuer: String::new(), scripts, folder: Folder::new() };
        provider.serve("0");
        Some(provider)
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.scripts.join(name));
        command
    }

    fn serve(&mut self, port: &str) {
        let mut serve = self.script("provider.mjs");
        serve.arg(port).arg(self.folder.file("tokens.txt"));
        serve.args([format!("{BASE}/auth/corp/callback"), format!("{BASE}/auth/associate/corp/callback")]);
        let mut child =
            serve.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Node starts");
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        // It would fail at a closed pipe.
        std::thread::spawn(move || io::copy(&mut said, &mut io::sink()));
        line.trim().clone_into(&mut self.issuer);
        assert!(self.issuer.starts_with("http://"), "the provider does not listen");
        self.child = Some(child);
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A server whose only provider it is.
    pub(crate) fn server(&self, flags: &[&str]) -> Server {
        let oidc = format!("corp,{},shop,{SECRET}", self.issuer);
        let own = ["--base-url", BASE, "--oidc", oidc.as_str(), "--oauth-private"];
        Server::start(&[&own[..], flags].concat())
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// The same issuer again, with new keys.
    pub(crate) fn restart(&mut self) {
        let port = self.issuer.rsplit(':').next().unwrap().to_owned();
        self.serve(&port);
    }

    /// All tokens that it has given out.
    pub(crate) fn tokens(&self) -> Vec<String> {
        fs::read_to_string(self.folder.file("tokens.txt")).unwrap().lines().map(str::to_owned).collect()
    }

    /// A person logs in there and agrees: the path of the callback.
    pub(crate) async fn agreed(&self, url: &str, login: &str) -> String {
        self.person(&[url, login]).await
    }

    /// A person says no there.
    pub(crate) async fn denied(&self, url: &str) -> String {
        self.person(&[url, "ada", "deny"]).await
    }

    async fn person(&self, words: &[&str]) -> String {
        let mut person = self.script("person.mjs");
        person.args(words);
        let output = tokio::task::spawn_blocking(move || person.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let path = said.trim().strip_prefix(BASE).map(str::to_owned);
        path.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A browser: it keeps cookies, and the token of a login.
#[derive(Clone)]
pub(crate) struct Browser {
    client: usermgr_tests::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(server: &Server) -> Self {
        Self { client: server.client(), cookies: BTreeMap::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.request(Method::GET, path).await
    }

    pub(crate) async fn request(&mut self, method: Method, path: &str) -> Reply {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.request(method, path);
        let request = if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) };
        let reply = self.client.send(request).await;
        self.keep(&reply);
        reply
    }

    fn keep(&mut self, reply: &Reply) {
        for line in reply.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value.trim_matches('"') {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        if reply.status == 200
            && let Ok(body) = serde_json::from_str::<serde_json::Value>(&reply.text)
            && let Some(token) = body["access_token"].as_str()
        {
            self.client = self.client.with_token(token);
        }
    }

    pub(crate) async fn log_in(&mut self, backend: &str, email: &str) -> Reply {
        let fields = [("username", email), ("password", PASSWORD)];
        let reply = self.client.form(&format!("/auth/{backend}/login"), &fields).await;
        self.keep(&reply);
        reply
    }

    /// Begins a sign-in or a link: the URL at the provider.
    pub(crate) async fn begin(&mut self, path: &str) -> String {
        let begun = self.get(path).await.expect(200).json();
        begun["authorization_url"].as_str().unwrap().to_owned()
    }

    /// Begins, and a person agrees at the provider: the path of the callback.
    pub(crate) async fn callback(&mut self, path: &str, provider: &Provider, login: &str) -> String {
        let url = self.begin(path).await;
        provider.agreed(&url, login).await
    }

    /// The paths of the user's identities.
    pub(crate) async fn identities(&mut self) -> Vec<String> {
        let listed = self.get("/users/me/identities").await.expect(200).json();
        let rows = listed.as_array().unwrap();
        rows.iter().map(|row| format!("/users/me/identities/{}", row["id"].as_str().unwrap())).collect()
    }
}
