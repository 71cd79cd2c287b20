//! A large workbook read as a ledger, beside what its bare cells cost.
//!
//! Both reads run in this process on one thread; the CPU time of each is the least of a few
//! tries, since other work on the machine only adds to it.

use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Reader as _, Xlsx};
use quadra::ledger::{Upload, read_in_parts};

use crate::TRIES;
use crate::measured::own_cpu_seconds;
use crate::table::{Table, Target};

/// Compares the reading of a workbook with calamine's own laying out of its cells.
pub(crate) fn compare(path: &Path, rows: u32, table: &mut Table) {
    let bytes = fs::read(path).expect("the benchmark wrote it");
    let bare = least(|| {
        let mut book = Xlsx::new(Cursor::new(&bytes)).expect("the benchmark wrote a workbook");
        let name = book.sheet_names().remove(0);
        let range = book.worksheet_range(&name).expect("it has a sheet");
        assert_eq!(range.height(), rows as usize + 1);
    });
    let read = least(|| {
        let mut entries = 0;
        let file = read_in_parts(&Upload::new("vendite.xlsx", &bytes), |part| {
            entries += part.len();
            ControlFlow::Continue(())
        });
        assert_eq!((entries, file.is_ok()), (rows as usize, true));
    });
    let (Some(bare), Some(read)) = (bare, read) else {
        table.note("read of XLSX against its bare cells: not known without /proc");
        return;
    };
    let detail = format!("{read:.2} CPU-s against {bare:.2}");
    let name = format!("read of XLSX, {rows} rows, against its bare cells");
    table.row(&name, "times", read / bare, Target::Under(1.3), &detail);
}

fn least(work: impl Fn()) -> Option<f64> {
    (0..TRIES)
        .map(|_| {
            let before = own_cpu_seconds()?;
            work();
            Some(own_cpu_seconds()? - before)
        })
        .min_by(|a, b| a.partial_cmp(b).expect("times are numbers"))
        .flatten()
}
