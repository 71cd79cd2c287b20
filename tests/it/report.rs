//! The report's renderings of one rich model, in both languages.

mod model;

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use insta::assert_snapshot;
use quadra::findings::Kind;
use quadra::fiscal::Language;
use quadra::report::model::Model;
use quadra::report::{Format, mail_html, render, subject};

const LANGUAGES: [Language; 2] = [Language::It, Language::En];

/// Renders a model in a format of one file, as text.
fn text(model: &Model, format: Format, language: Language) -> String {
    let files = render(model, format, language).unwrap();
    String::from_utf8(files[0].bytes.clone()).unwrap()
}

#[test]
fn plain_text_reads_as_intended() {
    let model = model::model(3);
    assert_snapshot!("text_it", text(&model, Format::Text, Language::It));
    assert_snapshot!("text_en", text(&model, Format::Text, Language::En));
}

#[test]
fn page_and_mail_read_as_intended() {
    let model = model::model(3);
    let lines = |html: String| html.replace("><", ">\n<");
    assert_snapshot!("page_it", lines(text(&model, Format::Html, Language::It)));
    assert_snapshot!("page_en", lines(text(&model, Format::Html, Language::En)));
    assert_snapshot!("mail_it", lines(mail_html(&model, Language::It)));
}

#[test]
fn machine_files_keep_their_words() {
    let model = model::model(3);
    let files = render(&model, Format::Csv, Language::It).unwrap();
    for (name, file) in ["findings_csv", "rows_csv"].into_iter().zip(&files) {
        assert_snapshot!(name, String::from_utf8(file.bytes.clone()).unwrap());
    }
    assert_snapshot!("json_en", text(&model, Format::Json, Language::En));
}

#[test]
fn dump_for_the_eye() {
    let Some(dir) = std::option_env!("QUADRA_DUMP") else {
        return;
    };
    for (name, model) in [
        ("rich", model::model(300)),
        ("cap", model::model(5_200)),
        ("quiet", model::quiet()),
    ] {
        for language in LANGUAGES {
            for format in Format::ALL {
                for file in render(&model, *format, language).unwrap() {
                    std::fs::write(
                        format!("{dir}/{name}-{}-{}", language.as_str(), file.file_name),
                        file.bytes,
                    )
                    .unwrap();
                }
            }
            std::fs::write(
                format!("{dir}/{name}-{}-mail.html", language.as_str()),
                mail_html(&model, language),
            )
            .unwrap();
        }
    }
}
