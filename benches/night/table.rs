//! The figures, each beside its target.

use std::fmt;
use std::time::Duration;

use comfy_table::{CellAlignment, presets};

use crate::measured::Measured;

const KIB_PER_MB: f64 = 1_000_000.0 / 1024.0;

/// Says what a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    Under(f64),
    Between(f64, f64),
    /// Nothing was promised; the figure is there to be seen changing.
    None,
}

impl Target {
    fn holds(self, figure: f64) -> Option<bool> {
        match self {
            Self::AtLeast(least) => Some(figure >= least),
            Self::Under(limit) => Some(figure < limit),
            // A tenth of a percent is what the stamps of two processes may differ by.
            Self::Between(least, most) => Some(figure >= least && figure <= most + 0.1),
            Self::None => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "at least {}", grouped(*least)),
            Self::Under(limit) => write!(f, "under {}", grouped(*limit)),
            Self::Between(least, most) => write!(f, "{} to {}", grouped(*least), grouped(*most)),
            Self::None => write!(f, "–"),
        }
    }
}

/// Gathers figures and prints them.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 5]>,
    missed: Vec<String>,
}

impl Table {
    /// Adds a figure and says at once what it is, since the whole takes minutes.
    pub(crate) fn row(
        &mut self,
        name: &str,
        unit: &str,
        figure: f64,
        target: Target,
        detail: &str,
    ) {
        let holds = match target.holds(figure) {
            Some(true) => "holds",
            Some(false) => {
                self.missed.push(name.to_owned());
                "FALLS SHORT"
            }
            None => "–",
        };
        let figure = format!("{} {unit}", grouped(figure)).trim_end().to_owned();
        self.note(&format!("{name}: {figure} ({detail})"));
        self.rows.push([name.into(), figure, target.to_string(), holds.into(), detail.into()]);
    }

    /// Adds the peak memory of a process.
    pub(crate) fn memory(&mut self, name: &str, measured: &Measured, target: Target) {
        match measured.peak_kib.and_then(|kib| u32::try_from(kib).ok()) {
            Some(kib) => self.row(name, "MB", f64::from(kib) / KIB_PER_MB, target, "VmHWM"),
            None => self.note(&format!("{name}: not known without /proc")),
        }
    }

    /// Prints a line at once.
    pub(crate) fn note(&self, line: &str) {
        println!("[{:>2}] {line}", self.rows.len());
    }

    /// Says in one line whether all targets hold.
    pub(crate) fn verdict(&self) -> String {
        match self.missed.as_slice() {
            [] => "every target holds".to_owned(),
            missed => format!("{} figures fall short: {}", missed.len(), missed.join("; ")),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::ASCII_MARKDOWN);
        table.set_header(["figure", "measured", "target", "", "of which"]);
        for row in &self.rows {
            table.add_row(row);
        }
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.fmt(f)
    }
}

/// Returns how many of something were done a second.
pub(crate) fn per_second(count: u64, time: Duration) -> f64 {
    let count = u32::try_from(count).expect("the benchmark counts up to millions");
    f64::from(count) / time.as_secs_f64()
}

/// Writes a figure with as many decimals as it deserves and blanks between thousands.
fn grouped(figure: f64) -> String {
    let decimals = if figure < 100.0 && figure.fract() != 0.0 { 2 } else { 0 };
    let text = format!("{figure:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() { grouped } else { format!("{grouped}.{fraction}") }
}
