//! What a notice says of the request that caused it: when, from which network and with which browser.

use super::view::Fact;
use crate::{
    context::{Context, RequestedAt},
    presentation::{Texts, agent},
};

/// The facts of a request in a language. `of_reader` is whether the reader may have made the request: what an administrator uses is not
/// for others to know.
pub(super) fn facts(texts: &Texts, language: &str, cx: &Context, of_reader: bool) -> Vec<Fact> {
    let at = cx.extensions.get().map(|RequestedAt(at)| texts.moment(language, *at));
    let request = Some(cx).filter(|_| of_reader);
    let network = request.and_then(|cx| cx.ip).map(|ip| ip.to_canonical().to_string());
    let browser = request.and_then(|cx| cx.user_agent.as_deref());
    let browser = browser.and_then(|browser| agent::named(texts, language, browser));
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
