//! What people read for every machine word, Italian and English side by side.
//!
//! Machine words (`missing_in_ledger`) stay in CSV, JSON and the store; pages, mails and
//! workbooks say the words of this folder and of nothing else. Each is a pair, so that
//! neither language can be forgotten and a reviewer reads both at once.
//! Sentences with values in them are made in `sentence`.

mod alert;
mod class;
mod evidence;
mod kind;
mod label;

pub(crate) use class::{class_hint, sheet_name, statement_title};
pub(crate) use evidence::{pass_name, source_state};
pub(crate) use kind::action;
pub(crate) use label::{Labels, labels};

use crate::fiscal::Language;

/// Gives a machine word its word for people.
pub(crate) trait Word: Copy {
    /// Returns the Italian and the English word.
    fn pair(self) -> (&'static str, &'static str);

    /// Returns the word in one language.
    fn word(self, language: Language) -> &'static str {
        pick(self.pair(), language)
    }
}

/// Returns the half of a pair that the reader's language asks for.
fn pick(pair: (&'static str, &'static str), language: Language) -> &'static str {
    match language {
        Language::It => pair.0,
        Language::En => pair.1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::credentials::{Level, State};
    use crate::findings::{Excluded, Explanation, Field, FindingState, Kind, Pass, Severity, Side};
    use crate::fiscal::{Direction, DocumentKind, NumberTier, Tender};
    use crate::reconcile::statement::{Basis, Class, Verdict};

    /// Checks that each word stands in both languages, differs, and is said once.
    fn complete<W: Word + std::fmt::Debug>(all: &[W]) {
        let mut seen = BTreeSet::new();
        for word in all {
            let (it, en) = word.pair();
            assert!(!it.trim().is_empty() && !en.trim().is_empty(), "{word:?}");
            assert_ne!(it, en, "{word:?} is not translated");
            assert!(seen.insert(it) && seen.insert(en), "{word:?} is said twice");
        }
    }

    #[test]
    fn every_word_stands_in_both_languages() {
        complete(Kind::ALL);
        complete(Level::ALL);
        complete(State::ALL);
        complete(Severity::ALL);
        complete(FindingState::ALL);
        complete(Class::ALL);
        complete(Verdict::ALL);
        complete(Basis::ALL);
        complete(Field::ALL);
        complete(Explanation::ALL);
        complete(Excluded::ALL);
        complete(Side::ALL);
        complete(DocumentKind::ALL);
        complete(Direction::ALL);
        complete(&[NumberTier::Exact, NumberTier::Normalised, NumberTier::DigitsOnly]);
        complete(&[Tender::Cash, Tender::Electronic, Tender::Vouchers, Tender::Uncollected]);
    }

    #[test]
    fn every_rule_of_ours_has_words() {
        for pass in Pass::ALL {
            let both = [Language::It, Language::En].map(|language| pass_name(pass, language));
            assert!(both[0] != both[1] && both[0] != pass.as_str(), "{pass}");
        }
        assert_eq!(pass_name(&Pass::named("contratto"), Language::It), "contratto");
    }

    #[test]
    fn every_kind_says_what_to_do() {
        for kind in Kind::ALL {
            let both = [Language::It, Language::En].map(|language| action(*kind, language));
            assert!(both.iter().all(|text| text.ends_with('.')), "{kind}");
            assert_ne!(both[0], both[1], "{kind}");
        }
    }

    #[test]
    fn sheet_names_fit_a_workbook() {
        for language in [Language::It, Language::En] {
            let names: BTreeSet<_> = Class::ALL
                .iter()
                .map(|class| sheet_name(*class, language).to_lowercase())
                .collect();
            assert_eq!(names.len(), Class::ALL.len());
            // A workbook allows 31 characters; four stay free for the number of a split.
            assert!(names.iter().all(|name| name.chars().count() <= 27
                && !name.contains(['[', ']', ':', '*', '?', '/', '\\', '\''])));
        }
    }
}
