//! Says of a group which rows answer which, and why no others can.

use super::reason::difference;
use super::record::{capital, record, stop};
use crate::findings::Reason;
use crate::fiscal::{Currency, Language};
use crate::report::format;
use crate::report::words::pass_name;

/// The most rows that a sentence names; the others are counted.
const NAMED_MAX: usize = 12;

/// Explains a row that is answered by several, or answers one together with others.
pub(super) fn sentence(reason: &Reason, currency: Currency, language: Language) -> String {
    let Reason::Together { pass, with, beside, among, difference: off } = reason else {
        return String::new();
    };
    let it = language == Language::It;
    let pass = pass_name(pass, language);
    let mut named: Vec<String> =
        with.iter().take(NAMED_MAX).map(|one| record(one, language)).collect();
    let rest = with.len() - named.len();
    if rest > 0 {
        named.push(if it { format!("e altre {rest}") } else { format!("and {rest} more") });
    }
    let named = named.join("; ");
    let lead = match (*beside, it) {
        (0, true) => format!("Corrisponde a {} righe insieme ({pass}): {named}", with.len()),
        (0, false) => format!("Answered by {} rows together ({pass}): {named}", with.len()),
        (1, true) => format!("Insieme a un'altra riga ({pass}) corrisponde a: {named}"),
        (1, false) => format!("Together with one other row ({pass}) it answers: {named}"),
        (more, true) => format!("Insieme ad altre {more} righe ({pass}) corrisponde a: {named}"),
        (more, false) => format!("Together with {more} other rows ({pass}) it answers: {named}"),
    };
    let mut sentences = vec![stop(&lead)];
    if let Some(among) = among {
        sentences.push(match language {
            Language::It => format!("È l'unica somma possibile tra {among} righe aperte."),
            Language::En => format!("It is the only sum possible among {among} open rows."),
        });
    }
    if let Some(off) = off {
        sentences.push(capital(&difference(off, currency, language)));
    }
    sentences.join(" ")
}

/// Says how many groups a statement has, and where their members stand.
pub(crate) fn groups(groups: u64, language: Language) -> String {
    match language {
        Language::It => {
            let groups = format::counted(groups, "gruppo abbinato", "gruppi abbinati", language);
            format!(
                "{groups} al totale: i componenti sono nei motivi delle righe, in XLSX, HTML, CSV e JSON."
            )
        }
        Language::En => {
            let groups = format::counted(groups, "group", "groups", language);
            format!(
                "{groups} matched by their sum: the members stand in the rows' reasons, in XLSX, HTML, CSV and JSON."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Pass, RecordRef};

    #[test]
    fn members_are_named_in_both_languages() {
        let row =
            |number: usize| RecordRef { number: Some(number.to_string()), ..RecordRef::default() };
        let together = |rows: usize, beside| Reason::Together {
            pass: Pass::SumOfDocuments,
            with: (1..=rows).map(row).collect(),
            beside,
            among: Some(5),
            difference: None,
        };
        let said = |reason: &Reason, language| sentence(reason, Currency::EUR, language);
        let it = said(&together(2, 0), Language::It);
        assert!(it.starts_with("Corrisponde a 2 righe insieme (somma di più documenti"), "{it}");
        assert!(it.ends_with("n. 1; n. 2. È l'unica somma possibile tra 5 righe aperte."), "{it}");
        let en = said(&together(1, 3), Language::En);
        assert!(en.starts_with("Together with 3 other rows (the sum of several documents"), "{en}");
        assert!(en.contains("it answers: no. 1."), "{en}");
        let many = said(&together(15, 0), Language::En);
        assert!(many.contains("no. 12; and 3 more."), "{many}");
    }

    #[test]
    fn groups_are_counted_and_their_place_is_said() {
        assert!(groups(1, Language::It).starts_with("1 gruppo abbinato al totale"));
        let en = groups(1_200, Language::En);
        assert!(en.starts_with("1,200 groups matched by their sum") && en.contains("XLSX"), "{en}");
    }
}
