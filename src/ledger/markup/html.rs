//! Tables of an HTML page: each `<table>` is a sheet, those inside a cell too.
//!
//! The tokenizer is the browsers' own: it never fails and knows every entity. A cell that
//! spans columns or rows fills its first place only, as merged cells do in a workbook; the
//! places that it covers stay empty, so that an amount is never counted twice.

use html5gum::{Token, Tokenizer};

use crate::ledger::grid::{Builder, COLUMNS_MAX, Value};
use crate::ledger::pick::Sheet;

/// How deep tables may nest; beyond that they are passed over.
const DEPTH_MAX: usize = 64;

/// The most rows that a cell may span, as browsers have it.
const ROWS_SPANNED_MAX: u32 = 65_534;

/// Holds one table while it is open.
#[derive(Default)]
struct Table {
    grid: Builder,
    line: u32,
    column: u32,
    is_in_row: bool,
    cell: Option<Cell>,
    /// For each column, the first line that a cell from above no longer covers.
    covered: Vec<u32>,
}

struct Cell {
    text: String,
    columns: u32,
    rows: u32,
}

/// Returns the tables of a page in the order in which they begin.
pub(super) fn read(text: &str) -> Result<Vec<Sheet>, String> {
    let mut page = Page::default();
    let mut tokenizer = Tokenizer::new(text);
    loop {
        let token = match tokenizer.next() {
            None => break,
            Some(Ok(token)) => token,
            Some(Err(never)) => match never {},
        };
        match token {
            Token::StartTag(tag) => {
                let span = |name: &[u8]| {
                    let value = tag.attributes.get(name)?;
                    std::str::from_utf8(value).ok()?.trim().parse::<u32>().ok()
                };
                let spans = (
                    span(b"colspan").unwrap_or(1).clamp(1, 1000),
                    span(b"rowspan").unwrap_or(1).clamp(1, ROWS_SPANNED_MAX),
                );
                page.open(&tag.name, spans, tag.self_closing)?;
            }
            Token::EndTag(tag) => page.close(&tag.name)?,
            Token::String(piece) if page.silent.is_none() => {
                page.add(&String::from_utf8_lossy(&piece));
            }
            Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    page.finish()
}

/// Holds the tables of a page while it is walked.
#[derive(Default)]
struct Page {
    /// Every table in the order in which it began; open ones have no sheet yet.
    sheets: Vec<Option<Sheet>>,
    open: Vec<(usize, Table)>,
    /// Tables past the depth that is followed.
    too_deep: usize,
    /// The element whose text is no text of the page.
    silent: Option<Vec<u8>>,
}

impl Page {
    fn open(&mut self, name: &[u8], spans: (u32, u32), is_closed: bool) -> Result<(), String> {
        match name {
            b"script" | b"style" | b"title" if !is_closed => self.silent = Some(name.to_vec()),
            b"table" if self.open.len() >= DEPTH_MAX => self.too_deep += 1,
            b"table" => {
                self.open.push((self.sheets.len(), Table::default()));
                self.sheets.push(None);
            }
            b"br" | b"p" | b"div" | b"li" => self.add(" "),
            _ => {}
        }
        let Some((_, table)) = self.open.last_mut() else {
            return Ok(());
        };
        match name {
            b"tr" => table.end_row()?,
            b"td" | b"th" => table.begin_cell(spans)?,
            _ => return Ok(()),
        }
        if name == b"tr" {
            table.is_in_row = true;
        }
        Ok(())
    }

    fn close(&mut self, name: &[u8]) -> Result<(), String> {
        if self.silent.as_deref() == Some(name) {
            self.silent = None;
        }
        if name == b"table" && self.too_deep > 0 {
            self.too_deep -= 1;
            return Ok(());
        }
        let Some((_, table)) = self.open.last_mut() else {
            return Ok(());
        };
        match name {
            b"td" | b"th" => table.end_cell()?,
            b"tr" => table.end_row()?,
            b"table" => self.end_table()?,
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, text: &str) {
        if let Some((_, Table { cell: Some(cell), .. })) = self.open.last_mut() {
            cell.text.push_str(text);
        }
    }

    fn end_table(&mut self) -> Result<(), String> {
        if let Some((place, mut table)) = self.open.pop() {
            table.end_row()?;
            let name = format!("table {}", place + 1);
            self.sheets[place] = Some(Sheet { name, is_hidden: false, grid: table.grid.finish() });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Sheet>, String> {
        while !self.open.is_empty() {
            self.end_table()?;
        }
        Ok(self.sheets.into_iter().flatten().collect())
    }
}

impl Table {
    fn begin_cell(&mut self, (columns, rows): (u32, u32)) -> Result<(), String> {
        self.end_cell()?;
        self.is_in_row = true;
        while self.covered.get(self.column as usize).is_some_and(|until| *until > self.line) {
            self.column += 1;
        }
        self.cell = Some(Cell { text: String::new(), columns, rows });
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), String> {
        let Some(Cell { text, columns, rows }) = self.cell.take() else {
            return Ok(());
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        self.grid
            .put(self.line, self.column, Value::Text(&words.join(" ")))
            .map_err(|full| full.to_string())?;
        let end = self.column.saturating_add(columns).min(COLUMNS_MAX);
        if rows > 1 && self.covered.len() < end as usize {
            self.covered.resize(end as usize, 0);
        }
        if rows > 1 {
            self.covered[self.column.min(end) as usize..end as usize].fill(self.line + rows);
        }
        self.column = end;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), String> {
        self.end_cell()?;
        if self.is_in_row {
            self.line += 1;
        }
        self.column = 0;
        self.is_in_row = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str) -> Vec<(String, Vec<String>)> {
        let shown = |value| match value {
            Value::Text(text) => text.to_owned(),
            _ => String::new(),
        };
        read(text)
            .unwrap()
            .iter()
            .map(|sheet| {
                let rows = sheet.grid.rows().map(|(_, row)| {
                    let cells: Vec<String> =
                        (0..row.len()).map(|index| shown(row.value(index))).collect();
                    cells.join("|")
                });
                (sheet.name.clone(), rows.collect())
            })
            .collect()
    }

    fn one(text: &str) -> Vec<String> {
        tables(text).remove(0).1
    }

    #[test]
    fn entities_and_breaks_become_text() {
        let page = "<html><style>td{}</style><TABLE><tr><th>Citt&agrave;<br>e <b>via</b><th>A&nbsp;B\
            <tr><td>&lt;x&gt; &#232;</td><td><!-- no -->1.234,50&euro;</td></tr></table>";
        assert_eq!(one(page), ["Città e via|A B", "<x> è|1.234,50€"]);
    }

    #[test]
    fn spans_leave_their_other_places_empty() {
        let page = "<table><tr><td rowspan=2>a<td colspan=2>b<td>c</tr><tr><td>d<td>e<td>f</tr>\
            <tr><td>g</table>";
        assert_eq!(one(page), ["a|b||c", "|d|e|f", "g"]);
    }

    #[test]
    fn table_in_a_cell_stands_alone() {
        let page = "<table><tr><td>fuori<table><tr><td>dentro</table>dopo</td></tr></table><table></table>";
        let expected = [
            ("table 1".to_owned(), vec!["fuoridopo".to_owned()]),
            ("table 2".to_owned(), vec!["dentro".to_owned()]),
            ("table 3".to_owned(), vec![]),
        ];
        assert_eq!(tables(page), expected);
    }

    #[test]
    fn endless_nesting_and_spans_stay_small() {
        let deep = "<table><tr><td>".repeat(100_000);
        assert_eq!(read(&deep).unwrap().len(), DEPTH_MAX);
        let wide = format!("<table><tr>{}</table>", "<td colspan=1000 rowspan=9>x".repeat(100));
        assert!(read(&wide).err().unwrap().contains("right of column"));
    }
}
