//! The report's renderings of one rich model, in both languages.

mod model;
mod workbook;

use insta::assert_snapshot;
use quadra::findings::Severity;
use quadra::fiscal::Language::{self, En, It};
use quadra::reconcile::statement::Verdict;
use quadra::report::model::Model;
use quadra::report::{Format, MailForm, Rendered, mail, render};

/// Renders a model in a format of one file, as text.
fn text(model: &Model, format: Format, language: Language) -> String {
    let files = render(model, format, language).expect("the model renders");
    String::from_utf8(files[0].bytes.clone()).expect("a text is UTF-8")
}

/// Returns a CSV file's heading and its records.
fn records(file: &Rendered) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_reader(file.bytes.as_slice());
    let records = reader.records().map(|record| record.expect("a record of equal length"));
    let records = records.collect();
    (reader.headers().expect("a heading").clone(), records)
}

fn mail_html(model: &Model, language: Language) -> String {
    mail(model, MailForm::Report, &[], language).html
}

fn subject(model: &Model, language: Language) -> String {
    mail(model, MailForm::Report, &[], language).subject
}

#[test]
fn plain_text_reads_as_intended() {
    let model = model::model(3);
    assert_snapshot!("text_it", text(&model, Format::Text, It));
    assert_snapshot!("text_en", text(&model, Format::Text, En));
}

#[test]
fn page_and_mail_read_as_intended() {
    let model = model::model(3);
    let lines = |html: String| html.replace("><", ">\n<");
    assert_snapshot!("page_it", lines(text(&model, Format::Html, It)));
    assert_snapshot!("page_en", lines(text(&model, Format::Html, En)));
    assert_snapshot!("mail_it", lines(mail_html(&model, It)));
}

#[test]
fn machine_files_keep_their_words() {
    let model = model::model(3);
    let files = render(&model, Format::Csv, It).unwrap();
    for (name, file) in ["findings_csv", "rows_csv"].into_iter().zip(&files) {
        assert_snapshot!(name, String::from_utf8(file.bytes.clone()).unwrap());
    }
    assert_snapshot!("json_en", text(&model, Format::Json, En));
}

#[test]
fn same_model_gives_same_bytes() {
    let (first, second) = (model::model(20), model::model(20));
    for language in [It, En] {
        for format in Format::ALL {
            let files = render(&first, *format, language).unwrap();
            // The workbook's writer keeps seconds: a clock in it would show after one.
            if *format == Format::Xlsx {
                std::thread::sleep(std::time::Duration::from_millis(1_100));
            }
            assert_eq!(files, render(&second, *format, language).unwrap(), "{format}");
        }
    }
}

#[test]
fn file_names_come_from_job_and_period() {
    let mut model = model::quiet();
    model.job = "../Nightly Invoices".to_owned();
    model.period = "2026-11-01..2026-11-15".parse().unwrap();
    let names: Vec<_> = Format::ALL
        .iter()
        .flat_map(|format| render(&model, *format, It).unwrap())
        .map(|file| file.file_name)
        .collect();
    let stem = "quadra----Nightly-Invoices-2026-11-01_2026-11-15";
    let suffixes = [".html", ".xlsx", "-findings.csv", "-rows.csv", ".json", ".txt"];
    assert_eq!(names, suffixes.map(|suffix| format!("{stem}{suffix}")));
}

#[test]
fn subject_tells_worst_and_dearest_first() {
    let broken = model::broken(3);
    assert_eq!(
        [subject(&broken, It), subject(&broken, En)],
        [
            "3 differenze, € 1.284,12 – Rossi S.r.l. – 20/11/2026",
            "3 differences, €1,284.12 – Rossi S.r.l. – 20 Nov 2026"
        ]
    );
    assert_eq!(
        subject(&model::broken(1), It),
        "1 differenza, € 428,04 – Rossi S.r.l. – 20/11/2026"
    );
    assert_eq!(
        subject(&model::model(1), It),
        "INCOMPLETO: 3 verifiche mancanti; 28 differenze, € 4.577,96 – 3 aziende – 20/11/2026"
    );
    let mut small = model::broken(1);
    small.findings[0].finding.at_risk_cents = 410;
    assert_eq!(
        subject(&small, It),
        "1 differenza, € 4,10 (sotto la soglia) – Rossi S.r.l. – 20/11/2026"
    );
    let mut quiet = model::quiet();
    assert_eq!(subject(&quiet, It), "Tutto quadra – Rossi S.r.l. – 20/11/2026");
    quiet.companies[0].name = "Rossi\r\nBcc: somebody@example.org".to_owned();
    assert!(!subject(&quiet, It).contains(['\r', '\n']));
}

#[test]
fn text_never_passes_78_columns() {
    let mut model = model::model(1);
    model.companies[0].name = "Nome".repeat(40);
    for language in [It, En] {
        let plain = text(&model, Format::Text, language);
        let widest = plain.lines().map(|line| line.chars().count()).max();
        assert_eq!(widest, Some(78), "{}", language.as_str());
    }
}

#[test]
fn incomplete_report_is_never_shown_as_good() {
    let mut model = model::quiet();
    model.verdict = Verdict::Incomplete;
    model.sources.clear();
    for (language, word) in [(It, "INCOMPLETO"), (En, "INCOMPLETE")] {
        assert!(subject(&model, language).starts_with(word));
        let page = text(&model, Format::Html, language);
        assert!(page.contains(r#"<section class="verdict incomplete">"#));
        assert!(!page.contains(r#"class="verdict reconciled""#));
        let plain = text(&model, Format::Text, language);
        assert!(plain.lines().next().unwrap().ends_with(word));
        assert!(mail_html(&model, language).contains(word));
    }
}

#[test]
fn broken_tie_out_is_said_aloud() {
    let mut model = model::quiet();
    model.roll_forward.new.rows = 1;
    let bridge = model.statements[0].statement.currencies.values_mut().next().unwrap();
    bridge.residual_cents = 500;
    model.statements[0].rows.pop();
    let page = text(&model, Format::Html, It);
    assert!(page.contains("i movimenti non danno la chiusura"));
    assert!(page.contains("NON È ZERO"));
    assert!(page.contains("le righe elencate non sono tante quante ne conta il prospetto"));
    let good = text(&model::quiet(), Format::Html, It);
    assert!(!good.contains("ATTENZIONE") && !good.contains("NON È ZERO"));
}

#[test]
fn page_escapes_what_comes_from_outside() {
    let model = model::model(1);
    for page in [text(&model, Format::Html, It), mail_html(&model, It)] {
        assert!(!page.contains("<script"), "a name became an element");
        assert!(page.contains("&lt;script&gt;alert('1')&lt;/script&gt; &amp; &quot;C.&quot;"));
    }
}

#[test]
fn page_asks_nobody_for_anything() {
    let page = text(&model::model(1), Format::Html, It);
    for foreign in ["<link", "<img", "<iframe", "@import", "src=", "href=\"http", "url(http"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains(r#"<html lang="it">"#));
    assert_eq!(page.matches("<svg").count(), page.matches("<desc").count());
}

#[test]
fn page_lists_every_finding_and_reason() {
    let model = model::model(3);
    for language in [It, En] {
        let page = text(&model, Format::Html, language);
        for standing in model.findings.iter().chain(&model.cleared) {
            let anchor = format!(r#"id="f-{}""#, standing.fingerprint.as_str());
            assert_eq!(page.matches(&anchor).count(), 1, "{}", standing.finding.kind);
        }
        for caption in ["Motivo", "Reason", "Spiegazione", "Explanation"] {
            let empty = format!(r#"data-label="{caption}"></td>"#);
            assert!(!page.contains(&empty), "a row without a reason");
        }
    }
}

#[test]
fn page_stops_at_ten_thousand_paired_rows() {
    let model = model::model(5_200);
    let page = text(&model, Format::Html, It);
    let is_paired =
        |class: &str| ["matched", "matched_within_tolerance", "differing"].contains(&class);
    let rows = || model.statements.iter().flat_map(|one| &one.rows);
    let paired = rows().filter(|row| is_paired(row.class.as_str())).count();
    let others = rows().count() - paired;
    assert!(paired > 10_000);
    let shown = page.matches(r#"<td class="d" data-label="Parte">"#).count();
    assert_eq!(shown, 10_000 + others);
    assert!(page.contains("al massimo 10.000 righe abbinate"));
    let short = text(&model::model(3), Format::Html, It);
    assert!(!short.contains("al massimo 10.000 righe abbinate"));
}

#[test]
fn mail_counts_what_it_leaves_out() {
    let mail = mail_html(&model::broken(100), It);
    assert_eq!(mail.matches("<b>Manca in contabilità</b>").count(), 60);
    assert!(mail.contains("40 altre voci (€ 17.121,60 a rischio) solo nel foglio"));
    assert!(mail.len() < 100_000, "mail programs cut at 100 kB");
    assert!(!mail.contains("<svg") && !mail.contains("<style"));
}

#[test]
fn csv_has_a_line_for_each_finding_and_row() {
    let model = model::model(3);
    let files = render(&model, Format::Csv, It).unwrap();
    let (columns, findings) = records(&files[0]);
    assert_eq!(findings.len(), model.findings.len());
    let at = |name: &str| columns.iter().position(|column| column == name).unwrap();
    for (record, standing) in findings.iter().zip(&model.findings) {
        assert_eq!(&record[at("kind")], standing.finding.kind.as_str());
        let at_risk = standing.finding.at_risk_cents.to_string();
        assert_eq!(record[at("at_risk_cents")], at_risk);
        assert!(!record[at("reason")].is_empty(), "{}", standing.finding.kind);
    }
    let missing = |record: &&csv::StringRecord| &record[at("kind")] == "missing_in_ledger";
    let hostile = findings.iter().find(missing).unwrap();
    assert_eq!(hostile[at("number")], format!("'{}", model::FORMULA));
    assert_eq!(&hostile[at("counterparty_name")], model::HOSTILE);
    let (_, rows) = records(&files[1]);
    let expected: usize = model.statements.iter().map(|one| one.rows.len()).sum();
    assert_eq!(rows.len(), expected);
}

#[test]
fn json_keeps_cents_whole_and_sums_itself() {
    let model = model::model(3);
    let object: serde_json::Value = serde_json::from_str(&text(&model, Format::Json, It)).unwrap();
    assert_eq!(object["verdict"], "incomplete");
    let findings = object["findings"].as_array().unwrap();
    let open: Vec<_> = findings.iter().filter(|finding| finding["state"] == "open").collect();
    let cents = open.iter().map(|finding| finding["at_risk_cents"].as_i64().unwrap());
    let at_risk: i64 = cents.sum();
    assert_eq!(object["summary"]["at_risk_cents"]["EUR"], at_risk);
    assert_eq!(object["roll_forward"]["closing"]["at_risk_cents"], at_risk);
    let serious = open.iter().filter(|one| one["severity"] == Severity::Serious.as_str());
    assert_eq!(object["summary"]["by_severity"]["serious"], serious.count());
    assert_eq!(object["statements"].as_array().unwrap().len(), model.statements.len());
}
