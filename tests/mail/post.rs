//! Mail servers on loopback, and the mails that they have taken.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use usermgr::{Mail, mail::Smtp};
use usermgr_tests::{Folder, eventually, python};

/// A mail that a server has taken.
#[derive(Clone, Deserialize)]
pub(crate) struct Taken {
    /// The server.
    pub(crate) server: String,
    /// The port of the client, which is another one for another connection.
    pub(crate) peer: u16,
    /// The sender in the envelope.
    pub(crate) from: String,
    /// The recipients in the envelope.
    pub(crate) to: Vec<String>,
    pub(crate) tls: bool,
    data: String,
}

impl Taken {
    /// The whole mail.
    pub(crate) fn data(&self) -> String {
        String::from_utf8(STANDARD.decode(&self.data).unwrap()).unwrap()
    }

    /// The value of a header that stands once.
    pub(crate) fn header(&self, name: &str) -> String {
        let data = self.data();
        let head = data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let mut found = head.split("\r\n").filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value = found.next().unwrap_or_else(|| panic!("no {name} in {head}"));
        assert_eq!(found.next(), None, "{name}");
        value.to_owned()
    }

    /// The mail with the encoding of its lines undone, as far as tests need it.
    pub(crate) fn text(&self) -> String {
        self.data().replace("=\r\n", "").replace("=3D", "=")
    }
}

/// All servers, which end with this value.
pub(crate) struct Post {
    child: Child,
    ports: HashMap<String, u16>,
    folder: Folder,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Post {
    /// `None` where Python is missing.
    pub(crate) fn start() -> Option<Self> {
        let folder = Folder::new();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/mail/servers.py");
        let mut command = Command::new(python("no mail is sent over SMTP")?);
        let command = command.arg(script).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ports = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = taken.clone();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Some(Self { child, ports, folder, taken })
    }

    /// The URL of a server without TLS.
    pub(crate) fn url(&self, server: &str) -> String {
        format!("smtp://localhost:{}?tls=none", self.ports[server])
    }

    /// The URL of a server, with another scheme or login before its host.
    pub(crate) fn url_with(&self, before: &str, server: &str) -> String {
        format!("{before}localhost:{}", self.ports[server])
    }

    /// A client of a server without TLS.
    pub(crate) fn smtp(&self, server: &str) -> Smtp {
        client(&self.url(server))
    }

    /// The file of the authority of a certificate, `good` or `other`.
    pub(crate) fn authority(&self, name: &str) -> Vec<u8> {
        fs::read(self.authority_file(name)).unwrap()
    }

    pub(crate) fn authority_file(&self, name: &str) -> std::path::PathBuf {
        self.folder.file(&format!("{name}-ca.pem"))
    }

    /// The mails to an address, in their order.
    pub(crate) fn to(&self, address: &str) -> Vec<Taken> {
        let taken = self.taken.lock().unwrap();
        taken.iter().filter(|mail| mail.to.iter().any(|to| to == address)).cloned().collect()
    }

    /// The mails to an address, as soon as there are so many.
    pub(crate) fn wait(&self, address: &str, count: usize) -> Vec<Taken> {
        eventually(&format!("{count} mails to {address}"), || Some(self.to(address)).filter(|all| all.len() >= count))
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn client(url: &str) -> Smtp {
    Smtp::new(url, "Shop & Söhne <accounts@shop.example>").unwrap().per_second(1000)
}

pub(crate) fn mail(to: &str) -> Mail {
    let to = usermgr::EmailAddress::from_stored(to);
    Mail::to(&to).subject("Hello").text("Hello!\r\n.\r\nQUIT\r\n").html("<p>Hello!</p>")
}
