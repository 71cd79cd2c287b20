//! Damage and malice: no panic, no endless memory, every row accounted for.
//!
//! A long run: `PROPTEST_CASES=1000000 cargo test --test it ledger::hostile`.

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::PathBuf;

use proptest::prelude::*;
use quadra::ledger::{Layouts, Upload, read};
use zip::write::SimpleFileOptions;

use crate::fuzz::repeatable;

use super::{files_of, samples};

/// Returns how many cases to try: a short run's, more when asked for.
fn cases() -> u32 {
    ProptestConfig::default().cases.max(300)
}

fn all_samples() -> Vec<PathBuf> {
    Layouts::built_in().names().flat_map(|(layout, _)| files_of(&samples().join(layout))).collect()
}

/// Reads bytes and checks that nothing is lost when they can be read.
fn look(bytes: &[u8]) {
    if let Ok(file) = read(&Upload::new("x", bytes)) {
        let put_aside = file.rejected.len() + file.skipped.len();
        assert_eq!(file.entries.len() + put_aside, usize::try_from(file.rows_read).unwrap());
    }
}

/// Changes one member of a zip and packs it again.
pub(super) fn repacked(bytes: &[u8], name: &str, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        member.read_to_end(&mut content).unwrap();
        let path = member.name().unwrap().into_owned();
        if path.ends_with(name) {
            change(&mut content);
        }
        let stored =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file(path, stored).unwrap();
        writer.write_all(&content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn damage(
    bytes: &mut Vec<u8>,
    cuts: &[(prop::sample::Index, u8)],
    end: Option<prop::sample::Index>,
) {
    for (at, value) in cuts {
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
    }
    if let (Some(end), false) = (end, bytes.is_empty()) {
        bytes.truncate(end.index(bytes.len()));
    }
}

type Cuts = Vec<(prop::sample::Index, u8)>;

fn any_cuts() -> impl Strategy<Value = (Cuts, Option<prop::sample::Index>)> {
    let cuts = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8);
    (cuts, prop::option::of(any::<prop::sample::Index>()))
}

proptest! {
    #![proptest_config(repeatable(cases()))]

    #[test]
    fn damaged_files_never_panic(which: prop::sample::Index, (cuts, end) in any_cuts()) {
        let paths = all_samples();
        let mut bytes = fs::read(&paths[which.index(paths.len())]).unwrap();
        damage(&mut bytes, &cuts, end);
        look(&bytes);
    }

    #[test]
    fn damaged_members_never_panic(which in 0usize..5, (cuts, end) in any_cuts()) {
        let (file, member) = [
            ("acquisti.xlsx", "sheet1.xml"),
            ("acquisti.xlsx", "sharedStrings.xml"),
            ("acquisti.xlsx", "workbook.xml"),
            ("acquisti.xlsb", "sheet1.bin"),
            ("acquisti.ods", "content.xml"),
        ][which];
        let bytes = fs::read(samples().join("registro-iva").join(file)).unwrap();
        look(&repacked(&bytes, member, |content| damage(content, &cuts, end)));
    }

    #[test]
    fn any_lines_are_read_or_refused(
        delimiter in prop::sample::select(vec![';', ',', '\t', '|']),
        rows in prop::collection::vec("[-0-9a-zA-Z;,|\t\"' ./€()+%]{0,40}", 0..12),
    ) {
        let head = ["Numero", "Data", "Cliente", "Imponibile", "IVA", "Aliquota", "Totale"];
        let text = format!("{}\n{}", head.join(&delimiter.to_string()), rows.join("\n"));
        look(text.as_bytes());
        look(rows.join("\r\n").as_bytes());
    }

    #[test]
    fn any_tags_are_read_or_refused(
        tags in prop::collection::vec(
            prop::sample::select(vec![
                "<table>", "</table>", "<tr>", "</tr>", "<td colspan=3>", "<td rowspan=70000>", "</td>",
                "<th>", "Numero", "Data", "Totale", "Cliente", "1", "03/02/2026", "13 feb 2026", "1.234,5",
                "&euro;", "&#0;", "&", "<!--", "-->", "<script>", "</script>", "<br/>", "<![CDATA[",
                "<Row ss:Index='9'>", "</Row>", "<Cell ss:MergeAcross='4294967295'>", "</Cell>",
                "<Data ss:Type='Number'>", "</Data>", "<Worksheet ss:Name='A'>", "</Worksheet>", "]]>",
            ]),
            0..60,
        ),
        dress in 0usize..3,
    ) {
        let body: String = tags.concat();
        let text = match dress {
            0 => format!("<html>{body}"),
            1 => format!("<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>{body}</Workbook>"),
            _ => format!("<?xml version='1.0'?><EasyfattDocuments><Document>{body}</Document></EasyfattDocuments>"),
        };
        look(text.as_bytes());
    }
}

#[test]
fn page_of_endless_cells_is_refused() {
    let page = format!("<html><table>{}</table>", "<tr><td colspan=1000><td>x".repeat(40_000));
    let error = read(&Upload::new("pagina.xls", page.as_bytes())).unwrap_err();
    assert!(error.to_string().contains("30 million places"), "{error}");
}

#[test]
fn line_of_ten_million_columns_is_refused() {
    let text = format!("Data;Contanti;POS\n{}\n", ";".repeat(10_000_000));
    let error = read(&Upload::new("larga.csv", text.as_bytes())).unwrap_err();
    assert!(error.to_string().contains("line 2 has more than 16384 cells"), "{error}");
}
