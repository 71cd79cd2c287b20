//! An inspection as lines for people: one a document, then what the files add up to.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cli::output::{counted, money};
use crate::einvoice::checks::Check;
use crate::einvoice::totals::{Explanation, Step};
use crate::einvoice::{Document, Inspection, InvoiceFile, Noticed, Party, Signature, Warning};
use crate::fiscal::cents_to_decimal;

/// Returns the lines; `is_verbose` adds every warning and check.
pub(super) fn render(inspection: &Inspection, is_verbose: bool) -> String {
    let mut lines = Vec::new();
    let mut file_before = None;
    for document in &inspection.documents {
        let file = &inspection.files[document.file];
        if file_before != Some(document.file) {
            lines.extend(about_file(inspection, document.file, is_verbose));
            file_before = Some(document.file);
        }
        lines.push(about_document(file, document));
        if is_verbose {
            lines.extend(document.warnings.iter().map(warning));
            lines.extend(document.checks.iter().map(check));
        }
    }
    lines.extend(inspection.notifications.iter().map(|one| about_notice(inspection, one)));
    let opened = || inspection.rejected.iter().filter(|one| one.was_opened());
    for one in opened() {
        lines.push(format!("{}  put aside: {}", one.place, one.reason));
    }
    let hints: BTreeSet<&str> = opened().filter_map(|one| one.hint.as_deref()).collect();
    lines.extend(hints.into_iter().map(|hint| format!("hint: {hint}")));
    if is_verbose {
        lines.extend(inspection.skipped.iter().map(|place| format!("{place}  not looked into")));
    }
    lines.push(summary(inspection));
    lines.join("\n")
}

fn about_document(file: &InvoiceFile, document: &Document) -> String {
    let mut line = format!(
        "{}  {}  {} {}  {}  {} → {}  {}",
        place(file, document),
        document.format,
        or_dash(document.document_type.as_ref().map(ToString::to_string)),
        or_dash(document.number.clone()),
        or_dash(document.issue_date.map(|date| date.to_string())),
        party(&document.seller),
        party(&document.buyer),
        total(document),
    );
    let counts = [
        (file.warnings.len() + document.warnings.len(), "warning", "warnings"),
        (file.checks.len() + document.checks.len(), "check fails", "checks fail"),
    ];
    for (count, one, many) in counts {
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(line, "  {count} {}", if count == 1 { one } else { many });
        }
    }
    line
}

fn place(file: &InvoiceFile, document: &Document) -> String {
    if document.body == 1 {
        return file.place.to_string();
    }
    format!("{}#{}", file.place, document.body)
}

fn total(document: &Document) -> String {
    let totals = &document.totals;
    let computed = or_dash(totals.computed_total_cents.map(cents_to_decimal));
    let currency = document.currency;
    match &totals.explanation {
        Explanation::Agrees | Explanation::NotDeclared | Explanation::NotComputable => {
            format!("{computed} {currency}")
        }
        Explanation::Explained { steps, .. } => {
            let steps: Vec<String> = steps.iter().map(step).collect();
            let declared = money(totals.declared_total_cents);
            format!("{computed} {currency} (declared {declared}: {})", steps.join(", "))
        }
        Explanation::Unexplained { difference_cents } => {
            let declared = money(totals.declared_total_cents);
            let difference = cents_to_decimal(*difference_cents);
            format!("{computed} {currency} (declared {declared}: {difference} unexplained)")
        }
    }
}

fn step(step: &Step) -> String {
    format!("{} {}", step.cause.as_str().replace('_', " "), cents_to_decimal(step.cents))
}

fn party(party: &Party) -> String {
    let name = party.name.clone();
    or_dash(name.or_else(|| party.tax_id().map(|id| id.as_str().to_owned())))
}

fn about_file(inspection: &Inspection, index: usize, is_verbose: bool) -> Vec<String> {
    let file = &inspection.files[index];
    let mut lines: Vec<String> = file
        .signatures
        .iter()
        .filter(|one| is_verbose || one.is_bad())
        .map(|one| format!("{}  {}", file.place, signature(one)))
        .collect();
    if is_verbose {
        lines.extend(file.warnings.iter().map(warning));
        lines.extend(file.checks.iter().map(check));
    }
    lines
}

fn signature(signature: &Signature) -> String {
    let part = |name: &str, certainty: &crate::einvoice::Certainty| match certainty.why() {
        Some(why) => format!("{name} not checked ({why})"),
        None => format!("{name} {}", certainty.as_str()),
    };
    let signer = signature.signer.as_deref().unwrap_or("an unknown signer");
    let at = signature
        .signed_at
        .map_or_else(String::new, |at| format!(" on {}", at.format("%Y-%m-%d %H:%M UTC")));
    format!(
        "signed by {signer}{at}: {}, {}",
        part("digest", &signature.digest),
        part("signature", &signature.signature)
    )
}

fn about_notice(inspection: &Inspection, noticed: &Noticed) -> String {
    let notice = &noticed.notification;
    let about = match noticed.file {
        Some(file) => format!("about {}", inspection.files[file].place),
        None => format!("about {}, not given", or_dash(notice.file_name.clone())),
    };
    let mut line = format!(
        "{}  {}  SdI {}  {about}",
        noticed.place,
        notice.kind,
        or_dash(notice.sdi_id.clone())
    );
    if let Some(outcome) = notice.outcome {
        let _ = write!(line, "  {outcome}");
    }
    for error in &notice.errors {
        let _ = write!(line, "\n    {} {}", error.code, error.description);
    }
    for warning in &noticed.warnings {
        let _ = write!(line, "\n    warning: {}", warning.message);
    }
    line
}

fn warning(warning: &Warning) -> String {
    match &warning.path {
        Some(path) if !path.is_empty() => format!("    warning: {path}: {}", warning.message),
        _ => format!("    warning: {}", warning.message),
    }
}

fn check(check: &Check) -> String {
    let doubt = if check.is_certain { "" } else { " (perhaps)" };
    format!("    {}{doubt} {}: {}", check.code, check.path, check.message)
}

fn summary(inspection: &Inspection) -> String {
    let of_files: usize = inspection.files.iter().map(|one| one.warnings.len()).sum();
    let warnings: usize = inspection.documents.iter().map(|one| one.warnings.len()).sum();
    let warnings = warnings + of_files;
    let of_files: usize = inspection.files.iter().map(|one| one.checks.len()).sum();
    let checks: usize = inspection.documents.iter().map(|one| one.checks.len()).sum();
    let checks = checks + of_files;
    format!(
        "{} in {}, {}, {} put aside, {} not looked into; {}, {}",
        counted(inspection.documents.len() as u64, "document", "documents"),
        counted(inspection.files.len() as u64, "file", "files"),
        counted(inspection.notifications.len() as u64, "notification", "notifications"),
        inspection.rejected.len(),
        inspection.skipped.len(),
        counted(warnings as u64, "warning", "warnings"),
        counted(checks as u64, "check fails", "checks fail"),
    )
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}
