//! What a notice says of the request that caused it: when, from which network and with which browser. A client writes its `User-Agent`
//! as it likes, so only known names are taken from it: a mail must never carry what a stranger wrote.

use super::texts::Texts;
use crate::context::{Context, RequestedAt};

use super::view::Fact;

/// A part of a `User-Agent`, and the name of the browser. The first that is found counts: most claim to be others too.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The same for operating systems.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The facts of a request in a language. `of_reader` is whether the reader may have made the request: what an administrator uses is not
/// for others to know.
pub(super) fn facts(texts: &Texts, language: &str, cx: &Context, of_reader: bool) -> Vec<Fact> {
    let at = cx.extensions.get().map(|RequestedAt(at)| texts.moment(language, *at));
    let request = Some(cx).filter(|_| of_reader);
    let network = request.and_then(|cx| cx.ip).map(|ip| ip.to_canonical().to_string());
    let agent = request.and_then(|cx| cx.user_agent.as_deref()).unwrap_or_default();
    let known =
        |table: &[(&str, &'static str)]| table.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    let browser = known(&BROWSERS).map(|browser| match known(&SYSTEMS) {
        Some(system) => {
            let values = [("browser", browser), ("system", system)];
            texts.get(language, "mail.browser_on", &values).unwrap_or_default()
        }
        None => browser.to_owned(),
    });
    let fact = |key: &str, value: Option<String>| {
        value.map(|value| Fact { label: texts.get(language, key, &[]).unwrap_or_default(), value })
    };
    [fact("mail.when", at), fact("mail.network", network), fact("mail.browser", browser)]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(cx: &Context, of_reader: bool) -> Vec<String> {
        let texts = Texts::new(&[], None, "en", &mut Vec::new());
        facts(&texts, "en", cx, of_reader).into_iter().map(|fact| format!("{}: {}", fact.label, fact.value)).collect()
    }

    #[test]
    fn a_browser_is_named_by_known_names_alone() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            ("Firefox/1 http://evil.example/win-a-prize", "Firefox"),
        ] {
            assert_eq!(said(&Context::default().user_agent(agent), true), [format!("Browser: {expected}")]);
        }
        assert!(said(&Context::default().user_agent("http://evil.example/win-a-prize"), true).is_empty());
    }

    #[test]
    fn what_an_administrator_uses_is_not_said() {
        let mut cx = Context::default().ip("::ffff:192.0.2.7".parse().unwrap()).user_agent("Firefox/1");
        cx.extensions.insert(RequestedAt("2026-11-29T15:00:00Z".parse().unwrap()));
        assert_eq!(
            said(&cx, true),
            ["When: 29 November 2026, 15:00 UTC", "Network address: 192.0.2.7", "Browser: Firefox"]
        );
        assert_eq!(said(&cx, false), ["When: 29 November 2026, 15:00 UTC"]);
    }
}
