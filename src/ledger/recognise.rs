//! Finds the heading row and the layout whose headings it matches best.
//!
//! A layout matches when every group of required fields has a heading. Among those that
//! match, the one that knows the most headings wins; a tie is an error, not a guess.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use crate::fiscal::Direction;
use crate::ledger::error::MissingHeading;
use crate::ledger::layout::{Field, Layout, fold};
use crate::ledger::table::{Table, TooWide};
use crate::ledger::{Error, Upload};

/// How many rows from the top the heading is looked for.
const HEADING_ROWS_MAX: usize = 30;

/// How alike two headings must be to be called near.
const NEAR_ENOUGH: f64 = 0.75;

/// Holds a heading row as a layout understands it.
#[derive(Debug, Clone)]
pub(super) struct Recognised<'a> {
    pub layout: &'a Layout,
    /// The position of the heading among the table's rows, from 0.
    pub heading_row: usize,
    pub columns: Vec<Column>,
    /// The direction that the headings tell.
    pub direction: Option<Direction>,
    /// How many headings the layout knows.
    pub known: usize,
}

/// Holds one heading and what it fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub heading: String,
    pub field: Option<Field>,
    pub note: Option<String>,
}

/// Holds what a search for headings came to.
pub(super) enum Search<'a> {
    Found(Recognised<'a>),
    /// Nothing matched; the row that looks most like headings.
    Nothing(Vec<String>),
    /// Several layouts matched equally well; their names.
    Tie(Vec<String>),
}

/// Looks for a heading row near the top of a table.
pub(super) fn search<'a>(
    table: &Table,
    upload: &Upload<'a>,
    wanted: Option<&'a Layout>,
) -> Result<Search<'a>, TooWide> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    table.each_row(|row| {
        rows.push(row.cells().map(|cell| cell.shown().into_owned()).collect());
        if rows.len() < HEADING_ROWS_MAX {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    let candidates = candidates(upload, wanted);
    let mut best: Vec<Recognised> = Vec::new();
    for (heading_row, headings) in rows.iter().enumerate() {
        for layout in &candidates {
            let Some(found) = recognise(layout, heading_row, headings, upload) else {
                continue;
            };
            let known_best = best.first().map_or(0, |first| first.known);
            let is_same_row = best.first().is_none_or(|first| first.heading_row == heading_row);
            let asked = |found: &Recognised| (found.known, found.layout.required.len());
            // Of two layouts that know as many headings, the one that asks for more is meant.
            let is_narrower =
                is_same_row && best.first().is_some_and(|first| asked(&found) > asked(first));
            if found.known > known_best || is_narrower {
                best = vec![found];
            } else if is_same_row && best.first().is_none_or(|first| asked(&found) == asked(first))
            {
                best.push(found);
            }
        }
    }
    Ok(match (best.len(), best.pop()) {
        (1, Some(found)) => Search::Found(found),
        (_, Some(last)) => {
            Search::Tie(best.iter().chain([&last]).map(|found| found.layout.name.clone()).collect())
        }
        (_, None) => Search::Nothing(widest(rows)),
    })
}

/// Refuses a choice about a column that the file does not have.
pub(super) fn check_choices(upload: &Upload, recognised: &Recognised) -> Result<(), Error> {
    let headings = recognised.columns.iter().map(|column| column.heading.trim().to_owned());
    check_headings(upload, &headings.filter(|heading| !heading.is_empty()).collect::<Vec<_>>())
}

fn check_headings(upload: &Upload, headings: &[String]) -> Result<(), Error> {
    let is_there = |wanted: &str| headings.iter().any(|heading| fold(heading) == fold(wanted));
    match upload.columns.iter().find(|choice| !is_there(&choice.heading)) {
        None => Ok(()),
        Some(choice) => Err(Error::NoSuchColumn {
            file: upload.file_name.to_owned(),
            heading: choice.heading.clone(),
            headings: headings.to_vec(),
        }),
    }
}

fn candidates<'a>(upload: &Upload<'a>, wanted: Option<&'a Layout>) -> Vec<&'a Layout> {
    match wanted {
        Some(layout) => vec![layout],
        None => upload.layouts.iter().collect(),
    }
}

/// Returns the cells of the first row that has the most of them.
fn widest(rows: Vec<Vec<String>>) -> Vec<String> {
    let mut widest: Vec<String> = Vec::new();
    for row in rows {
        let cells: Vec<String> = row.into_iter().filter(|cell| !cell.is_empty()).collect();
        if cells.len() > widest.len() {
            widest = cells;
        }
    }
    widest
}

/// Reads headings by one layout, `None` when a required one is missing.
fn recognise<'a>(
    layout: &'a Layout,
    heading_row: usize,
    headings: &[String],
    upload: &Upload,
) -> Option<Recognised<'a>> {
    let folded: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
    // Whoever taught a layout on these very headings meant it before all others.
    let is_signed = layout.is_signed(&folded);
    let is_chosen = |heading: &str| upload.columns.iter().any(|one| fold(&one.heading) == heading);
    let known = if is_signed {
        usize::MAX
    } else {
        folded.iter().filter(|heading| layout.knows(heading) || is_chosen(heading)).count()
    };
    let is_for_others = !layout.signature.is_empty() && !is_signed && upload.layout.is_none();
    if known == 0 || is_for_others {
        return None;
    }
    let (direction, columns) = assign(layout, headings, &folded, upload);
    let is_there = |field: &Field| columns.iter().any(|column| column.field == Some(*field));
    let is_complete = layout.required.iter().all(|group| group.iter().any(is_there));
    is_complete.then_some(Recognised { layout, heading_row, columns, direction, known })
}

/// Gives each field to the one heading that stands first in the layout's list.
///
/// A heading of the other side ("Cliente" in purchases) yields to one of this side. When
/// both sides are named and nobody said which is ours, neither is taken.
fn assign(
    layout: &Layout,
    headings: &[String],
    folded: &[String],
    upload: &Upload,
) -> (Option<Direction>, Vec<Column>) {
    let side_of = |heading: &str| {
        layout
            .direction_headings
            .iter()
            .find(|(_, words)| words.iter().any(|word| fold(word) == heading))
            .map(|(direction, _)| *direction)
    };
    let sides: Vec<Option<Direction>> = folded.iter().map(|heading| side_of(heading)).collect();
    let names = |direction| sides.contains(&Some(direction));
    let told = match (names(Direction::Incoming), names(Direction::Outgoing)) {
        (true, false) => Some(Direction::Incoming),
        (false, true) => Some(Direction::Outgoing),
        _ => None,
    };
    let direction = layout.direction.or(told).or(upload.direction);
    let is_unclear = direction.is_none() && names(Direction::Incoming);
    let mut columns: Vec<Column> = headings
        .iter()
        .map(|heading| Column {
            heading: heading.trim_start_matches('\u{feff}').to_owned(),
            field: None,
            note: None,
        })
        .collect();
    let choices: Vec<(String, Option<Field>)> =
        upload.columns.iter().map(|choice| (fold(&choice.heading), choice.field)).collect();
    let chosen =
        |heading: &str| choices.iter().find(|(known, _)| known == heading).map(|(_, field)| *field);
    let is_said = |field: Field| choices.iter().any(|(_, said)| *said == Some(field));
    let mut taken: Vec<(Field, usize, usize)> = Vec::new();
    for (index, heading) in folded.iter().enumerate() {
        if let Some(field) = chosen(heading) {
            columns[index].field = field;
            columns[index].note = Some("as you said".to_owned());
            continue;
        }
        let Some((field, rank)) = layout.meaning(heading).filter(|(field, _)| !is_said(*field))
        else {
            continue;
        };
        let is_other_side = sides[index].is_some_and(|side| Some(side) != direction);
        if is_unclear && is_other_side {
            columns[index].note = Some(
                "both parties have a column and nobody said which is the other party".to_owned(),
            );
            continue;
        }
        let rank = if is_other_side { rank + 1000 } else { rank };
        if field == Field::Reference {
            columns[index].field = Some(field);
            continue;
        }
        match taken.iter_mut().find(|(other, ..)| *other == field) {
            None => taken.push((field, rank, index)),
            Some(best) if rank < best.1 => *best = (field, rank, index),
            Some(_) => {}
        }
    }
    for (field, _, winner) in &taken {
        columns[*winner].field = Some(*field);
        for (index, heading) in folded.iter().enumerate() {
            let is_same = layout.meaning(heading).is_some_and(|(other, _)| other == *field)
                && chosen(heading).is_none();
            if is_same && index != *winner && columns[index].note.is_none() {
                columns[index].note =
                    Some(format!("`{}` is used for {field}", headings[*winner].trim()));
            }
        }
    }
    (direction, columns)
}

/// Returns the error for headings that match nothing, with the nearest layout.
pub(super) fn unknown(upload: &Upload, wanted: Option<&Layout>, headings: Vec<String>) -> Error {
    if let Err(no_such_column) = check_headings(upload, &headings) {
        return no_such_column;
    }
    let folded: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
    let nearest = candidates(upload, wanted)
        .into_iter()
        .map(|layout| (layout, lacks(layout, &headings, &folded)))
        .map(|(layout, missing)| {
            let far = missing.iter().filter(|one| one.nearest.is_none()).count();
            let known = folded.iter().filter(|heading| layout.knows(heading)).count();
            (layout, missing, far, known)
        })
        .filter(|(layout, _, far, known)| {
            wanted.is_some() || *known > 0 || *far < layout.required.len()
        })
        .min_by_key(|(_, missing, far, known)| (*far, missing.len(), Reverse(*known)));
    let (nearest, missing) = match nearest {
        Some((layout, missing, ..)) => (Some(layout.name.clone()), missing),
        None => (None, Vec::new()),
    };
    Error::UnknownLayout { file: upload.file_name.to_owned(), headings, nearest, missing }
}

/// Lists what a layout requires and the headings do not have.
fn lacks(layout: &Layout, headings: &[String], folded: &[String]) -> Vec<MissingHeading> {
    let has = |field: &Field| {
        folded
            .iter()
            .any(|heading| layout.meaning(heading).is_some_and(|(found, _)| found == *field))
    };
    layout
        .required
        .iter()
        .filter(|group| !group.iter().any(has))
        .map(|group| missing_heading(layout, group, headings))
        .collect()
}

/// Names a group that is missing by the heading to which a found one comes nearest.
fn missing_heading(layout: &Layout, group: &[Field], headings: &[String]) -> MissingHeading {
    let wanted = group.iter().filter_map(|field| layout.fields.get(field)).flatten();
    let is_free = |heading: &&String| !layout.knows(&fold(heading));
    let nearest = wanted
        .flat_map(|wanted| headings.iter().filter(is_free).map(move |found| (wanted, found)))
        .map(|(wanted, found)| {
            let alike = strsim::normalized_damerau_levenshtein(&fold(wanted), &fold(found));
            (alike, wanted, found)
        })
        .filter(|(alike, ..)| *alike >= NEAR_ENOUGH)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, wanted, found)) => {
            MissingHeading { wanted: wanted.clone(), nearest: Some(found.clone()) }
        }
        None => MissingHeading { wanted: layout.first_heading(group).to_owned(), nearest: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search_text(text: &str, hint: Option<Direction>) -> Search<'static> {
        let table = Table::Text { text: text.into(), delimiter: b';' };
        search(&table, &Upload { direction: hint, ..Upload::new("x", b"") }, None).unwrap()
    }

    fn meanings(search: Search) -> (Option<Direction>, Vec<Option<Field>>) {
        match search {
            Search::Found(found) => {
                (found.direction, found.columns.iter().map(|column| column.field).collect())
            }
            _ => panic!("no layout was found"),
        }
    }

    #[test]
    fn heading_may_stand_after_titles() {
        let Search::Found(found) =
            search_text("Ditta X\n\nRegistro;2026\nData;Contanti;POS\n", None)
        else {
            panic!("no layout was found");
        };
        assert_eq!((found.layout.name.as_str(), found.heading_row), ("incassi-giornalieri", 2));
    }

    #[test]
    fn headings_of_one_side_tell_the_direction() {
        let (direction, _) = meanings(search_text("Numero;Data;Cliente;Totale\n", None));
        assert_eq!(direction, Some(Direction::Outgoing));
        let (direction, _) = meanings(search_text("Numero;Data;Fornitore;Totale\n", None));
        assert_eq!(direction, Some(Direction::Incoming));
    }

    #[test]
    fn both_sides_need_the_uploaders_word() {
        let text = "Numero;Data;Fornitore;Cliente;Totale\n";
        let (direction, unclear) = meanings(search_text(text, None));
        assert_eq!((direction, unclear[2], unclear[3]), (None, None, None));
        let (_, told) = meanings(search_text(text, Some(Direction::Outgoing)));
        assert_eq!((told[2], told[3]), (None, Some(Field::CounterpartyName)));
        let (_, told) = meanings(search_text(text, Some(Direction::Incoming)));
        assert_eq!((told[2], told[3]), (Some(Field::CounterpartyName), None));
    }

    #[test]
    fn protocol_is_never_the_number() {
        let (_, fields) = meanings(search_text("Protocollo;Numero;Data;Totale\n", None));
        assert_eq!(fields[..2], [Some(Field::Protocol), Some(Field::Number)]);
        assert!(matches!(search_text("Protocollo;Data;Totale\n", None), Search::Nothing(_)));
    }
}
