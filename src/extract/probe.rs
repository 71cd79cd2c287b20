//! Proves a settled window unchanged by a request or two.
//!
//! One request asks for the list's last known row and the place behind it: the same row and
//! nothing after it means that nothing came or went. Documents that were not final may have
//! changed in place; they are asked for by status, in one list, and only when one of them is
//! final now, or another one opened, is the whole window read again.

use super::pipe::Stop;
use super::sink::Known;
use super::sweep::WindowReader;
use crate::api::{Filter, PAGE_ROWS_MAX, Page};
use std::collections::HashSet;

/// What the probe found out about a settled window.
pub(super) enum Probe {
    /// Nothing came, went or changed its status; nothing was handed on.
    Unchanged,
    /// As before, but documents that are not final were handed on again.
    OpenRead,
    /// The window must be read again.
    Moved,
}

impl WindowReader<'_> {
    /// Asks whether a settled window is what it was.
    pub(super) async fn probe(&mut self, known: &Known) -> Result<Probe, Stop> {
        if !self.has_same_end(known).await? {
            return Ok(Probe::Moved);
        }
        if known.open.is_empty() {
            return Ok(Probe::Unchanged);
        }
        self.probe_open(known).await
    }

    /// Tells by one request whether the list still has as many rows and ends as it did.
    async fn has_same_end(&self, known: &Known) -> Result<bool, Stop> {
        let Some(last) = known.rows_total.checked_sub(1) else {
            return Ok(self.fetch(0, 1).await?.rows == 0);
        };
        let page = self.fetch(last, 2).await?;
        let ended_with = known.checkpoint.as_ref().and_then(|checkpoint| checkpoint.tail.last());
        Ok(match page.keys().as_slice() {
            [key] => ended_with.is_none_or(|known| known == key),
            _ => false,
        })
    }

    /// Reads the list of documents that are not final and compares it with those known.
    async fn probe_open(&mut self, known: &Known) -> Result<Probe, Stop> {
        let statuses = self.resource().open_statuses();
        let filter = Filter {
            statuses: statuses.iter().map(|status| (*status).to_owned()).collect(),
            ..self.filter().clone()
        };
        let may_be_open: HashSet<&str> = known.open.iter().map(|row| row.id.as_str()).collect();
        let mut still_open: HashSet<String> = HashSet::new();
        let mut skip = 0;
        loop {
            let page = self.fetch_filtered(&filter, skip, PAGE_ROWS_MAX).await?;
            let rows = page.rows;
            let Page { items, put_aside, .. } = page;
            if items.iter().any(|item| !may_be_open.contains(item.id.as_str())) {
                return Ok(Probe::Moved);
            }
            still_open.extend(items.iter().map(|item| item.id.clone()));
            let checkpoint = known.checkpoint.clone().unwrap_or_default();
            if rows > 0 {
                self.hand_on_as_is(items, put_aside, checkpoint).await?;
            }
            skip += u64::try_from(rows).unwrap_or(u64::MAX);
            // More rows than are known to be open cannot be only those.
            if rows < usize::from(PAGE_ROWS_MAX) || still_open.len() > known.open.len() {
                break;
            }
        }
        let is_final = known.open.iter().any(|row| row.is_inside && !still_open.contains(&row.id));
        Ok(if is_final { Probe::Moved } else { Probe::OpenRead })
    }
}
