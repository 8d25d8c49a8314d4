//! What an answer looks like when everything is taken out that must differ between two servers: ids, tokens, times and wordings. Two
//! answers go in; the list of what differs comes out.

use std::collections::BTreeMap;

use serde_json::Value;
use usermgr_tests::Reply;

/// The fields whose values are each server's own; only their type is compared.
const OWN: [&str; 10] =
    ["id", "access_token", "created_at", "msg", "reason", "reason_code", "reason_limit", "input", "ctx", "error"];
/// The headers that a client reads.
const HEADERS: [&str; 4] = ["content-type", "location", "set-cookie", "www-authenticate"];

/// An answer, part by part.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    detail: String,
    parts: BTreeMap<String, String>,
}

/// One part of a step in which the two servers differ.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) step: &'static str,
    pub(crate) part: String,
    pub(crate) theirs: String,
    pub(crate) ours: String,
}

impl Answer {
    pub(crate) fn new(reply: &Reply) -> Self {
        let mut parts = BTreeMap::new();
        for name in HEADERS {
            for value in reply.headers.get_all(name) {
                parts.insert(name.to_owned(), header(name, value.to_str().unwrap()));
            }
        }
        let body = serde_json::from_str(&reply.text).unwrap_or_else(|_| Value::from(reply.text.as_str()));
        if !reply.text.is_empty() {
            flatten("body", "", &body, &mut parts);
        }
        Self { status: reply.status, detail: detail(&body["detail"]), parts }
    }

    /// Where an answer of ours, with its mails, differs from theirs.
    pub(crate) fn differences(
        step: &'static str,
        theirs: (&Self, &[String]),
        ours: (&Self, &[String]),
    ) -> impl Iterator<Item = Difference> {
        let mut pairs = vec![("mails".to_owned(), Some(theirs.1.join(", ")), Some(ours.1.join(", ")))];
        let (theirs, ours) = (theirs.0, ours.0);
        if theirs.status == ours.status {
            let names = theirs.parts.keys().chain(ours.parts.keys()).collect::<std::collections::BTreeSet<_>>();
            pairs.extend(names.into_iter().map(|name| (name.clone(), theirs.part(name), ours.part(name))));
        } else {
            // Another status has another body: that need not be said twice.
            pairs.push(("status".to_owned(), Some(theirs.line()), Some(ours.line())));
        }
        let shown = |value: Option<String>| value.filter(|value| !value.is_empty()).unwrap_or_else(|| "-".to_owned());
        let pairs = pairs.into_iter().map(move |(part, theirs, ours)| (part, shown(theirs), shown(ours)));
        pairs.filter(|(_, theirs, ours)| theirs != ours).map(move |(part, theirs, ours)| Difference {
            step,
            part,
            theirs,
            ours,
        })
    }

    fn part(&self, name: &str) -> Option<String> {
        self.parts.get(name).cloned()
    }

    fn line(&self) -> String {
        format!("{} {}", self.status, self.detail).trim_end().to_owned()
    }
}

/// Cookies without their values and with their attributes in order, as browsers read them.
fn header(name: &str, value: &str) -> String {
    if name != "set-cookie" {
        return value.to_owned();
    }
    let mut words: Vec<_> = value.split("; ").map(str::to_lowercase).collect();
    let (cookie, value) = words[0].split_once('=').unwrap();
    words[0] = format!("{cookie}={}", if value.trim_matches('"').is_empty() { "" } else { ".." });
    words[1..].sort();
    words.join("; ")
}

/// The `detail` of a refusal in one line.
fn detail(detail: &Value) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match detail {
        Value::Null => String::new(),
        Value::Array(faults) => {
            let fault = |fault: &Value| {
                let loc: Vec<_> = fault["loc"].as_array().unwrap().iter().map(word).collect();
                format!("{} {}", word(&fault["type"]), loc.join("."))
            };
            faults.iter().map(fault).collect::<Vec<_>>().join(", ")
        }
        Value::Object(coded) => word(&coded["code"]),
        other => word(other),
    }
}

fn flatten(path: &str, name: &str, value: &Value, parts: &mut BTreeMap<String, String>) {
    let leaf = match value {
        _ if OWN.contains(&name) => kind(value).to_owned(),
        Value::Object(fields) if !fields.is_empty() => {
            return fields.iter().for_each(|(name, value)| flatten(&format!("{path}.{name}"), name, value, parts));
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().enumerate();
            return items.for_each(|(at, value)| flatten(&format!("{path}[{at}]"), "", value, parts));
        }
        other => other.to_string(),
    };
    parts.insert(path.to_owned(), leaf);
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
