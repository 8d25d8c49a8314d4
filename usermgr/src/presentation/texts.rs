//! The words of mails and pages: one flat JSON object for each language, from the key of a text to the text.
//!
//! No text counts anything, so no language needs rules for plurals. A value is filled in once and never read again, so that an address
//! such as `{brand}@example.com` is shown as it is.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{languages, vocabulary};

/// The language that has every text.
const COMPLETE: &str = "en";

/// What the library brings: the words of mails, and those of pages.
macro_rules! shipped {
    ($($language:literal)*) => {
        const SHIPPED: &[(&str, &str)] = &[
            $(($language, include_str!(concat!("texts/", $language, ".json"))),)*
            $(#[cfg(feature = "pages")] ($language, include_str!(concat!("texts/pages/", $language, ".json"))),)*
        ];
    };
}

shipped! { "de" "en" "es" "fr" }

type Catalogue = HashMap<String, String>;

/// All texts, and the languages in which mails are written.
pub(crate) struct Texts {
    catalogues: BTreeMap<String, Catalogue>,
    /// The languages that a reader can get.
    offered: Vec<String>,
    /// The language of readers who are not known to understand another one.
    default: String,
}

impl Texts {
    /// Reads the shipped texts with those of the application over them. `offered` limits the languages.
    pub(crate) fn new(
        own: &[(String, String)],
        offered: Option<&[String]>,
        default: &str,
        faults: &mut Vec<String>,
    ) -> Self {
        let mut catalogues: BTreeMap<String, Catalogue> = BTreeMap::new();
        for (language, json) in SHIPPED {
            catalogues.entry((*language).to_owned()).or_default().extend(parse(language, json, faults));
        }
        for (language, json) in own {
            if !languages::is_tag(language) {
                faults.push(format!("`texts`: `{language}` is not a language: write a tag as in `de` or `pt-BR`"));
                continue;
            }
            let read = parse(language, json, faults);
            for (key, text) in &read {
                faults.extend(fault(language, key, text, &catalogues[COMPLETE]));
            }
            catalogues.entry(language.clone()).or_default().extend(read);
        }
        let have = |language: &str| catalogues.keys().any(|one| one == language);
        for language in offered.unwrap_or_default().iter().map(String::as_str).chain([default]) {
            if !have(language) {
                let known = catalogues.keys().cloned().collect::<Vec<_>>().join(", ");
                faults.push(format!(
                    "no texts are in the language `{language}`: add them with `texts`, or name one of {known}"
                ));
            }
        }
        let offered = match offered {
            Some(offered) => offered.to_vec(),
            None => catalogues.keys().cloned().collect(),
        };
        Self { catalogues, offered, default: default.to_owned() }
    }

    /// The language of a mail: the first of the reader's wishes that is offered. Each is a tag or a header `Accept-Language`.
    pub(crate) fn choose<'a>(&'a self, wishes: impl IntoIterator<Item = &'a str>) -> &'a str {
        let mut found = wishes.into_iter().filter_map(|wish| languages::negotiate(wish, &self.offered));
        found.next().unwrap_or(&self.default)
    }

    /// The languages that a reader can get.
    pub(crate) fn offered(&self) -> &[String] {
        &self.offered
    }

    /// The name of a language in itself, or its tag if nothing says the name.
    #[cfg(feature = "pages")]
    pub(crate) fn name(&self, language: &str) -> String {
        let named = self.catalogues.get(language).and_then(|catalogue| catalogue.get("language.name"));
        named.map_or(language, String::as_str).to_owned()
    }

    /// The keys that begin with this.
    #[cfg(feature = "pages")]
    pub(crate) fn keys<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a str> {
        let keys = self.catalogues.get(COMPLETE).into_iter().flat_map(Catalogue::keys);
        keys.map(String::as_str).filter(move |key| key.starts_with(beginning))
    }

    /// The keys of the texts that a language has itself.
    #[cfg(all(
        test,
        feature = "actix",
        feature = "axum",
        feature = "oauth-bare",
        feature = "pages",
        feature = "testing"
    ))]
    pub(crate) fn keys_of(&self, language: &str) -> impl Iterator<Item = &String> {
        self.catalogues.get(language).into_iter().flat_map(Catalogue::keys)
    }

    /// A text with its values. A language that lacks it falls back to a more general one, to the default, and to English.
    pub(crate) fn get(&self, language: &str, key: &str, values: &[(&str, &str)]) -> Option<String> {
        let general = language.split('-').next().unwrap_or_default();
        let mut chain = [language, general, &self.default, COMPLETE].into_iter();
        let text = chain.find_map(|language| self.catalogues.get(language)?.get(key))?;
        Some(filled(text, values))
    }

    /// A moment in the words of a language.
    pub(crate) fn moment(&self, language: &str, at: Timestamp) -> String {
        let at = TimeZone::UTC.to_datetime(at);
        let months = self.get(language, "date.months", &[]).unwrap_or_default();
        let month = months.split_whitespace().nth(usize::from(at.month().unsigned_abs()).saturating_sub(1));
        let [day, year] = [i16::from(at.day()), at.year()].map(|number| number.to_string());
        let [hour, minute] = [at.hour(), at.minute()].map(|number| format!("{number:02}"));
        let values = [
            ("day", day.as_str()),
            ("month", month.unwrap_or_default()),
            ("year", &year),
            ("hour", &hour),
            ("minute", &minute),
        ];
        self.get(language, "date.format", &values).unwrap_or_default()
    }
}

/// Reads a catalogue. What is not a text is left out, with a fault.
fn parse(language: &str, json: &str, faults: &mut Vec<String>) -> Catalogue {
    let read: HashMap<String, Value> = match serde_json::from_str(json) {
        Ok(read) => read,
        Err(error) => {
            faults.push(format!("the texts of `{language}` are not an object of JSON: {error}"));
            return Catalogue::new();
        }
    };
    let mut texts = Catalogue::new();
    for (key, value) in read {
        match value {
            Value::String(text) => drop(texts.insert(key, text)),
            _ => faults.push(format!("the text `{key}` of `{language}` is not a string")),
        }
    }
    texts
}

/// What is wrong with a text of the application.
fn fault(language: &str, key: &str, text: &str, complete: &Catalogue) -> Option<String> {
    let group = key.split('.').next().unwrap_or_default();
    if !complete.contains_key(key) && !vocabulary::is_open(key) {
        let mut near: Vec<_> = complete.keys().filter(|known| known.split('.').next() == Some(group)).collect();
        near.sort();
        return Some(match near[..] {
            [] => format!(
                "no text is named `{key}` (`{language}`): its first part is a mail or one of date, factor, language, mail, pages"
            ),
            _ => {
                let near: Vec<_> = near.into_iter().map(|name| format!("`{name}`")).collect();
                format!("no text is named `{key}` (`{language}`): there are {}", near.join(", "))
            }
        });
    }
    if key == "date.months" && text.split_whitespace().count() != 12 {
        return Some(format!("the text `date.months` of `{language}` must be twelve words, from January on"));
    }
    if key == "language.direction" && !["ltr", "rtl"].contains(&text) {
        return Some(format!("the text `language.direction` of `{language}` must be `ltr` or `rtl`"));
    }
    let allowed = vocabulary::values(key);
    let unknown = placeholders(text).find(|name| !allowed.contains(name))?;
    let known = allowed.iter().map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "it may name none".to_owned() } else { format!("it may name {known}") };
    Some(format!("the text `{key}` of `{language}` names the value `{{{unknown}}}`: {known}"))
}

/// The names in braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// A text with its values in place of their names, in one pass.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known = part
            .split_once('}')
            .and_then(|(name, rest)| values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, rest)));
        match known {
            Some((value, rest)) => filled.extend([value, rest]),
            None => filled.extend(["{", part]),
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn texts(own: &[(&str, &str)]) -> (Texts, Vec<String>) {
        let own: Vec<_> = own.iter().map(|(language, json)| ((*language).to_owned(), (*json).to_owned())).collect();
        let mut faults = Vec::new();
        (Texts::new(&own, None, "en", &mut faults), faults)
    }

    #[test]
    fn all_languages_have_the_same_texts_with_the_same_values() {
        let (texts, faults) = texts(&[]);
        assert_eq!(faults, Vec::<String>::new());
        let english = &texts.catalogues[COMPLETE];
        for (language, catalogue) in &texts.catalogues {
            let keys = |one: &Catalogue| one.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(keys(catalogue), keys(english), "{language}");
            for (key, text) in catalogue {
                assert_eq!(fault(language, key, text, english), None);
                // The name of the application may stand in another sentence of the same mail.
                let names = |text: &str| -> BTreeSet<String> {
                    placeholders(text).map(str::to_owned).filter(|name| name != "brand").collect()
                };
                assert_eq!(names(text), names(&english[key]), "{language}: {key}");
            }
        }
    }

    #[test]
    fn a_value_is_never_read_again() {
        let values = [("address", "{brand}<b>@x.example"), ("brand", "Shop")];
        assert_eq!(filled("{brand}: {address}, {unknown} {", &values), "Shop: {brand}<b>@x.example, {unknown} {");
    }

    #[test]
    fn pg11_a_text_under_a_wrong_name_or_with_a_wrong_value_is_a_fault() {
        for (language, json, expected) in [
            ("de", r#"{"verify.subjct": "x"}"#, "`verify.after`, `verify.before`, `verify.button`, `verify.subject`"),
            ("de", r#"{"verfy.subject": "x"}"#, "its first part is a mail"),
            (
                "de",
                r#"{"verify.subject": "{adress}"}"#,
                "names the value `{adress}`: it may name `{brand}`, `{address}`, `{until}`",
            ),
            ("de", r#"{"mail.when": "{brand}"}"#, "it may name none"),
            ("de", r#"{"verify.subject": 7}"#, "is not a string"),
            ("de", r#"["verify.subject"]"#, "are not an object of JSON"),
            ("de", r#"{"date.months": "Januar"}"#, "must be twelve words"),
            ("ar", r#"{"language.direction": "left"}"#, "must be `ltr` or `rtl`"),
            ("de_DE", "{}", "is not a language"),
        ] {
            let (_, faults) = texts(&[(language, json)]);
            assert_eq!(faults.len(), 1, "{json}: {faults:?}");
            assert!(faults[0].contains(expected), "{json}: {faults:?}");
        }
    }

    #[test]
    fn nm7_a_text_that_a_language_lacks_comes_from_the_next_more_general_one() {
        let (texts, faults) =
            texts(&[("de-CH", r#"{"verify.button": "Bestätige"}"#), ("it", r#"{"verify.button": "Conferma"}"#)]);
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(texts.get("de-CH", "verify.button", &[]).unwrap(), "Bestätige");
        assert_eq!(texts.get("de-CH", "mail.when", &[]).unwrap(), "Zeitpunkt");
        assert_eq!(texts.get("it", "verify.button", &[]).unwrap(), "Conferma");
        assert_eq!(texts.get("it", "mail.when", &[]).unwrap(), "When");
    }

    #[test]
    fn a_moment_is_written_in_words_and_in_utc() {
        let (texts, _) = texts(&[]);
        let at = "2026-11-09T03:07:59Z".parse().unwrap();
        for (language, expected) in [
            ("en", "9 November 2026, 03:07 UTC"),
            ("de", "9. November 2026, 03:07 Uhr UTC"),
            ("fr", "9 novembre 2026 à 03:07 UTC"),
            ("es", "9 de noviembre de 2026, 03:07 UTC"),
        ] {
            assert_eq!(texts.moment(language, at), expected);
        }
    }
}
