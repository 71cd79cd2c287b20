//! OpenDocument: `table/table-row/table-cell`, each with how often it is repeated.
//!
//! A program writes the empty rest of a sheet as one row repeated a million times; only
//! what is followed by something counts. Notes that hang on a cell are no part of it.

use crate::ledger::grid::{Builder, Value};
use crate::ledger::markup::xml::{Tag, attribute, count, walk};
use crate::ledger::pick::Sheet;
use crate::ledger::workbook::iso_moment;

/// Holds one cell of the row that is open.
struct Cell {
    column: u32,
    repeated: u32,
    value: CellValue,
}

enum CellValue {
    Text(String),
    Number(f64),
    Moment(chrono::NaiveDateTime),
}

/// Stands in the file while it is walked.
#[derive(Default)]
struct Place {
    sheets: Vec<Sheet>,
    open: Option<(String, Builder)>,
    /// Tables within cells are passed over.
    tables: u32,
    line: u32,
    column: u32,
    row: Vec<Cell>,
    row_repeated: u32,
    cell_repeated: u32,
    /// What the open cell's attributes say, and its text so far.
    said: Option<CellValue>,
    text: Option<String>,
    /// How deep within a note.
    notes: u32,
}

/// Returns the sheets of the file.
pub(super) fn read(text: &str) -> Result<Vec<Sheet>, String> {
    let mut place = Place::default();
    walk(text, |tag| place.meet(&tag))?;
    Ok(place.sheets)
}

impl Place {
    fn meet(&mut self, tag: &Tag) -> Result<(), String> {
        match tag {
            Tag::Open("annotation" | "tracked-changes", _) => self.notes += 1,
            Tag::Close("annotation" | "tracked-changes") => {
                self.notes = self.notes.saturating_sub(1);
            }
            _ if self.notes > 0 => {}
            Tag::Open("table", start) => {
                self.tables += 1;
                if self.tables == 1 {
                    let name = attribute(start, "name").unwrap_or_default();
                    self.open = Some((name, Builder::default()));
                    self.line = 0;
                }
            }
            Tag::Close("table") => {
                self.tables = self.tables.saturating_sub(1);
                if let (0, Some((name, grid))) =
                    (self.tables, self.open.take_if(|_| self.tables == 0))
                {
                    self.sheets.push(Sheet { name, is_hidden: false, grid: grid.finish() });
                }
            }
            _ if self.tables != 1 => {}
            Tag::Open("table-row", start) => {
                self.row_repeated = count(start, "number-rows-repeated", 1);
                self.column = 0;
                self.row.clear();
            }
            Tag::Close("table-row") => self.keep_row()?,
            Tag::Open("table-cell" | "covered-table-cell", start) => {
                self.cell_repeated = count(start, "number-columns-repeated", 1);
                self.said = said(start);
                self.text = None;
            }
            Tag::Close("table-cell" | "covered-table-cell") => self.keep_cell(),
            Tag::Open("p", _) => match &mut self.text {
                Some(text) => text.push(' '),
                None => self.text = Some(String::new()),
            },
            Tag::Open("s" | "tab" | "line-break", _) => self.add(" "),
            Tag::Text(text) => self.add(text),
            Tag::Open(..) | Tag::Close(_) => {}
        }
        Ok(())
    }

    fn add(&mut self, more: &str) {
        if let Some(text) = &mut self.text {
            text.push_str(more);
        }
    }

    fn keep_cell(&mut self) {
        let text = self.text.take().filter(|text| !text.trim().is_empty());
        if let Some(value) = self.said.take().or(text.map(CellValue::Text)) {
            self.row.push(Cell { column: self.column, repeated: self.cell_repeated, value });
        }
        self.column = self.column.saturating_add(self.cell_repeated);
    }

    fn keep_row(&mut self) -> Result<(), String> {
        let first = self.line;
        self.line = first.saturating_add(self.row_repeated);
        let Some((_, grid)) = self.open.as_mut().filter(|_| !self.row.is_empty()) else {
            return Ok(());
        };
        for line in first..self.line {
            for cell in &self.row {
                let value = match &cell.value {
                    CellValue::Text(text) => Value::Text(text),
                    CellValue::Number(number) => Value::Number(*number),
                    CellValue::Moment(moment) => Value::Moment(*moment),
                };
                for column in cell.column..cell.column.saturating_add(cell.repeated) {
                    grid.put(line, column, value).map_err(|full| full.to_string())?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the value that stands in a cell's attributes; text stands in the cell.
fn said(start: &quick_xml::events::BytesStart) -> Option<CellValue> {
    match attribute(start, "value-type")?.as_str() {
        "float" | "currency" | "percentage" => {
            Some(CellValue::Number(attribute(start, "value")?.parse().ok()?))
        }
        "date" => iso_moment(&attribute(start, "date-value")?).map(CellValue::Moment),
        "boolean" => Some(CellValue::Text(attribute(start, "boolean-value")?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str) -> String {
        format!("<o:spreadsheet xmlns:t='x'><t:table t:name='A'>{rows}</t:table></o:spreadsheet>")
    }

    #[test]
    fn repeated_cells_and_rows_are_laid_out() {
        let text = table(
            "<t:table-row t:number-rows-repeated='2'><t:table-cell/></t:table-row>\
             <t:table-row t:number-rows-repeated='2'><t:table-cell t:number-columns-repeated='2' o:value-type='float' o:value='1.5'><p>1,5</p></t:table-cell>\
             <t:table-cell o:value-type='string'><annotation><p>nota</p></annotation><p>due<s/>righe</p><p>qui</p></t:table-cell></t:table-row>\
             <t:table-row t:number-rows-repeated='1048570'><t:table-cell t:number-columns-repeated='16384'/></t:table-row>",
        );
        let sheets = read(&text).unwrap();
        let rows: Vec<(u64, Vec<Value>)> = sheets[0]
            .grid
            .rows()
            .map(|(line, row)| (line, (0..row.len()).map(|index| row.value(index)).collect()))
            .collect();
        let cells = vec![Value::Number(1.5), Value::Number(1.5), Value::Text("due righe qui")];
        assert_eq!(rows, vec![(3, cells.clone()), (4, cells)]);
    }

    #[test]
    fn endless_repetition_is_refused() {
        let cell = "<t:table-cell t:number-columns-repeated='16384'><p>x</p></t:table-cell>";
        let rows = format!("<t:table-row t:number-rows-repeated='4000000000'>{cell}</t:table-row>");
        assert!(read(&table(&rows)).err().unwrap().contains("30 million places"));
    }
}
