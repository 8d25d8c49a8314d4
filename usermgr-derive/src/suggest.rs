//! A misspelt name goes in, and the known name it was meant to be comes out, by the rules that rustc uses for its own names.

/// The candidate the author most likely meant: the same but for case and underscores, else within a third of its
/// length in typing slips, else the same words in another order. The earlier candidate wins a tie.
pub(crate) fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let folded = fold(name);
    if let Some(same) = candidates.clone().into_iter().find(|candidate| fold(candidate) == folded) {
        return Some(same);
    }
    let near = candidates
        .clone()
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(slips, _)| *slips <= name.chars().count().max(3) / 3)
        .min_by_key(|(slips, _)| *slips);
    if let Some((_, candidate)) = near {
        return Some(candidate);
    }
    let words = sorted_words(name);
    candidates.into_iter().find(|candidate| sorted_words(candidate) == words)
}

/// Like [`closest`], for names that may be right as they are: two slips at most.
pub(crate) fn mistaken<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    const SLIPS: usize = 2;
    closest(name, candidates.clone()).filter(|candidate| {
        distance(&fold(name), &fold(candidate)) <= SLIPS || sorted_words(name) == sorted_words(candidate)
    })
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

fn sorted_words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split('_').collect();
    words.sort_unstable();
    words
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one name into the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let mut slips = (last[j] + usize::from(from != to)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *from == b[j - 1] && a[i - 1] == *to {
                slips = slips.min(before_last[j - 1] + 1);
            }
            row.push(slips);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["reset_secret", "verify_secret", "reset_audience", "on_after_register"];

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance("register", "register"), 0);
        assert_eq!(distance("regsiter", "register"), 1);
        assert_eq!(distance("regster", "register"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn the_three_rules_apply_in_order() {
        assert_eq!(closest("resetSecret", NAMES), Some("reset_secret"));
        assert_eq!(closest("reset_secrt", NAMES), Some("reset_secret"));
        assert_eq!(closest("secret_verify", NAMES), Some("verify_secret"));
        assert_eq!(closest("colour", NAMES), None);
    }

    #[test]
    fn a_name_that_may_be_meant_is_only_mistaken_when_very_near() {
        assert_eq!(mistaken("onAfterRegistr", NAMES), None);
        assert_eq!(mistaken("on_after_registr", NAMES), Some("on_after_register"));
        assert_eq!(mistaken("register_on_after", NAMES), Some("on_after_register"));
        assert_eq!(mistaken("reset_sequence", NAMES), None);
    }
}
