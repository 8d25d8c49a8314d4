//! Values in the columns of another database: a text goes in, and a flag or a time comes out, or nothing if it is neither.

use jiff::{Timestamp, civil, tz::TimeZone};

/// The spellings of a flag. Any other text is never read as "no".
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "1.0" | "t" | "true" | "y" | "yes" | "on" => Some(true),
        "0" | "0.0" | "f" | "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A time of creation, as databases and their drivers write it: a date with a time, in UTC if it has no offset, or a number of
/// seconds, milliseconds or microseconds, whichever lies between the years 1973 and 5138.
pub(super) fn creation(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<civil::DateTime>() {
        return TimeZone::UTC.to_timestamp(time).ok();
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i64 = whole.parse().ok()?;
    match number.unsigned_abs() {
        100_000_000..100_000_000_000 => {
            let digits = fraction.get(..fraction.len().min(6))?;
            let part: i64 = format!("{digits:0<6}").parse().ok()?;
            Timestamp::from_microsecond(number * 1_000_000 + part).ok()
        }
        100_000_000_000..100_000_000_000_000 => Timestamp::from_millisecond(number).ok(),
        100_000_000_000_000..100_000_000_000_000_000 => Timestamp::from_microsecond(number).ok(),
        _ => None,
    }
}

/// A time as this library stores it.
pub(super) fn microseconds(text: &str) -> Option<Timestamp> {
    Timestamp::from_microsecond(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_has_many_spellings_and_another_text_is_not_no() {
        for yes in ["1", "t", "T", "true", "TRUE", "True", "yes", "Y", "on", " 1 ", "1.0"] {
            assert_eq!(flag(yes), Some(true), "{yes}");
        }
        for no in ["0", "f", "F", "false", "FALSE", "False", "no", "N", "off", "0.0"] {
            assert_eq!(flag(no), Some(false), "{no}");
        }
        for neither in ["", "2", "-1", "ja", "null", "yesno", "\u{1}"] {
            assert_eq!(flag(neither), None, "{neither}");
        }
    }

    #[test]
    fn a_time_has_many_forms() {
        let time: Timestamp = "2024-02-29T12:30:45Z".parse().unwrap();
        for text in [
            "2024-02-29 12:30:45",
            "2024-02-29 12:30:45.000000",
            "2024-02-29T12:30:45",
            "2024-02-29T12:30:45Z",
            "2024-02-29 12:30:45+00",
            "2024-02-29 13:30:45+01:00",
            "1709209845",
            "1709209845.0",
            "1709209845000",
            "1709209845000000",
        ] {
            assert_eq!(creation(text), Some(time), "{text}");
        }
        assert_eq!(creation("2024-02-29"), "2024-02-29T00:00:00Z".parse().ok());
        for none in ["", "yesterday", "2024-02-30 12:00:00", "12", "29.02.2024"] {
            assert_eq!(creation(none), None, "{none}");
        }
    }
}
