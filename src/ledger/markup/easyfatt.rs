//! Easyfatt's own XML: `EasyfattDocuments/Documents/Document`, a row each.
//!
//! The direct children of a document that hold text become columns headed by their tags,
//! in the order in which they are first met; rows and payments below them are passed over.

use crate::ledger::grid::{Builder, Value};
use crate::ledger::markup::xml::{Tag, walk};
use crate::ledger::pick::Sheet;

/// The name under which the one table can be chosen.
const SHEET: &str = "Documents";

/// How many tags a document may have; Easyfatt writes about sixty.
const COLUMNS_MAX: usize = 1000;

/// Returns the documents as one sheet.
pub(super) fn read(text: &str) -> Result<Vec<Sheet>, String> {
    let mut headings: Vec<String> = Vec::new();
    let mut documents: Vec<Vec<(usize, String)>> = Vec::new();
    // Depth within a document: 1 in it, 2 in a child, more below.
    let mut depth = 0;
    let mut field: Option<(usize, String)> = None;
    walk(text, |tag| {
        match tag {
            Tag::Open("Document", _) if depth == 0 => {
                depth = 1;
                documents.push(Vec::new());
            }
            Tag::Open(name, _) if depth > 0 => {
                depth += 1;
                field = None;
                if depth == 2 {
                    field = Some((column(&mut headings, name)?, String::new()));
                }
            }
            Tag::Close(_) if depth > 0 => {
                if let (2, Some(value), Some(document)) =
                    (depth, field.take(), documents.last_mut())
                {
                    document.push(value);
                }
                depth -= 1;
            }
            Tag::Text(text) => {
                if let Some((_, value)) = &mut field {
                    value.push_str(text);
                }
            }
            Tag::Open(..) | Tag::Close(_) => {}
        }
        Ok(())
    })?;
    let mut grid = Builder::default();
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut put = |line: usize, at: usize, text: &str| {
        grid.put(number(line), number(at), Value::Text(text)).map_err(|full| full.to_string())
    };
    for (at, heading) in headings.iter().enumerate() {
        put(0, at, heading)?;
    }
    for (document, line) in documents.iter().zip(1..) {
        for (at, text) in document {
            put(line, *at, text)?;
        }
    }
    Ok(vec![Sheet { name: SHEET.to_owned(), is_hidden: false, grid: grid.finish() }])
}

/// Returns the column of a tag, a new one the first time.
fn column(headings: &mut Vec<String>, name: &str) -> Result<usize, String> {
    if let Some(at) = headings.iter().position(|heading| heading == name) {
        return Ok(at);
    }
    if headings.len() >= COLUMNS_MAX {
        return Err(format!("a document has more than {COLUMNS_MAX} different tags"));
    }
    headings.push(name.to_owned());
    Ok(headings.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_rows() {
        let text = "<?xml version='1.0'?><EasyfattDocuments><Documents>\
            <Document><Number>1</Number><Total>122.00</Total><Rows><Row><Total>9</Total></Row></Rows></Document>\
            <Document><Number>2</Number><Date>2026-02-03</Date></Document></Documents></EasyfattDocuments>";
        let sheets = read(text).unwrap();
        let rows: Vec<Vec<Value>> = sheets[0]
            .grid
            .rows()
            .map(|(_, row)| (0..row.len()).map(|index| row.value(index)).collect())
            .collect();
        let text = Value::Text;
        assert_eq!(rows[0], [text("Number"), text("Total"), text("Rows"), text("Date")]);
        assert_eq!(rows[1], [text("1"), text("122.00")]);
        assert_eq!(rows[2], [text("2"), Value::Empty, Value::Empty, text("2026-02-03")]);
    }
}
