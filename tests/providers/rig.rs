//! What the tests of sign-in need: a provider as a process of its own, the server with it, and a browser that goes from one to the other.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use usermgr_tests::{Folder, Server, free_port, node, python};

/// Whose provider it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Software {
    /// oidc-provider, which is certified.
    Node,
    /// django-allauth.
    Django,
}

/// A provider that runs, with all access tokens that that of Node has issued.
pub(crate) struct Provider {
    child: Child,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.tokens.lock().unwrap().clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where both listen, and what both share.
pub(crate) struct World {
    pub(crate) folder: Arc<Folder>,
    software: Software,
    /// The folder with the packages of Node, or the program of Python.
    packages: PathBuf,
    provider_port: u16,
    /// Where the server is, as browsers see it.
    pub(crate) site: String,
    /// Where FastAPI Users is, if it is.
    pub(crate) peer: String,
}

impl World {
    /// `None` where the language is missing.
    pub(crate) fn of(software: Software) -> Option<Self> {
        let packages = match software {
            Software::Node => node("no sign-in through oidc-provider")?.join("node_modules"),
            Software::Django => python("no sign-in through django-allauth")?,
        };
        let [site, peer] = [free_port(), free_port()].map(|port| format!("http://127.0.0.1:{port}"));
        Some(Self { folder: Arc::new(Folder::new()), software, packages, provider_port: free_port(), site, peer })
    }

    /// A URL of the server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// The URL of the provider.
    pub(crate) fn provider_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.provider_port)
    }

    /// Starts the provider, with the signing key of this name.
    pub(crate) fn provider(&self, key: &str) -> Provider {
        let script = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("providers").join(name);
        let mut program = match self.software {
            Software::Node => {
                let mut node = Command::new("node");
                node.arg(script("provider.mjs")).arg(&self.packages).arg(self.folder.file(key));
                node
            }
            Software::Django => {
                let mut python = Command::new(&self.packages);
                python.arg(script("allauth_provider.py")).arg(self.folder.path());
                python
            }
        };
        program.arg(self.provider_port.to_string());
        for path in ["/auth/op/callback", "/auth/associate/op/callback"] {
            program.args([self.url(path), format!("{}{path}", self.peer)]);
        }
        let mut child = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (out, tokens) = (child.stdout.take().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (ready, listens) = mpsc::channel();
        let issued = Arc::clone(&tokens);
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // It also says what its settings lack for production.
                if line.starts_with("http") {
                    ready.send(()).unwrap();
                } else if let Some(token) = line.strip_prefix("token ") {
                    issued.lock().unwrap().push(token.to_owned());
                }
            }
        });
        listens.recv_timeout(Duration::from_secs(30)).expect("the provider listens");
        Provider { child, tokens }
    }

    /// Starts FastAPI Users, with this provider under the name `op`, and a client that sends no PKCE challenge.
    pub(crate) fn fastapi_users(&self) -> Option<Server> {
        let folder = Arc::new(Folder::new());
        let mut command = Command::new(python("no sign-in through a provider beside FastAPI Users")?);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/fastapi_users_app.py")).arg("serve").arg("--cheap");
        command.arg("--folder").arg(folder.path()).args(["--listen", self.peer.strip_prefix("http://").unwrap()]);
        command.arg("--oidc").arg(format!("http://127.0.0.1:{},peer,secret-of-the-peer", self.provider_port));
        Some(Server::spawn(folder, command))
    }

    /// Starts the server, with this provider under the name `op`.
    pub(crate) fn server(&self, flags: &[&str]) -> Server {
        let address = self.site.strip_prefix("http://").unwrap();
        // django-allauth takes a secret as it comes, without decoding it.
        let secret = match self.software {
            Software::Node => "the secret of the shop",
            Software::Django => "secret-of-the-shop",
        };
        let oidc = format!("op,{},shop,{secret}", self.provider_url());
        let own = ["--listen", address, "--base-url", &self.site, "--oidc", &oidc, "--oauth-private"];
        Server::start_in(Arc::clone(&self.folder), &[&own[..], &["--cookie-insecure"], flags].concat())
    }
}
