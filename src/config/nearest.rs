//! Finds the known word nearest to a misspelt one.

/// Returns "did you mean …" or, when nothing is near, all known words.
pub(super) fn suggestion<'a>(
    unknown: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    match nearest(unknown, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are {}", quoted(known)),
    }
}

/// Returns the words in backticks with commas between.
pub(super) fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Returns the word that was probably meant, if any is near enough.
///
/// A key is compared within its section first; the right key under a wrong section, or
/// under none, is near too.
pub(super) fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = unknown.to_lowercase();
    let (section, word) = split(&unknown);
    let distance = |known: &'a str| {
        let lower = known.to_lowercase();
        let (known_section, known_word) = split(&lower);
        let letters = letters_apart(word, known_word)?;
        Some((letters + if section == known_section { 0 } else { 2 }, known))
    };
    known.filter_map(distance).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// Counts the letters to change; more than a third of them make another word.
fn letters_apart(word: &str, known: &str) -> Option<usize> {
    let is_part = word.len() >= 3 && known.contains(word) || word.contains(known);
    let apart = if word == known {
        0
    } else if is_part {
        1
    } else {
        strsim::damerau_levenshtein(word, known)
    };
    (apart <= (word.len().max(known.len()) / 3).max(1)).then_some(apart)
}

fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelling_names_its_neighbour() {
        let keys = ["api.base_url", "api.token_file", "store.url", "mail.host", "jobs.time_zone"];
        for (unknown, near) in [
            ("api.base_ulr", "api.base_url"),
            ("api.url", "api.base_url"),
            ("mail.hots", "mail.host"),
            ("base_url", "api.base_url"),
            ("mail.token_file", "api.token_file"),
            ("jobs.zone", "jobs.time_zone"),
            ("API.BASE_URL", "api.base_url"),
        ] {
            assert_eq!(nearest(unknown, keys.into_iter()), Some(near), "{unknown}");
        }
    }

    #[test]
    fn other_word_gets_all_known_ones() {
        assert_eq!(suggestion("colour", ["host", "port"].into_iter()), "known are `host`, `port`");
    }
}
