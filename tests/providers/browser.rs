//! A browser: it keeps cookies for each site, follows redirects, and fills in the forms of the provider.

use std::{collections::BTreeMap, mem};

use reqwest::{Method, RequestBuilder, header};
use usermgr_tests::{Client, Reply};

/// A browser in which one person sits.
#[derive(Clone)]
pub(crate) struct Browser {
    /// The name that this person gives to the provider. A person without one says no.
    name: Option<&'static str>,
    /// By origin and name.
    cookies: BTreeMap<(String, String), String>,
    /// The URL to which the answer was given that was read last.
    pub(crate) url: String,
}

impl Browser {
    pub(crate) fn of(name: &'static str) -> Self {
        Self { name: Some(name), cookies: BTreeMap::new(), url: String::new() }
    }

    /// The browser of a person who refuses at the provider.
    pub(crate) fn of_a_person_who_refuses() -> Self {
        Self { name: None, ..Self::of("") }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Reply {
        self.ask(Method::GET, url, |request| request).await
    }

    /// A form that a page of the same site sends.
    pub(crate) async fn submit(&mut self, url: &str, fields: &[(&str, &str)]) -> Reply {
        self.ask(Method::POST, url, |request| request.form(fields).header(header::ORIGIN, origin(url))).await
    }

    /// Any request, with the cookies of its site.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        url: &str,
        complete: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Reply {
        url.clone_into(&mut self.url);
        let site = origin(url);
        let own = self.cookies.iter().filter(|((of, _), _)| *of == site);
        let cookies: Vec<_> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let client = Client::new(&site);
        let request = client.request(method, &url[site.len()..]).header(header::COOKIE, cookies.join("; "));
        let reply = client.send(complete(request)).await;
        for set in reply.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let key = (site.clone(), name.to_owned());
            let is_over = set.contains("Max-Age=0") || set.contains("expires=Thu, 01 Jan 1970");
            if is_over {
                self.cookies.remove(&key)
            } else {
                self.cookies.insert(key, value.to_owned())
            };
        }
        reply
    }

    /// Follows redirects from an answer, and logs in at the provider and consents there. Stops before it follows a redirect to a URL with
    /// `end` in it, or at any other answer.
    pub(crate) async fn follow(&mut self, mut reply: Reply, end: &str) -> Reply {
        for _ in 0..20 {
            if let Some(to) = reply.header("location").map(|to| absolute(&self.url, to)) {
                if to.contains(end) {
                    self.url = to;
                    return reply;
                }
                reply = self.get(&to).await;
                continue;
            }
            let page = mem::take(&mut self.url);
            let step = ["login", "consent"]
                .into_iter()
                .find(|step| reply.status == 200 && reply.text.contains(&format!("name=\"prompt\" value=\"{step}\"")));
            let Some(step) = step else {
                self.url = page;
                return reply;
            };
            reply = match self.name {
                Some(name) => self.submit(&page, &[("prompt", step), ("login", name), ("password", "any")]).await,
                None => self.get(&format!("{page}/abort")).await,
            };
        }
        panic!("no end at {}", self.url)
    }

    /// Asks the server for the URL at the provider and goes there, up to the callback, which is not asked yet. Its URL is returned.
    pub(crate) async fn go(&mut self, authorize: &str) -> String {
        let asked = self.get(authorize).await.expect(200).json();
        let reply = self.get(asked["authorization_url"].as_str().unwrap()).await;
        self.arrive(reply).await
    }

    /// The same by a button of a page of the site.
    pub(crate) async fn press(&mut self, start: &str, fields: &[(&str, &str)]) -> String {
        let reply = self.submit(start, fields).await.expect(303);
        self.arrive(reply).await
    }

    pub(crate) async fn arrive(&mut self, reply: Reply) -> String {
        let reply = self.follow(reply, "/callback").await;
        assert!([302, 303].contains(&reply.status), "{}: {}", reply.status, reply.text);
        self.url.clone()
    }

    /// The cookies of a site.
    pub(crate) fn cookies(&self, url: &str) -> Vec<&str> {
        let site = origin(url);
        self.cookies.keys().filter(|(of, _)| *of == site).map(|(_, name)| name.as_str()).collect()
    }
}

fn origin(url: &str) -> String {
    url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

fn absolute(page: &str, to: &str) -> String {
    if to.starts_with('/') { format!("{}{to}", origin(page)) } else { to.to_owned() }
}
