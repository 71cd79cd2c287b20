//! A receipt on paper: a PDF of one page with one line of text, as the vendor's sandbox has.

use std::fmt::Write as _;

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Draws a receipt as a PDF of one page with one line of text.
pub(super) fn pdf(line: &str) -> Response {
    let text: String = line
        .chars()
        .filter(|one| one.is_ascii_graphic() && !"()\\".contains(*one) || *one == ' ')
        .collect();
    let content = format!("BT /F1 12 Tf 20 100 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut body = String::from("%PDF-1.4\n");
    let mut offsets = String::new();
    for (number, object) in (1..).zip(&objects) {
        // The cross-reference table wants twenty bytes an entry, the line end included.
        let _ = writeln!(offsets, "{:010} 00000 n ", body.len());
        let _ = write!(body, "{number} 0 obj\n{object}\nendobj\n");
    }
    let start = body.len();
    let _ = write!(
        body,
        "xref\n0 6\n0000000000 65535 f \n{offsets}trailer\n<< /Size 6 /Root 1 0 R >>\n\
         startxref\n{start}\n%%EOF\n"
    );
    ([(header::CONTENT_TYPE, "application/pdf")], body).into_response()
}
