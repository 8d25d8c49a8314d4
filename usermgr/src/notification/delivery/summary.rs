//! The reason for a failed attempt, as an outbox row stores it: one line without values.

/// The maximum number of characters that are stored.
const MOST: usize = 200;

/// Returns the words of a failure on one line, without anything that may be an address, a link, a token or another
/// value. An operator sees why a mail is late, and a copy of the table reveals nothing about users.
pub(super) fn summary(failure: &str) -> String {
    let words = failure.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.map(|word| if may_be_a_value(word) { "[..]" } else { word }).collect::<Vec<_>>().join(" ");
    line.chars().take(MOST).collect()
}

/// Whether a word may be a value: an address, a link, something quoted or something long.
fn may_be_a_value(word: &str) -> bool {
    const LONGEST_WORD: usize = 32;
    word.contains(['@', '=', '"', '\'', '`', '<']) || word.contains("://") || word.len() > LONGEST_WORD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_a_summary_is_one_line_without_values() {
        for (failure, expected) in [
            ("on_after_verify: the mail server\r\nis away", "on_after_verify: the mail server is away"),
            ("550 5.1.1 <ada@example.com>: no such user", "550 5.1.1 [..] no such user"),
            ("no route to https://mail.example/send?key=1", "no route to [..]"),
            ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", "token [..]"),
            ("duplicate key (email)=(ada)", "duplicate key [..]"),
        ] {
            assert_eq!(summary(failure), expected);
        }
        assert_eq!(summary(&"word ".repeat(1000)).chars().count(), MOST);
    }
}
