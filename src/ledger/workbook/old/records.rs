//! The records of an old workbook ([MS-XLS]), counted before they are laid out.

use super::{BadBook, u16_at, u32_at};

/// How many cells all sheets may span, empty ones counted: 65,536 rows of 122 columns.
const AREA_MAX: u64 = 8_000_000;
/// How much text all cells may hold, a shared string counted for each cell.
const TEXT_BYTES_MAX: u64 = 256 << 20;
const SHEETS_MAX: usize = 1024;
const RECORDS_MAX: u64 = 40_000_000;

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const CONTINUE: u16 = 0x003C;
const PASSWORD: u16 = 0x002F;
const SHEET: u16 = 0x0085;
const SHARED_STRINGS: u16 = 0x00FC;
const DIMENSIONS: u16 = 0x0200;
const FORMULA: u16 = 0x0006;
const STRING: u16 = 0x0207;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00D6;
const SHARED_LABEL: u16 = 0x00FD;
const NUMBER: u16 = 0x0203;
const TRUTH: u16 = 0x0205;
const SHORT_NUMBER: u16 = 0x027E;
const SHORT_NUMBERS: u16 = 0x00BD;

/// Where a formula's own bytes begin, their count first.
const FORMULA_BYTES_AT: usize = 20;

/// Walks all sheets, blanks what is not needed, and refuses what would not fit.
pub(super) fn check(stream: &mut [u8]) -> Result<(), BadBook> {
    let mut sheets = Vec::new();
    let mut lengths = Vec::new();
    let mut at = 0;
    let mut records = 0;
    while let Some((kind, data)) = record(stream, at) {
        records += 1;
        match kind {
            END => break,
            // Nothing below can be read, and the reader says so before it tries.
            PASSWORD if u16_at(stream, data.start).is_some_and(|kind| kind != 0) => return Ok(()),
            SHEET => sheets.push(u32_at(stream, data.start).unwrap_or(u32::MAX) as usize),
            SHARED_STRINGS => lengths = shared_lengths(stream, at),
            _ => {}
        }
        at = data.end;
    }
    if sheets.len() > SHEETS_MAX {
        return Err(BadBook::Records);
    }
    let mut count = Count { lengths, records, area: 0, text: 0 };
    for start in sheets {
        if start > stream.len() {
            return Err(BadBook::Damaged("a sheet lies past its end"));
        }
        count.sheet(stream, start)?;
    }
    Ok(())
}

/// Returns the type of the record at a place and where its data stands.
fn record(stream: &[u8], at: usize) -> Option<(u16, std::ops::Range<usize>)> {
    let kind = u16_at(stream, at)?;
    let length = usize::from(u16_at(stream, at + 2)?);
    let data = at + 4..at + 4 + length;
    (data.end <= stream.len()).then_some((kind, data))
}

/// Sums what the sheets will take.
struct Count {
    /// The bytes of each shared string.
    lengths: Vec<u32>,
    records: u64,
    area: u64,
    text: u64,
}

impl Count {
    fn sheet(&mut self, stream: &mut [u8], mut at: usize) -> Result<(), BadBook> {
        let (mut depth, mut has_begun) = (0, false);
        let mut span: Option<[u16; 4]> = None;
        while let Some((kind, range)) = record(stream, at) {
            at = range.end;
            self.records += 1;
            if self.records > RECORDS_MAX {
                return Err(BadBook::Records);
            }
            // Charts within a sheet have records of the same types; their cells are none.
            match kind {
                BEGIN if has_begun => depth += 1,
                BEGIN => has_begun = true,
                END if depth == 0 => break,
                END => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.cell(kind, &mut stream[range], &mut span);
            }
            if self.text > TEXT_BYTES_MAX {
                return Err(BadBook::Text);
            }
        }
        if let Some([top, left, bottom, right]) = span {
            self.area += (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1);
        }
        if self.area > AREA_MAX { Err(BadBook::Area) } else { Ok(()) }
    }

    /// Adds one record of a sheet; dimensions and formulas are blanked.
    fn cell(&mut self, kind: u16, data: &mut [u8], span: &mut Option<[u16; 4]>) {
        let text = match kind {
            DIMENSIONS => {
                data.fill(0);
                return;
            }
            FORMULA => {
                if let Some(bytes) = data.get_mut(FORMULA_BYTES_AT..FORMULA_BYTES_AT + 2) {
                    bytes.fill(0);
                }
                0
            }
            STRING => {
                self.text += 2 * data.len() as u64;
                return;
            }
            LABEL | RICH_LABEL => 2 * data.len() as u64,
            SHARED_LABEL => {
                let index = u32_at(data, 6).unwrap_or(0) as usize;
                u64::from(self.lengths.get(index).copied().unwrap_or(0))
            }
            NUMBER | TRUTH | SHORT_NUMBER | SHORT_NUMBERS => 0,
            _ => return,
        };
        self.text += text;
        let (Some(row), Some(first)) = (u16_at(data, 0), u16_at(data, 2)) else {
            return;
        };
        let last = match kind {
            SHORT_NUMBERS => {
                let cells = u16::try_from(data.len().saturating_sub(6) / 6).unwrap_or(u16::MAX);
                first.saturating_add(cells)
            }
            _ => first,
        };
        let [top, left, bottom, right] = span.unwrap_or([row, first, row, last]);
        *span = Some([top.min(row), left.min(first), bottom.max(row), right.max(last)]);
    }
}

/// Returns the size of each shared string, as UTF-8 at its longest.
///
/// A string may run on into `CONTINUE` records; its letters begin anew there with a byte
/// that says how wide they are.
fn shared_lengths(stream: &[u8], at: usize) -> Vec<u32> {
    let mut pieces = Vec::new();
    let mut next = at;
    while let Some((kind, range)) = record(stream, next) {
        if next != at && kind != CONTINUE {
            break;
        }
        next = range.end;
        pieces.push(&stream[range]);
    }
    let mut cursor = Cursor { pieces, piece: 0, at: 8 };
    let mut lengths = Vec::new();
    while let Some(letters) = cursor.string() {
        lengths.push(letters.saturating_mul(3));
    }
    lengths
}

/// Stands in the pieces of the table of shared strings.
struct Cursor<'a> {
    pieces: Vec<&'a [u8]>,
    piece: usize,
    at: usize,
}

impl Cursor<'_> {
    /// Passes one string and returns how many letters it has.
    fn string(&mut self) -> Option<u32> {
        let letters = u32::from(self.number(2)?);
        let flags = self.number(1)?;
        let runs = if flags & 8 != 0 { usize::from(self.number(2)?) } else { 0 };
        let extra = match flags & 4 {
            0 => 0,
            _ => usize::from(self.number(2)?) | usize::from(self.number(2)?) << 16,
        };
        self.letters(letters as usize, flags & 1 != 0)?;
        self.skip(runs * 4 + extra)?;
        Some(letters)
    }

    /// Reads a number of one or two bytes, which never runs over the end of a piece.
    fn number(&mut self, bytes: usize) -> Option<u16> {
        while self.at >= self.pieces.get(self.piece)?.len() {
            (self.piece, self.at) = (self.piece + 1, 0);
        }
        let piece = self.pieces[self.piece];
        let value = match bytes {
            1 => u16::from(piece[self.at]),
            _ => u16_at(piece, self.at)?,
        };
        self.at += bytes;
        Some(value)
    }

    fn letters(&mut self, mut letters: usize, mut is_wide: bool) -> Option<()> {
        while letters > 0 {
            let left = self.pieces.get(self.piece)?.len().saturating_sub(self.at);
            let width = if is_wide { 2 } else { 1 };
            let here = letters.min(left / width);
            self.at += here * width;
            letters -= here;
            if letters > 0 {
                (self.piece, self.at) = (self.piece + 1, 0);
                is_wide = self.number(1)? & 1 != 0;
            }
        }
        Some(())
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            let left = self.pieces.get(self.piece)?.len().saturating_sub(self.at);
            let here = bytes.min(left);
            self.at += here;
            bytes -= here;
            if bytes > 0 {
                (self.piece, self.at) = (self.piece + 1, 0);
            }
        }
        Some(())
    }
}
