//! Proves a settled window unchanged by one request, or reads only what came since.
//!
//! One request asks for the list's last known row and what stands behind it: that row and
//! nothing more means that nothing came or went. Otherwise the places at which known rows stand
//! now say how many came before each (see `span`), and only the stretches in which some came
//! are read: those at the list's beginning page by page, those inside it by halving. The last
//! place asked for is the end of the list: there as many rows must have come as were found,
//! or the list moved meanwhile.
//!
//! The window's last reading holds until this one ends: nothing of it is taken back before.
//! What a count cannot tell (one row went and another came, at places nobody looked at) is left
//! to the sweeps. A list in which rows went or changed places is swept at once.

use super::checkpoint::OVERLAP_ROWS_MAX;
use super::pipe::Stop;
use super::row_keys::{RowKeys, fingerprint};
use super::sink::{Known, WindowEnd, WindowState};
use super::source::Source;
use super::span::{Anchor, Growth, Span, Taken};
use super::sweep::WindowReader;
use crate::api::{PAGE_ROWS_MAX, Page};

/// How often it is tried while the list moves, before the whole list is read.
const TRIES_MAX: u32 = 2;
/// How many pages may bring nothing new, besides one for so many known rows.
const IDLE_PAGES_MAX: u64 = 10;
const ROWS_PER_IDLE_PAGE: u64 = 400;

/// What became of the window.
pub(super) enum CaughtUp {
    /// It is what it was, or what it was and all that came is read.
    Settled(WindowEnd),
    /// The whole list must be read.
    Moved,
}

/// The list contradicts what is known of it, or is too much trouble.
struct Contradiction;

/// Is how far the looking for what came has got.
struct Search<'a> {
    growth: Growth<'a>,
    idle_pages_left: u64,
}

/// A step of the search: a page that failed, or a contradiction, ends it.
type Step<T> = Result<Result<T, Contradiction>, Stop>;

impl<F: Source> WindowReader<'_, F> {
    /// Asks whether a window is what it was when it settled last, and reads what came since.
    pub(super) async fn catch_up(&mut self, known: &Known) -> Result<CaughtUp, Stop> {
        let Some(keys) = &known.keys else {
            return self.compare_ends(known).await;
        };
        let Some(last) = keys.0.last() else {
            return self.compare_ends_of_none().await;
        };
        let rows_known = u64::try_from(keys.len()).unwrap_or(u64::MAX);
        let page = self.fetch(rows_known - 1, PAGE_ROWS_MAX).await?;
        if page.rows == 1 && page.keys().iter().all(|key| fingerprint(key) == *last) {
            return Ok(unchanged(rows_known));
        }
        let Some(places) = keys.places() else {
            return Ok(CaughtUp::Moved);
        };
        if page.rows == 0 {
            return Ok(CaughtUp::Moved);
        }
        let mut first = Some(page);
        for _ in 0..TRIES_MAX {
            let mut search = Search {
                growth: Growth::new(&keys.0, &places),
                idle_pages_left: IDLE_PAGES_MAX + rows_known / ROWS_PER_IDLE_PAGE,
            };
            if let Ok(list) = self.search(&mut search, first.take()).await? {
                return Ok(CaughtUp::Settled(WindowEnd {
                    state: WindowState::Settled,
                    unchanged: false,
                    rows_total: u64::try_from(list.len()).unwrap_or(u64::MAX),
                    keys: Some(RowKeys(list)),
                    is_swept: false,
                }));
            }
        }
        Ok(CaughtUp::Moved)
    }

    /// Tells by one request whether the list still has as many rows and ends as it did.
    async fn compare_ends(&self, known: &Known) -> Result<CaughtUp, Stop> {
        if known.state != Some(WindowState::Settled) {
            return Ok(CaughtUp::Moved);
        }
        let Some(last) = known.rows_total.checked_sub(1) else {
            return self.compare_ends_of_none().await;
        };
        let page = self.fetch(last, 2).await?;
        let ended_with = known.checkpoint.as_ref().and_then(|checkpoint| checkpoint.tail.last());
        Ok(match page.keys().as_slice() {
            [key] if ended_with.is_none_or(|known| known == key) => unchanged(known.rows_total),
            _ => CaughtUp::Moved,
        })
    }

    async fn compare_ends_of_none(&self) -> Result<CaughtUp, Stop> {
        let is_empty = self.fetch(0, 1).await?.rows == 0;
        Ok(if is_empty { unchanged(0) } else { CaughtUp::Moved })
    }

    /// Finds everything that came and returns the list as it is now.
    async fn search(&mut self, search: &mut Search<'_>, mut first: Option<Page>) -> Step<Vec<u64>> {
        let last_known = search.growth.rows_known() - 1;
        let mut done = Anchor { position: 0, came: 0 };
        let mut last_page_rows;
        loop {
            // Where the last known row stands if nothing came behind what is looked at.
            let skip = last_known + done.came;
            let page = match first.take() {
                Some(page) => page,
                None => self.fetch(skip, PAGE_ROWS_MAX).await?,
            };
            let Ok((taken, rows)) = self.take_in(search, skip, page).await? else {
                return Ok(Err(Contradiction));
            };
            last_page_rows = Some(rows);
            let end = match taken {
                Taken::Placed(start, end) => {
                    let span = Span { from: done, to: start, goes_on: true };
                    if span.came() != Some(0) {
                        // The counts of both ends must hold at one time: look once more.
                        last_page_rows = None;
                    }
                    if self.read_span(search, span).await?.is_err() {
                        return Ok(Err(Contradiction));
                    }
                    end
                }
                Taken::AllNew => match self.read_up(search, done).await? {
                    Ok(end) => end,
                    Err(contradiction) => return Ok(Err(contradiction)),
                },
                Taken::Contradiction => return Ok(Err(Contradiction)),
            };
            if end.position <= done.position {
                return Ok(Err(Contradiction));
            }
            done = end;
            if search.growth.is_behind_known(done) {
                break;
            }
        }
        let Ok(end) = self.read_tail(search, done, last_page_rows).await? else {
            return Ok(Err(Contradiction));
        };
        Ok(search.growth.list(end).ok_or(Contradiction))
    }

    /// Reads the stretches of a span in which rows came.
    async fn read_span(&mut self, search: &mut Search<'_>, span: Span) -> Step<()> {
        let page_rows = u64::from(PAGE_ROWS_MAX);
        let mut spans = vec![span];
        while let Some(Span { from, to, goes_on }) = spans.pop() {
            match (Span { from, to, goes_on }).came() {
                Some(0) => continue,
                Some(_) => {}
                None => return Ok(Err(Contradiction)),
            }
            let length = to.position - from.position;
            let begins = goes_on || length <= page_rows;
            let overlap = if begins { overlap_before(from) } else { 0 };
            let skip = if begins {
                from.position - overlap
            } else {
                from.position + (length - page_rows) / 2
            };
            // A few rows of the stretch above were looked at: they must stand there still.
            let end = to.position + OVERLAP_ROWS_MAX as u64;
            let limit = u16::try_from((end - skip).min(page_rows)).unwrap_or(PAGE_ROWS_MAX);
            let Ok((taken, rows)) = self.look(search, skip, limit).await? else {
                return Ok(Err(Contradiction));
            };
            let expected = if begins { search.came_before(skip, from) } else { Some(0) };
            let Some(expected) = expected else { return Ok(Err(Contradiction)) };
            let (start, end) = match taken {
                Taken::Placed(start, end) => (start, end),
                Taken::AllNew if begins => (
                    Anchor { position: skip, came: expected },
                    Anchor { position: skip + rows, came: expected + rows },
                ),
                // Nothing is said of how many came before them: read from where that is known.
                Taken::AllNew => {
                    spans.push(Span { from, to, goes_on: true });
                    continue;
                }
                Taken::Contradiction => return Ok(Err(Contradiction)),
            };
            let is_other = begins && start.came != expected;
            if is_other || end.position <= from.position {
                return Ok(Err(Contradiction));
            }
            if end.position >= to.position {
                let above = search.growth.new_between(to.position, end.position);
                if end.came != to.came + above {
                    return Ok(Err(Contradiction));
                }
                if !begins {
                    spans.push(Span { from, to: start, goes_on: false });
                }
                continue;
            }
            if !begins {
                spans.push(Span { from, to: start, goes_on: false });
            }
            // The page may be all that the server gives of what was asked for.
            let is_new = search.growth.new_between(end.position - 1, end.position) > 0;
            spans.push(Span { from: end, to, goes_on: is_new });
        }
        Ok(Ok(()))
    }

    /// Reads page after page from a place up to one that holds a known row.
    async fn read_up(&mut self, search: &mut Search<'_>, from: Anchor) -> Step<Anchor> {
        let mut at = from;
        loop {
            let skip = at.position - overlap_before(at);
            let Ok((taken, rows)) = self.look(search, skip, PAGE_ROWS_MAX).await? else {
                return Ok(Err(Contradiction));
            };
            let Some(expected) = search.came_before(skip, at) else {
                return Ok(Err(Contradiction));
            };
            if skip + rows <= at.position {
                return Ok(Err(Contradiction));
            }
            match taken {
                Taken::Placed(start, end) if start.came == expected => return Ok(Ok(end)),
                Taken::AllNew => {
                    at = Anchor { position: skip + rows, came: expected + rows };
                }
                Taken::Placed(..) | Taken::Contradiction => return Ok(Err(Contradiction)),
            }
        }
    }

    /// Reads what stands behind the last known row; returns how many rows the list has.
    ///
    /// `page_rows` is the length of the page that was looked at last, if it was the end's: a
    /// short one is the end. At the end as many rows came as were found, so none is missed.
    async fn read_tail(
        &mut self,
        search: &mut Search<'_>,
        done: Anchor,
        mut page_rows: Option<u64>,
    ) -> Step<u64> {
        let mut at = done;
        while page_rows.is_none_or(|rows| !self.is_short(usize::try_from(rows).unwrap_or(0))) {
            let skip = at.position - overlap_before(at);
            let Ok((taken, rows)) = self.look(search, skip, PAGE_ROWS_MAX).await? else {
                return Ok(Err(Contradiction));
            };
            let Some(more) = (skip + rows).checked_sub(at.position) else {
                return Ok(Err(Contradiction));
            };
            let end = Anchor { position: at.position + more, came: at.came + more };
            let agrees = match taken {
                Taken::Placed(_, placed) => placed == end,
                Taken::AllNew => true,
                Taken::Contradiction => false,
            };
            if !agrees {
                return Ok(Err(Contradiction));
            }
            if end == at {
                break;
            }
            at = end;
            page_rows = Some(rows);
        }
        Ok(Ok(at.position))
    }

    /// Reads a page and takes it in.
    async fn look(&mut self, search: &mut Search<'_>, skip: u64, limit: u16) -> Step<(Taken, u64)> {
        let page = self.fetch(skip, limit).await?;
        self.take_in(search, skip, page).await
    }

    /// Hands a page on and takes it in; an empty one is a contradiction.
    async fn take_in(
        &mut self,
        search: &mut Search<'_>,
        skip: u64,
        page: Page,
    ) -> Step<(Taken, u64)> {
        let keys: Vec<u64> = page.keys().iter().map(|key| fingerprint(key)).collect();
        // Every page tells how long they are.
        self.is_short(keys.len());
        self.hand_on_rows(page).await?;
        let new_before = search.growth.rows_new();
        let taken = search.growth.take(skip, &keys);
        if keys.is_empty() {
            return Ok(Err(Contradiction));
        }
        if search.growth.rows_new() == new_before {
            match search.idle_pages_left.checked_sub(1) {
                Some(left) => search.idle_pages_left = left,
                None => return Ok(Err(Contradiction)),
            }
        }
        Ok(Ok((taken, u64::try_from(keys.len()).unwrap_or(u64::MAX))))
    }
}

impl Search<'_> {
    /// Returns how many rows came before `skip`, which lies a few looked-at rows before a place.
    fn came_before(&self, skip: u64, place: Anchor) -> Option<u64> {
        place.came.checked_sub(self.growth.new_between(skip, place.position))
    }
}

fn overlap_before(place: Anchor) -> u64 {
    place.position.min(OVERLAP_ROWS_MAX as u64)
}

fn unchanged(rows_total: u64) -> CaughtUp {
    CaughtUp::Settled(WindowEnd {
        state: WindowState::Settled,
        unchanged: true,
        rows_total,
        keys: None,
        is_swept: false,
    })
}
