//! The language of the project: documents, comments and the texts of programs call a user "they" and use current words.

use std::{fs, path::Path};

use super::{read, root};

/// The refused words, each with what to write instead.
const REFUSED: [(&str, &str); 21] = [
    ("he", "they"),
    ("his", "their"),
    ("him", "them"),
    ("himself", "themselves"),
    ("she", "they"),
    ("her", "their"),
    ("hers", "theirs"),
    ("herself", "themselves"),
    ("whoever", "a user who, a client that, any caller"),
    ("whom", "that, which user"),
    ("nobody", "no user, no account, no one"),
    ("somebody", "a user, an account, someone"),
    ("anew", "again"),
    ("told", "is notified, receives, is reported, is distinguished"),
    ("is none", "is invalid, is not one, does not exist"),
    ("for ever", "indefinitely"),
    ("of one's own", "your own, custom"),
    ("owe", "must deliver"),
    ("owes", "must deliver"),
    ("owed", "is pending"),
    ("the house", "the library, the application"),
];

/// The words that no name in a source contains, each with what to write instead.
const REFUSED_IN_NAMES: [(&str, &str); 5] = [
    ("told", "what was reported, delivered or documented"),
    ("tell", "send, report, notify"),
    ("sought", "lookup"),
    ("recognise", "recognize"),
    ("recognised", "recognized"),
];

/// Texts in which a refused word stays: the beginning of the path, the text in lower case, and the reason.
const ALLOWED: [(&str, &str, &str); 4] = [
    ("", "there is none", "the usual words for an absent thing"),
    ("", "nobody@example.com", "an address without an account, in examples and tests"),
    ("tests/", "nobody{", "such an address with a number in it"),
    ("tests/src/cluster.rs", "nobody", "an account of the operating system"),
];

/// This list has to contain the words.
const HERE: &str = "tests/readme/language.rs";

/// Adds the documents and sources below a folder, as paths from the root. Folders of builds are left out.
fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&name) {
                collect(&path, found);
            }
        } else if name.ends_with(".md") || name.ends_with(".rs") {
            found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// The length of the first token of a source, and whether it is a comment or a string.
fn token(source: &str) -> (usize, bool) {
    let end = |from: usize, of: &str| source[from..].find(of).map_or(source.len(), |at| from + at + of.len());
    let word = source.find(|letter: char| !is_of_a_word(letter)).unwrap_or(source.len());
    let hashes = source[word..].len() - source[word..].trim_start_matches('#').len();
    let quote = word + hashes;
    let mut letters = source.chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some('/'), Some('/'), _) => (source.find('\n').unwrap_or(source.len()), true),
        (Some('/'), Some('*'), _) => (end(2, "*/"), true),
        _ if ["r", "br", "cr"].contains(&&source[..word]) && source[quote..].starts_with('"') => {
            (end(quote + 1, &format!("\"{}", "#".repeat(hashes))), true)
        }
        _ if word > 0 => (word, false),
        (Some('"'), ..) => {
            let mut escaped = true;
            let close = source.find(|letter| {
                let closes = letter == '"' && !escaped;
                escaped = letter == '\\' && !escaped;
                closes
            });
            (close.map_or(source.len(), |at| at + 1), true)
        }
        (Some('\''), Some('\\'), _) => (end(3, "'"), false),
        (Some('\''), Some(letter), Some('\'')) => (letter.len_utf8() + 2, false),
        (first, ..) => (first.map_or(0, char::len_utf8), false),
    }
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// A source without its code: comments and strings stay in their lines, and semicolons replace everything else.
fn prose(source: &str) -> String {
    let (mut prose, mut rest) = (String::new(), source);
    while !rest.is_empty() {
        let (length, is_prose) = token(rest);
        let (text, after) = rest.split_at(length);
        let mut letters = text.trim_start_matches(['/', '!']).chars();
        while let Some(letter) = letters.next() {
            prose.push(match letter {
                '\\' if is_prose => letters.next().filter(|escaped| *escaped == '\n').unwrap_or(' '),
                letter if is_prose || letter.is_whitespace() => letter,
                _ => ';',
            });
        }
        rest = after;
    }
    prose
}

/// The words of a name: those of `a_name`, `A_NAME` and `aName` are `a` and `name`.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && spaced.ends_with(char::is_lowercase) {
            spaced.push('_');
        }
        spaced.push(letter);
    }
    spaced.to_lowercase().split('_').map(str::to_owned).collect()
}

/// The names in a source that contain a refused word, each with what to write instead.
fn refused_names(source: &str) -> Vec<(&str, &'static str)> {
    let (mut found, mut rest) = (Vec::new(), source);
    while !rest.is_empty() {
        let (length, is_prose) = token(rest);
        let (name, after) = rest.split_at(length);
        let words = if is_prose { Vec::new() } else { words(name) };
        let refused = REFUSED_IN_NAMES.iter().find(|(refused, _)| words.iter().any(|word| word == refused));
        found.extend(refused.map(|(_, instead)| (name, *instead)));
        rest = after;
    }
    found
}

/// The refused words in a text, each with its line.
fn refused(path: &str, text: &str) -> Vec<(usize, &'static str)> {
    // In lower case, with one space between words, so that a phrase is found across lines.
    let (mut flat, mut lines, mut line) = (String::new(), Vec::new(), 1);
    for letter in text.chars() {
        let kept = if letter.is_whitespace() { ' ' } else { letter.to_ascii_lowercase() };
        if kept != ' ' || !flat.ends_with(' ') {
            flat.push(kept);
            lines.resize(flat.len(), line);
        }
        line += usize::from(letter == '\n');
    }
    for (begin, allowed, _) in ALLOWED {
        if path.starts_with(begin) {
            flat = flat.replace(allowed, &"-".repeat(allowed.len()));
        }
    }
    let stands_alone = |at: usize, word: &str| {
        // After a brace it is the name of a variable in a format string.
        let before = flat[..at].chars().next_back().is_none_or(|letter| !is_of_a_word(letter) && letter != '{');
        before && !flat[at + word.len()..].starts_with(is_of_a_word)
    };
    let found = REFUSED.iter().flat_map(|(word, _)| flat.match_indices(word));
    let mut found: Vec<_> = found.filter(|(at, word)| stands_alone(*at, word)).collect();
    found.sort_unstable();
    found
        .into_iter()
        .map(|(at, word)| (lines[at], REFUSED.iter().find(|(known, _)| *known == word).unwrap().0))
        .collect()
}

#[test]
fn no_text_has_a_word_of_the_old_language() {
    let mut paths = Vec::new();
    collect(&root(), &mut paths);
    assert!(paths.len() > 500, "only {} files", paths.len());
    paths.retain(|path| path != HERE);
    paths.sort_unstable();
    let mut faults = Vec::new();
    let mut unused = ALLOWED.to_vec();
    for path in &paths {
        let text = read(path);
        let text = if path.ends_with(".rs") { prose(&text) } else { text };
        unused.retain(|(begin, allowed, _)| !path.starts_with(begin) || !text.to_ascii_lowercase().contains(allowed));
        for (line, word) in refused(path, &text) {
            let (_, instead) = REFUSED.iter().find(|(known, _)| *known == word).unwrap();
            faults.push(format!("{path}:{line}: instead of \"{word}\" write: {instead}"));
        }
    }
    assert!(faults.is_empty(), "{} refused words:\n{}", faults.len(), faults.join("\n"));
    assert!(unused.is_empty(), "not needed any more: {unused:?}");
}

#[test]
fn no_name_has_a_word_of_the_old_language() {
    let mut paths = Vec::new();
    collect(&root(), &mut paths);
    paths.retain(|path| path != HERE && path.ends_with(".rs"));
    let mut faults = Vec::new();
    for path in &paths {
        let text = read(path);
        faults.extend(
            refused_names(&text).iter().map(|(name, instead)| format!("{path}: instead of `{name}` write: {instead}")),
        );
    }
    assert!(faults.is_empty(), "{} refused names:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn refused_words_are_found_in_names_alone() {
    let source =
        "/// told\nfn is_told(teller: Told, untold: &str) { let TELL = \"sought\"; retold::<RecogniseAll>('tell) }";
    let found: Vec<_> = refused_names(source).into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, ["is_told", "Told", "TELL", "RecogniseAll", "tell"]);
}

#[test]
fn refused_words_are_found_in_comments_and_strings_alone() {
    let source = "/// Nobody, and there is\n/// none.\nfn nobody<'he>(him: char) -> Told {\n    let his = ('\"', '\\'', 'x');\n    \
                  say(\"he\\\"\\nhis is \\\n        none {told}, owed_1\", r#\"\"owed\"\"#);\n}\n// This is for\n// ever.";
    let found = refused("a.rs", &prose(source));
    assert_eq!(found, [(1, "nobody"), (5, "he"), (5, "his"), (5, "is none"), (6, "owed"), (8, "for ever")]);
    assert_eq!(refused("a.md", "To nobody@example.com."), []);
}
