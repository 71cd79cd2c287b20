//! Whose books a file's rows are, and whether they were sent or received.

use std::collections::BTreeSet;

use crate::fiscal::{Direction, EntryKind, LedgerEntry};
use crate::worker::upload::Request;
use crate::worker::{Context, Error};

/// Gives every entry its company: the row's own, the one said, or the only one there is.
pub(super) async fn decide_company(
    ctx: &Context,
    file: &str,
    request: &Request,
    entries: &mut [LedgerEntry],
) -> Result<(), Error> {
    let fallback = match &request.company {
        Some(company) => Some(company.clone()),
        None if entries.iter().all(|entry| entry.company.is_some()) => None,
        None => match &ctx.store.companies().await?[..] {
            [only] => Some(only.tax_id.clone()),
            _ => {
                return Err(Error::WhoseBooks { file: file.to_owned() });
            }
        },
    };
    for entry in entries {
        match (&entry.company, &request.company) {
            (Some(found), Some(wanted)) if found != wanted => {
                return Err(Error::OtherCompany {
                    file: file.to_owned(),
                    row: entry.row,
                    found: found.to_string(),
                    wanted: wanted.to_string(),
                });
            }
            (Some(_), _) => {}
            (None, _) => entry.company.clone_from(&fallback),
        }
    }
    Ok(())
}

/// Takings and receipts are always sent; an invoice's direction must be said somewhere.
///
/// The file's name is asked last: accountants name registers `vendite…` and `acquisti…`.
pub(super) fn decide_direction(file: &str, entries: &mut [LedgerEntry]) -> Result<(), Error> {
    let words: BTreeSet<String> =
        file.to_lowercase().split(|c: char| !c.is_alphabetic()).map(ToOwned::to_owned).collect();
    let says = |known: &[&str]| known.iter().any(|word| words.contains(*word));
    let by_name = match (
        says(&["vendite", "emesse", "attive", "clienti"]),
        says(&["acquisti", "ricevute", "passive", "fornitori"]),
    ) {
        (true, false) => Some(Direction::Outgoing),
        (false, true) => Some(Direction::Incoming),
        _ => None,
    };
    for entry in entries {
        let decided = match (entry.direction, entry.kind) {
            (Some(direction), _) => Some(direction),
            (None, EntryKind::Invoice) => by_name,
            (None, _) => Some(Direction::Outgoing),
        };
        entry.direction =
            Some(decided.ok_or_else(|| Error::WhichDirection { file: file.to_owned() })?);
    }
    Ok(())
}
