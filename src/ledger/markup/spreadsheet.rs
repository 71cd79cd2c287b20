//! SpreadsheetML 2003: `Workbook/Worksheet/Table/Row/Cell/Data`.

use crate::ledger::grid::{Builder, Value};
use crate::ledger::markup::xml::{Tag, attribute, count, walk};
use crate::ledger::pick::Sheet;
use crate::ledger::workbook::iso_moment;

/// Stands in the file while it is walked.
#[derive(Default)]
struct Place {
    sheets: Vec<Sheet>,
    open: Option<(String, bool, Builder)>,
    line: u32,
    column: u32,
    /// How many columns the cell takes beside its own.
    across: u32,
    /// The type of the data that is open, and its text so far.
    data: Option<(String, String)>,
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
            Tag::Open("Worksheet", start) => {
                let name = attribute(start, "Name")
                    .unwrap_or_else(|| format!("sheet {}", self.sheets.len() + 1));
                self.open = Some((name, false, Builder::default()));
                self.line = 0;
            }
            Tag::Open("Row", start) => {
                self.line = count(start, "Index", self.line.saturating_add(1)).saturating_sub(1);
                self.column = 0;
            }
            Tag::Open("Cell", start) => {
                self.column =
                    count(start, "Index", self.column.saturating_add(1)).saturating_sub(1);
                self.across = count(start, "MergeAcross", 0);
            }
            Tag::Open("Data", start) => {
                self.data = Some((attribute(start, "Type").unwrap_or_default(), String::new()));
            }
            Tag::Text(text) => self.text(text),
            Tag::Close("Visible") => {
                let said = self.data.take().map(|(_, text)| text).unwrap_or_default();
                if let Some((_, is_hidden, _)) = &mut self.open {
                    *is_hidden = said.trim() != "SheetVisible";
                }
            }
            Tag::Open("Visible", _) => self.data = Some((String::new(), String::new())),
            Tag::Close("Data") => self.keep()?,
            Tag::Close("Cell") => {
                self.column = self.column.saturating_add(1).saturating_add(self.across);
            }
            Tag::Close("Row") => self.line = self.line.saturating_add(1),
            Tag::Close("Worksheet") => {
                if let Some((name, is_hidden, grid)) = self.open.take() {
                    self.sheets.push(Sheet { name, is_hidden, grid: grid.finish() });
                }
            }
            Tag::Open(..) | Tag::Close(_) => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some((_, data)) = &mut self.data {
            data.push_str(text);
        }
    }

    fn keep(&mut self) -> Result<(), String> {
        let (Some((kind, text)), Some((_, _, grid))) = (self.data.take(), &mut self.open) else {
            return Ok(());
        };
        let text = text.trim();
        let value = match kind.as_str() {
            "Number" => text.parse().map_or(Value::Text(text), Value::Number),
            "DateTime" => iso_moment(text).map_or(Value::Text(text), Value::Moment),
            "Error" => Value::Fault(text),
            "Boolean" => Value::Text(if text == "1" { "true" } else { "false" }),
            _ => Value::Text(text),
        };
        grid.put(self.line, self.column, value).map_err(|full| full.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_where_their_index_says() {
        let text = "<Workbook xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'>\
            <ss:Worksheet ss:Name='A &amp; B'><Table><Row ss:Index='2'>\
            <Cell ss:MergeAcross='1'><Data ss:Type='String'>uno &#232;<!-- x --> </Data></Cell>\
            <Cell><Data ss:Type='Number'>1.5</Data></Cell>\
            <Cell ss:Index='5'><Data ss:Type='DateTime'>2026-02-03T00:00:00.000</Data></Cell>\
            </Row></Table></ss:Worksheet></Workbook>";
        let sheets = read(text).unwrap();
        assert_eq!(sheets[0].name, "A & B");
        let (line, row) = sheets[0].grid.rows().next().unwrap();
        let moment = iso_moment("2026-02-03").unwrap();
        assert_eq!(line, 2);
        assert_eq!(row.value(0), Value::Text("uno è"));
        assert_eq!(row.value(2), Value::Number(1.5));
        assert_eq!(row.value(4), Value::Moment(moment));
    }

    #[test]
    fn damage_is_named() {
        for (text, reason) in [
            ("<!DOCTYPE a [<!ENTITY b 'ha'>]><Workbook/>", "it has a DOCTYPE"),
            ("<Workbook>&b;</Workbook>", "it uses an entity that it may not define"),
            ("<Workbook><Row>", "its XML ends within an element"),
            (
                "<Workbook><Worksheet><Row Index='4000000000'><Cell><Data Type='Number'>1</Data></Cell></Row></Worksheet></Workbook>",
                "a cell lies below line 1,048,576 or right of column 16,384",
            ),
        ] {
            assert_eq!(read(text).err().unwrap(), reason);
        }
    }
}
