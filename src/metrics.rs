//! Writes figures in Prometheus' text format, version 0.0.4.
//!
//! What comes in are names, labels and whole numbers; euros are written from cents, so that no
//! float touches them. Absent on purpose: what is counted (`worker::figures` knows), and any
//! registry: the store is the memory, so that a run of cron and a resident process say the same.

use std::fmt::Write as _;

/// Gathers families of samples, in the order in which they are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposition {
    text: String,
}

/// A label's name and its value.
pub type Label<'a> = (&'static str, &'a str);

impl Exposition {
    /// Begins a family: all its samples follow, before the next one begins.
    pub fn family(&mut self, name: &str, help: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    /// Adds a sample of a whole number.
    pub fn sample(&mut self, name: &str, labels: &[Label<'_>], value: i64) {
        self.line(name, labels, &value.to_string());
    }

    /// Adds a sample of euros, given in cents.
    pub fn euros(&mut self, name: &str, labels: &[Label<'_>], cents: i64) {
        let sign = if cents < 0 { "-" } else { "" };
        let cents = cents.unsigned_abs();
        self.line(name, labels, &format!("{sign}{}.{:02}", cents / 100, cents % 100));
    }

    /// Returns the whole text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, name: &str, labels: &[Label<'_>], value: &str) {
        self.text.push_str(name);
        if !labels.is_empty() {
            let labels: Vec<String> =
                labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
            let _ = write!(self.text, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(self.text, " {value}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_prometheus_reads_it() {
        let mut all = Exposition::default();
        all.family("quadra_at_risk_euros", "Euros, by \\ kind\nand more");
        all.euros("quadra_at_risk_euros", &[("kind", "a\"b\\c\nd"), ("job", "x")], -105);
        all.euros("quadra_at_risk_euros", &[], 128_410);
        all.family("quadra_requests", "Requests");
        all.sample("quadra_requests", &[], 7);
        assert_eq!(
            all.into_text(),
            "# HELP quadra_at_risk_euros Euros, by \\\\ kind\\nand more\n\
             # TYPE quadra_at_risk_euros gauge\n\
             quadra_at_risk_euros{kind=\"a\\\"b\\\\c\\nd\",job=\"x\"} -1.05\n\
             quadra_at_risk_euros 1284.10\n\
             # HELP quadra_requests Requests\n# TYPE quadra_requests gauge\nquadra_requests 7\n"
        );
    }
}
