//! The container of old office files ([MS-CFB]): one stream out of it, or around one.

use super::{BadBook, u16_at, u32_at};

const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const TABLE_SECTOR: u32 = 0xFFFF_FFFD;
const FREE_SECTOR: u32 = 0xFFFF_FFFF;
/// Ids from here on are marks, not sectors.
const SECTORS_MAX: u32 = 0xFFFF_FFFA;
/// Streams shorter than this lie in small sectors of 64 bytes.
const SMALL_STREAM_BYTES: usize = 4096;
const SMALL_SECTOR_BYTES: usize = 64;
const ENTRY_BYTES: usize = 128;
/// The header's own places for sectors of the table.
const HEADER_PLACES: std::ops::Range<usize> = 76..512;

/// Holds a container while its chains are followed.
struct Container<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    table: Vec<u32>,
}

/// Returns the stream that holds the workbook's records.
pub(super) fn workbook_stream(bytes: &[u8]) -> Result<Vec<u8>, BadBook> {
    let damaged = |what| move || BadBook::Damaged(what);
    let sector_bytes = match u16_at(bytes, 30) {
        Some(9) => 512,
        Some(12) => 4096,
        _ => return Err(BadBook::Damaged("its header is cut or of another program")),
    };
    let header = |at| u32_at(bytes, at).ok_or_else(damaged("its header is cut"));
    let mut container = Container { bytes, sector_bytes, table: Vec::new() };
    container.table = container.read_table(header(68)?)?;
    let directory = container.chain(header(48)?)?;
    let entries = || directory.chunks_exact(ENTRY_BYTES);
    let root = entries().next().ok_or_else(damaged("its directory is empty"))?;
    let book = ["workbook", "book"]
        .iter()
        .find_map(|name| entries().find(|entry| entry_name(entry) == *name))
        .ok_or_else(damaged("it holds no workbook"))?;
    let part = |entry: &[u8], at| u32_at(entry, at).unwrap_or(END_OF_CHAIN);
    let length = part(book, 120) as usize;
    let mut stream = if length >= SMALL_STREAM_BYTES {
        container.chain(part(book, 116))?
    } else {
        let small = container.chain(part(root, 116))?;
        let table: Vec<u32> = numbers(&container.chain(header(60)?)?).collect();
        small_chain(&small, &table, part(book, 116))?
    };
    stream.truncate(length);
    Ok(stream)
}

impl Container<'_> {
    fn sector(&self, id: u32) -> Option<&[u8]> {
        let start = (id as usize).checked_add(1)?.checked_mul(self.sector_bytes)?;
        // The last sector of a file may be cut short.
        let end = start.checked_add(self.sector_bytes)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    fn sector_count(&self) -> usize {
        self.bytes.len() / self.sector_bytes
    }

    /// Reads the table that says which sector follows which.
    fn read_table(&self, mut next: u32) -> Result<Vec<u32>, BadBook> {
        let mut places: Vec<u32> =
            numbers(self.bytes.get(HEADER_PLACES).unwrap_or_default()).collect();
        let mut steps = 0;
        while next < SECTORS_MAX {
            steps += 1;
            let sector = self.sector(next).filter(|_| steps <= self.sector_count());
            places.extend(numbers(sector.ok_or(BadBook::Damaged("its table runs in a circle"))?));
            next = places.pop().unwrap_or(END_OF_CHAIN);
        }
        let mut table = Vec::new();
        for id in places.into_iter().filter(|id| *id < SECTORS_MAX).take(self.sector_count()) {
            table.extend(numbers(self.sector(id).unwrap_or_default()));
        }
        Ok(table)
    }

    /// Returns the bytes of a chain of sectors, each of which may stand in it once.
    fn chain(&self, mut id: u32) -> Result<Vec<u8>, BadBook> {
        let mut bytes = Vec::new();
        let mut steps = 0;
        while id < SECTORS_MAX {
            steps += 1;
            let sector = self.sector(id).filter(|_| steps <= self.sector_count());
            bytes
                .extend_from_slice(sector.ok_or(BadBook::Damaged("a chain of sectors is broken"))?);
            id = self.table.get(id as usize).copied().unwrap_or(END_OF_CHAIN);
        }
        Ok(bytes)
    }
}

fn small_chain(small: &[u8], table: &[u32], mut id: u32) -> Result<Vec<u8>, BadBook> {
    let mut bytes = Vec::new();
    while id < SECTORS_MAX && bytes.len() < SMALL_STREAM_BYTES {
        let start = (id as usize).saturating_mul(SMALL_SECTOR_BYTES);
        let sector = small.get(start..start.saturating_add(SMALL_SECTOR_BYTES));
        bytes.extend_from_slice(sector.ok_or(BadBook::Damaged("a chain of sectors is broken"))?);
        id = table.get(id as usize).copied().unwrap_or(END_OF_CHAIN);
    }
    Ok(bytes)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// Returns the name of a directory entry in lower case.
fn entry_name(entry: &[u8]) -> String {
    let units = entry[..64].chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units).to_lowercase()
}

/// Puts a container around a stream: the table, a directory of two entries, the stream.
pub(super) fn around(stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 4096;
    const PER_SECTOR: usize = SECTOR / 4;
    let length = stream.len().max(SMALL_STREAM_BYTES);
    let stream_sectors = length.div_ceil(SECTOR);
    // Every sector has an entry in the table, those of the table itself too.
    let table_sectors = (stream_sectors + 1).div_ceil(PER_SECTOR - 1);
    let id = |at: usize| u32::try_from(at).unwrap_or(END_OF_CHAIN);
    let mut header = vec![0; SECTOR];
    header[..8].copy_from_slice(SIGNATURE);
    let mut put16 =
        |at: usize, value: u16| header[at..at + 2].copy_from_slice(&value.to_le_bytes());
    for (at, value) in [(24, 0x3E), (26, 4), (28, 0xFFFE), (30, 12), (32, 6)] {
        put16(at, value);
    }
    let mut put32 =
        |at: usize, value: u32| header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    put32(40, 1);
    put32(44, id(table_sectors));
    put32(48, id(table_sectors));
    put32(56, 4096);
    put32(60, END_OF_CHAIN);
    put32(68, END_OF_CHAIN);
    for (place, at) in HEADER_PLACES.step_by(4).enumerate() {
        put32(at, if place < table_sectors { id(place) } else { FREE_SECTOR });
    }
    let mut table = vec![TABLE_SECTOR; table_sectors];
    table.push(END_OF_CHAIN);
    let first = table_sectors + 1;
    table.extend((first + 1..first + stream_sectors).map(id));
    table.push(END_OF_CHAIN);
    table.resize(table_sectors * PER_SECTOR, FREE_SECTOR);
    let entry = |name: &str, kind: u8, start: usize, length: usize| {
        let mut entry = vec![0; ENTRY_BYTES];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[at * 2..at * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[66] = kind;
        entry[116..120].copy_from_slice(&id(start).to_le_bytes());
        entry[120..128].copy_from_slice(&(length as u64).to_le_bytes());
        entry
    };
    let mut directory = entry("Root Entry", 5, 0, 0);
    directory.extend(entry("Workbook", 2, first, length));
    directory.resize(SECTOR, 0);
    let mut all = header;
    all.extend(table.into_iter().flat_map(u32::to_le_bytes));
    all.extend(directory);
    all.extend_from_slice(stream);
    all.resize(SECTOR * (1 + first + stream_sectors), 0);
    all
}
