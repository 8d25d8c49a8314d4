//! Languages: which of those that exist fits what a reader understands.

use std::cmp::Reverse;

/// How many entries of a header are read.
const MOST: usize = 20;

/// Whether a text has the form of a language tag, as in `de` or `zh-Hant-TW` (RFC 5646, 2.1).
pub(crate) fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_further =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.next().is_some_and(is_language) && parts.all(is_further)
}

/// The language that fits a tag: the same, or the nearest that is more general (RFC 4647, 3.4).
pub(crate) fn look_up<'a>(tag: &str, have: &'a [String]) -> Option<&'a str> {
    let mut tag = tag.trim();
    loop {
        if let Some(found) = have.iter().find(|one| one.eq_ignore_ascii_case(tag)) {
            return Some(found);
        }
        tag = &tag[..tag.rfind('-')?];
        // A single letter or digit introduces what follows it, and is cut off with it.
        if tag.rfind('-').is_some_and(|at| tag.len() - at == 2) {
            tag = &tag[..tag.len() - 2];
        }
    }
}

/// The language that fits a header `Accept-Language` best (RFC 9110, 12.5.4): by weight, then by order. A weight of 0 refuses.
pub(crate) fn negotiate<'a>(header: &str, have: &'a [String]) -> Option<&'a str> {
    let mut wanted: Vec<(u16, &str)> = header.split(',').take(MOST).filter_map(weighted).collect();
    wanted.sort_by_key(|(weight, _)| Reverse(*weight));
    let refused: Vec<&str> = wanted.iter().filter(|(weight, _)| *weight == 0).map(|(_, tag)| *tag).collect();
    let accepted = wanted.iter().filter(|(weight, _)| *weight > 0).filter_map(|(_, tag)| look_up(tag, have));
    accepted.into_iter().find(|found| !refused.iter().any(|tag| tag.eq_ignore_ascii_case(found)))
}

/// An entry as a weight of thousandths and a tag.
fn weighted(entry: &str) -> Option<(u16, &str)> {
    let (tag, weight) = match entry.split_once(';') {
        Some((tag, parameter)) => (tag, parameter.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()?),
        None => (entry, 1.0),
    };
    let is_good = (0.0..=1.0).contains(&weight) && is_tag(tag.trim());
    is_good.then_some(((weight * 1000.0) as u16, tag.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nm7_a_header_is_matched_by_weight_then_by_order_and_each_tag_is_shortened_from_the_right() {
        for (header, have, found) in [
            ("de-CH,de;q=0.9,en;q=0.5", &["en", "de"][..], Some("de")),
            ("en;q=0.2, de;q=0.9", &["en", "de"], Some("de")),
            ("en, de", &["de", "en"], Some("en")),
            ("EN-gb", &["en"], Some("en")),
            ("fr;q=1, *;q=0.1", &["en", "de"], None),
            ("en;q=0,de", &["en", "de"], Some("de")),
            ("en;q=0,en-GB", &["en"], None),
            ("zh-Hant-TW,pt-BR;q=0.5", &["en", "pt-BR"], Some("pt-BR")),
            ("zh-Hant-x-private", &["zh-Hant"], Some("zh-Hant")),
            ("pt", &["pt-BR"], None),
            ("garbage;;;,,", &["en"], None),
            ("en;q=2, de;q=x, fr;q=-1, es;level=1", &["en", "de", "fr", "es"], None),
            ("", &["en"], None),
        ] {
            let have: Vec<String> = have.iter().map(ToString::to_string).collect();
            assert_eq!(negotiate(header, &have), found, "{header}");
        }
        let long = "xx,".repeat(MOST) + "en";
        assert_eq!(negotiate(&long, &["en".to_owned()]), None);
    }

    #[test]
    fn a_tag_has_a_language_and_further_parts() {
        for tag in ["en", "pt-BR", "zh-Hant-TW", "es-419", "qps"] {
            assert!(is_tag(tag), "{tag}");
        }
        for text in ["", "e", "-", "en-", "en_US", "12", "en--US", "../en", "en-US;q=1", "überlang"] {
            assert!(!is_tag(text), "{text}");
        }
    }
}
