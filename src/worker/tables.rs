//! Compares two files without store or account, and writes what came out.
//!
//! With rules any two tables are compared; without, both must have a known fiscal layout,
//! and the default rules of their sort apply. Files are written under another name first,
//! so that whoever watches the folder never sees half of one.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::fiscal::{
    EntryKind, Language, LedgerEntry, Settlement, TaxId, cents_to_decimal, normalise_number,
};
use crate::ledger::{self, Layouts, LedgerFile, Upload};
use crate::reconcile::tables::{self, Comparison, DefaultRules, Rules, Table};
use crate::report::tables::{self as pages, Setting};
use crate::worker::Error;

/// States what to compare and what to write.
#[derive(Debug)]
pub struct FilesRequest {
    /// The left file.
    pub left: PathBuf,
    /// The right file.
    pub right: PathBuf,
    /// The sheet of each file, where it has several tables.
    pub sheets: [Option<String>; 2],
    /// The layouts by which fiscal files are recognised.
    pub layouts: Layouts,
    /// The rules; without them both files must have a known fiscal layout.
    pub rules: Option<PathBuf>,
    /// The folder to write to.
    pub out: PathBuf,
    /// What to write.
    pub formats: Vec<TableFormat>,
    /// The language of reasons and pages.
    pub language: Language,
    /// How many threads may work.
    pub threads: usize,
}

/// Names a form in which a comparison of tables is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// `statement.json`.
    Json,
    /// `matches.csv` and `findings.csv`.
    Csv,
    /// `report.html`.
    Html,
    /// `report.xlsx`.
    Xlsx,
}

/// Holds a comparison and the files that tell of it.
pub struct ComparedFiles {
    /// The comparison.
    pub comparison: Comparison,
    /// What `statement.json` says.
    pub statement: serde_json::Value,
    /// The files written, in the order in which they were.
    pub written: Vec<PathBuf>,
}

/// Compares two files and writes the report.
///
/// # Errors
/// A file that cannot be read, rules that name what nobody has, a folder that cannot be
/// written to.
pub fn compare_files(request: &FilesRequest) -> Result<ComparedFiles, Error> {
    let (rules, tables) = match &request.rules {
        Some(path) => {
            let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
            let rules = Rules::parse(&text).map_err(|source| told(request, source))?;
            (rules, read_both(request)?)
        }
        None => fiscal(request)?,
    };
    let comparison =
        tables::compare(tables, &rules, request.threads).map_err(|source| told(request, source))?;
    let name = |path: &Path| {
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let (left, right) = (name(&request.left), name(&request.right));
    let setting = Setting { left: &left, right: &right, language: request.language };
    let statement = pages::statement(&comparison, &setting);
    fs::create_dir_all(&request.out).map_err(Error::file("create", &request.out))?;
    let mut written = Vec::new();
    let mut put = |name: &str, write: &dyn Fn(&mut BufWriter<File>) -> std::io::Result<()>| {
        let path = request.out.join(name);
        put_file(&path, write).map_err(Error::file("write", &path))?;
        written.push(path);
        Ok::<(), Error>(())
    };
    for format in &request.formats {
        match format {
            TableFormat::Json => put("statement.json", &|file| writeln!(file, "{statement:#}"))?,
            TableFormat::Csv => {
                put("matches.csv", &|file| pages::write_matches(&comparison, &setting, file))?;
                put("findings.csv", &|file| pages::write_findings(&comparison, &setting, file))?;
            }
            TableFormat::Html => {
                put("report.html", &|file| pages::write_page(&comparison, &setting, file))?;
            }
            TableFormat::Xlsx => {
                let book = pages::book(&comparison, &setting)
                    .map_err(|error| Error::Book(Box::new(error)))?;
                put("report.xlsx", &|file| file.write_all(&book))?;
            }
        }
    }
    Ok(ComparedFiles { comparison, statement, written })
}

fn told(request: &FilesRequest, source: tables::Error) -> Error {
    let (left, right) = (request.left.clone(), request.right.clone());
    Error::Tables { left, right, source: Box::new(source) }
}

/// Writes a file under another name, and gives it its own when it is whole.
fn put_file(
    path: &Path,
    write: &dyn Fn(&mut BufWriter<File>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let partial =
        tempfile::Builder::new().prefix(".quadra-").permissions(readable()).tempfile_in(folder)?;
    let mut file = BufWriter::with_capacity(1 << 20, partial.reopen()?);
    write(&mut file)?;
    file.flush()?;
    partial.persist(path)?;
    Ok(())
}

/// What a new file's permissions would be, of which the system's mask takes its part.
fn readable() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(0o666)
}

fn read_both(request: &FilesRequest) -> Result<[Table; 2], Error> {
    let read = |path: &Path, hand: usize| -> Result<Table, Error> {
        let sheet = request.sheets[hand].as_deref();
        let bytes = fs::read(path).map_err(Error::file("read", path))?;
        let plain = ledger::read_plain(&path.to_string_lossy(), bytes, sheet)?;
        Ok(Table { bytes: plain.text, delimiter: plain.delimiter, ..Table::default() })
    };
    if request.threads < 2 {
        return Ok([read(&request.left, 0)?, read(&request.right, 1)?]);
    }
    std::thread::scope(|scope| {
        let right = scope.spawn(|| read(&request.right, 1));
        let left = read(&request.left, 0);
        let right = right.join().expect("a reader returns its errors");
        Ok([left?, right?])
    })
}

/// Reads both files by their fiscal layouts, and returns the rules of their sort.
fn fiscal(request: &FilesRequest) -> Result<(Rules, [Table; 2]), Error> {
    let read = |path: &Path, hand: usize| -> Result<LedgerFile, Error> {
        let bytes = fs::read(path).map_err(Error::file("read", path))?;
        let name = path.to_string_lossy();
        let sheet = request.sheets[hand].as_deref();
        let upload = Upload { layouts: &request.layouts, sheet, ..Upload::new(&name, &bytes) };
        Ok(ledger::read(&upload)?)
    };
    let files = [read(&request.left, 0)?, read(&request.right, 1)?];
    let kinds = [0, 1].map(|hand: usize| files[hand].entries.first().map(|entry| entry.kind));
    let (left, right) = (kinds[0].or(kinds[1]), kinds[1].or(kinds[0]));
    if left != right {
        let sort = |kind: Option<EntryKind>| kind.map_or("none", EntryKind::as_str).to_owned();
        return Err(Error::OtherSort {
            left: request.left.clone(),
            left_sort: sort(left),
            right: request.right.clone(),
            right_sort: sort(right),
        });
    }
    let sort = match left {
        Some(EntryKind::Receipt) => DefaultRules::Receipts,
        Some(EntryKind::Settlement) => DefaultRules::Settlements,
        Some(EntryKind::Takings | EntryKind::Closing) => DefaultRules::Takings,
        _ => DefaultRules::Invoices,
    };
    // What one side never says cannot be compared: the portal's files have no gross total.
    // A file without rows is silent about nothing: an empty month.
    let both = |has: fn(&LedgerEntry) -> bool| {
        files.iter().all(|file| file.entries.is_empty() || file.entries.iter().any(has))
    };
    let mut silent: Vec<&str> = Vec::new();
    for (column, has) in [
        ("taxable", (|entry| entry.taxable_cents.is_some()) as fn(&LedgerEntry) -> bool),
        ("vat", |entry| entry.vat_cents.is_some()),
        ("gross", |entry| entry.gross_or_parts_cents().is_some()),
        ("issue_date", |entry| entry.issue_date.is_some()),
        ("rate", |entry| entry.vat_rate.is_some()),
        ("cash", |entry| entry.tenders.is_some()),
        ("electronic", |entry| entry.tenders.is_some()),
        ("party", |entry| party(entry).is_some()),
        ("counterparty", |entry| party(entry).is_some()),
        ("fee", |entry| settled(entry, |of| of.fee_cents).is_some()),
        ("net", |entry| settled(entry, |of| of.net_cents).is_some()),
    ] {
        if !both(has) {
            silent.push(column);
        }
    }
    let rules = sort.rules(&silent).map_err(|source| told(request, source))?;
    Ok((rules, files.each_ref().map(table)))
}

/// The columns under which fiscal rows are compared.
const COLUMNS: [&str; 18] = [
    "party",
    "counterparty",
    "number",
    "plain_number",
    "sort",
    "issue_date",
    "currency",
    "taxable",
    "vat",
    "gross",
    "rate",
    "cash",
    "electronic",
    "reference",
    "name",
    "type",
    "fee",
    "net",
];

/// Writes a file's entries as a table of plain text.
fn table(file: &LedgerFile) -> Table {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = "memory takes what is written to it";
    writer.write_record(COLUMNS).expect(written);
    let mut row_numbers = Vec::with_capacity(file.entries.len());
    for entry in &file.entries {
        row_numbers.push(entry.row);
        let cents = |cents: Option<i64>| cents.map_or_else(String::new, cents_to_decimal);
        let tender =
            |name: usize| {
                cents(entry.tenders.map(|tenders| {
                    tenders.each().into_iter().nth(name).map_or(0, |(_, cents)| cents)
                }))
            };
        let year = entry.issue_date.map(|day| chrono::Datelike::year(&day));
        let number = entry.number.clone().unwrap_or_default();
        let is_credit =
            entry.document_type.as_ref().is_some_and(crate::fiscal::DocumentType::is_negative);
        let record = [
            party(entry).unwrap_or_default(),
            tables::counterparty_text(entry.counterparty_name.as_deref(), id(entry)),
            number.clone(),
            normalise_number(&number, year),
            if is_credit { "credit" } else { "invoice" }.to_owned(),
            entry.issue_date.map_or_else(String::new, |day| day.to_string()),
            entry.currency.to_string(),
            cents(entry.taxable_cents),
            cents(entry.vat_cents),
            cents(entry.gross_or_parts_cents()),
            entry.vat_rate.as_ref().map_or_else(String::new, ToString::to_string),
            tender(0),
            tender(1),
            entry.references.first().cloned().unwrap_or_default(),
            entry.counterparty_name.clone().unwrap_or_default(),
            entry.document_type.as_ref().map_or_else(String::new, ToString::to_string),
            cents(settled(entry, |of| of.fee_cents)),
            cents(settled(entry, |of| of.net_cents)),
        ];
        writer.write_record(record).expect(written);
    }
    let refused = file
        .rejected
        .iter()
        .map(|row| (row.row, format!("{} `{}`: {}", row.column, row.value, row.reason)));
    Table {
        bytes: writer.into_inner().expect(written),
        delimiter: Some(b','),
        row_numbers: Some(row_numbers),
        refused: refused.collect(),
    }
}

/// Returns what a payment service says of a row's money, if it says it.
fn settled(entry: &LedgerEntry, of: fn(&Settlement) -> Option<i64>) -> Option<i64> {
    entry.settlement.as_deref().and_then(of)
}

/// Returns the other party's VAT number, else its tax code.
fn id(entry: &LedgerEntry) -> Option<&TaxId> {
    entry.counterparty_tax_id.as_ref().or(entry.counterparty_tax_code.as_ref())
}

/// Returns what identifies the other party: an identifier, else the folded name.
fn party(entry: &LedgerEntry) -> Option<String> {
    id(entry).map(|id| id.as_str().to_owned()).or_else(|| {
        let letters = entry.counterparty_name.as_deref()?.chars().filter(|c| c.is_alphanumeric());
        Some(letters.flat_map(char::to_lowercase).collect())
    })
}
