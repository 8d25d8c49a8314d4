//! What a client is: the name of its browser and its system. A client writes its `User-Agent` as it likes, so only known names are taken from
//! it: neither a mail nor a page must carry what a stranger wrote.

use super::Texts;

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

/// The name of a browser with its system, in a language. `None` if it is not known.
pub(crate) fn named(texts: &Texts, language: &str, agent: &str) -> Option<String> {
    let known =
        |table: &[(&str, &'static str)]| table.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    let browser = known(&BROWSERS)?;
    match known(&SYSTEMS) {
        Some(system) => texts.get(language, "mail.browser_on", &[("browser", browser), ("system", system)]),
        None => Some(browser.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_by_known_names_alone() {
        let texts = Texts::new(&[], None, "en", &mut Vec::new());
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0",
                Some("Edge on Windows"),
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", Some("Firefox on Linux")),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
                Some("Safari on iOS"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
                Some("Samsung Internet on Android"),
            ),
            ("Firefox/1 http://evil.example/win-a-prize", Some("Firefox")),
            ("http://evil.example/win-a-prize", None),
        ] {
            assert_eq!(named(&texts, "en", agent).as_deref(), expected, "{agent}");
        }
    }
}
