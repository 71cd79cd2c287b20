//! `quadra export`: whole tables of the store for other programs.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::cli::Global;
use crate::cli::failure::Failure;
use crate::store::{Cell, ExportTable};
use crate::worker;

/// Export documents, ledger entries or findings as CSV or JSON
///
/// CSV has a heading row; JSON is one object with the table's name as its only key. Amounts
/// are signed cents, an unknown value is empty. Text that a spreadsheet would run as a
/// formula is preceded by an apostrophe in CSV.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The table
    #[arg(value_enum)]
    table: Table,
    /// csv or json; `--json` is the same as `--format json`
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    format: Form,
    /// Write to FILE instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    Documents,
    Entries,
    Findings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Csv,
    Json,
}

impl Export {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let ctx = global.open().await?;
        let table = match self.table {
            Table::Documents => ExportTable::Documents,
            Table::Entries => ExportTable::Entries,
            Table::Findings => ExportTable::Findings,
        };
        let target: Box<dyn Write + Send> = match &self.out {
            None => Box::new(std::io::stdout()),
            Some(path) => Box::new(std::fs::File::create(path).map_err(|source| {
                let path = path.clone();
                worker::Error::File { operation: "create", path, source }
            })?),
        };
        let mut target = BufWriter::new(target);
        let is_json = global.json || self.format == Form::Json;
        let written = if is_json {
            let name = self.table.to_possible_value().expect("no table is hidden");
            let mut sink = JsonRows::begin(&mut target, name.get_name(), table)?;
            let rows = ctx.store.export(table, |cells| sink.row(cells)).await?;
            rows.and_then(|()| sink.end())
        } else {
            let mut sink = csv::Writer::from_writer(&mut target);
            sink.write_record(table.columns()).map_err(|error| Failure::Output(io_error(error)))?;
            let rows = ctx.store.export(table, |cells| csv_row(&mut sink, cells)).await?;
            rows.and_then(|()| sink.flush())
        };
        ctx.store.close().await;
        match written.and_then(|()| target.flush()) {
            // A reader that closed the pipe has what it wanted.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::Output(error))
            }
            _ => Ok(ExitCode::SUCCESS),
        }
    }
}

fn csv_row<W: Write>(sink: &mut csv::Writer<W>, cells: Vec<Cell>) -> std::io::Result<()> {
    let fields = cells.into_iter().map(|cell| match cell {
        Cell::Empty => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => crate::report::safe_for_spreadsheets(&text),
    });
    sink.write_record(fields).map_err(io_error)
}

/// Takes the system's error out of the CSV writer's, which hides its kind.
fn io_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(inner) => inner,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

/// Writes rows as objects of one array, without holding them.
struct JsonRows<'a, W: Write> {
    target: &'a mut W,
    columns: &'static [&'static str],
    is_first: bool,
}

impl<'a, W: Write> JsonRows<'a, W> {
    fn begin(target: &'a mut W, name: &str, table: ExportTable) -> Result<Self, Failure> {
        write!(target, "{{\"{name}\":[").map_err(Failure::Output)?;
        Ok(Self { target, columns: table.columns(), is_first: true })
    }

    fn row(&mut self, cells: Vec<Cell>) -> std::io::Result<()> {
        let separator = if self.is_first { "\n" } else { ",\n" };
        self.is_first = false;
        self.target.write_all(separator.as_bytes())?;
        let mut object = serde_json::Map::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            let value = match cell {
                Cell::Empty => Value::Null,
                Cell::Number(number) => number.into(),
                Cell::Text(text) => text.into(),
            };
            object.insert((*column).to_owned(), value);
        }
        serde_json::to_writer(&mut self.target, &object).map_err(std::io::Error::from)
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.target.write_all(b"\n]}\n")
    }
}
