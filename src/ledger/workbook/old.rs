//! The form before 2007: its container walked and packed anew, its records looked at.
//!
//! calamine reads such a file by what the file says of itself: it follows chains of
//! sectors without end, reserves what `DIMENSIONS` asks for, lays every sheet out whole and
//! copies a shared string for each cell. A damaged file can ask for terabytes. So the
//! workbook's stream is taken out here, each chain once; its records are counted; what is
//! not needed (dimensions, formulas) is blanked; and a new container is put around it.

mod container;
mod records;

use thiserror::Error;

/// Says why an old workbook is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(in crate::ledger) enum BadBook {
    #[error("the xls workbook is damaged: {0}")]
    Damaged(&'static str),
    #[error("the cells of its sheets span more than 8 million places")]
    Area,
    #[error("its cells hold more than 256 MB of text")]
    Text,
    #[error("it has more than 1,024 sheets or 40 million records")]
    Records,
}

/// Returns the workbook in a container of its own, with nothing in it that grows.
pub(in crate::ledger) fn checked(bytes: &[u8]) -> Result<Vec<u8>, BadBook> {
    let mut stream = container::workbook_stream(bytes)?;
    records::check(&mut stream)?;
    Ok(container::around(&stream))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    /// Returns a stream of one sheet with these records.
    fn book(globals: &[Vec<u8>], sheet: &[Vec<u8>]) -> Vec<u8> {
        let bof = |kind: u16| record(0x0809, &[0x0600u16, kind].map(u16::to_le_bytes).concat());
        let globals = [bof(5), globals.concat()].concat();
        let name = [0, 0, 1, 0, b'A'];
        let start = u32::try_from(globals.len() + 4 + 4 + name.len() + 4).unwrap();
        let bound = record(0x0085, &[&start.to_le_bytes()[..], &name].concat());
        let sheet = [bof(16), sheet.concat(), record(0x000A, &[])].concat();
        [globals, bound, record(0x000A, &[]), sheet].concat()
    }

    fn number(row: u16, column: u16) -> Vec<u8> {
        record(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat())
    }

    fn check(globals: &[Vec<u8>], sheet: &[Vec<u8>]) -> Result<Vec<u8>, BadBook> {
        checked(&container::around(&book(globals, sheet)))
    }

    #[test]
    fn book_comes_out_as_it_went_in() {
        let stream = book(&[], &[number(1, 2)]);
        let mut padded = stream.clone();
        padded.resize(4096, 0);
        assert_eq!(container::workbook_stream(&container::around(&stream)).unwrap(), padded);
        assert!(check(&[], &[number(1, 2)]).is_ok());
    }

    #[test]
    fn what_grows_is_refused() {
        assert_eq!(check(&[], &[number(0, 0), number(60_000, 200)]).err(), Some(BadBook::Area));
        let text = [&[0xFF, 0xFF, 0][..], &[b'x'; 8000]].concat();
        let counts = [1u32, 1].map(u32::to_le_bytes).concat();
        let mut strings = vec![record(0x00FC, &[counts, text].concat())];
        for _ in 0..8 {
            strings.push(record(0x003C, &[&[0][..], &[b'x'; 8200]].concat()));
        }
        let cells: Vec<_> = (0..20_000u16)
            .map(|row| record(0x00FD, &[&row.to_le_bytes()[..], &[0; 8]].concat()))
            .collect();
        assert_eq!(check(&strings, &cells).err(), Some(BadBook::Text));
    }

    #[test]
    fn stated_size_is_not_believed() {
        let far = [0, u32::MAX].map(u32::to_le_bytes).concat();
        let huge = record(0x0200, &[&far[..], &[0, 0, 255, 0, 0, 0]].concat());
        assert!(check(&[], &[huge, number(0, 0)]).is_ok());
    }

    #[test]
    fn circle_of_sectors_is_refused() {
        let mut bytes = container::around(&book(&[], &[number(0, 0)]));
        // The first sector holds the table of chains; the directory follows itself.
        bytes[4096 + 4..4096 + 8].copy_from_slice(&1u32.to_le_bytes());
        assert!(matches!(checked(&bytes), Err(BadBook::Damaged(_))));
    }
}
