//! A language that no one speaks: English with accents, longer by two fifths and from right to left. What is cut off, or forgotten to be
//! translated, shows in it.

use serde_json::{Map, Value};

/// Its tag.
pub(crate) const TAG: &str = "qps-rtl";

/// Its texts for pages, made from the English ones.
pub(crate) fn texts() -> String {
    let english = include_str!("../../usermgr/src/presentation/texts/pages/en.json");
    let english: Map<String, Value> = serde_json::from_str(english).unwrap();
    let own = [
        ("language.direction", "rtl".to_owned()),
        ("language.name", accented("Pseudo")),
        ("pages.field.display_name", accented("Your name")),
        ("pages.field.company", accented("Company")),
    ];
    let own = own.into_iter().map(|(key, text)| (key.to_owned(), Value::from(text)));
    let pages = english.into_iter().map(|(key, text)| (key, Value::from(accented(text.as_str().unwrap()))));
    Value::Object(pages.chain(own).collect()).to_string()
}

/// A text with accents and more of each vowel, but with the same names of values.
fn accented(text: &str) -> String {
    let parts = text.split('{').enumerate().map(|(at, part)| match part.split_once('}') {
        Some((name, rest)) if at > 0 => format!("{{{name}}}{}", letters(rest)),
        _ => letters(part),
    });
    parts.collect()
}

fn letters(text: &str) -> String {
    let other = |letter: char| match letter {
        'a' => "áá".to_owned(),
        'e' => "éé".to_owned(),
        'i' => "íí".to_owned(),
        'o' => "óó".to_owned(),
        'u' => "üü".to_owned(),
        'y' => "ýý".to_owned(),
        'n' => "ñ".to_owned(),
        'A' => "Å".to_owned(),
        'C' => "Ç".to_owned(),
        'S' => "Š".to_owned(),
        same => same.to_string(),
    };
    text.chars().map(other).collect()
}
