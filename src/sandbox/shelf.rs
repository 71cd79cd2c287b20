//! The documents of one collection, in the order in which lists show them.
//!
//! A list is read in pages of a hundred, each page by the same filter: the positions that
//! pass the last few filters are kept, so only the first page of a list looks at every
//! document.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;

use super::document::Document;
use super::faults::Faults;
use super::filter::{Filter, Page};

/// How many filters keep their list of positions.
const CACHED_FILTERS: usize = 16;

/// Keeps documents in list order, finds them by id and by filter.
#[derive(Debug)]
pub(super) struct Shelf {
    documents: Vec<Arc<Document>>,
    by_id: HashMap<String, Arc<Document>>,
    newest_first: bool,
    passing: Mutex<Vec<(String, Arc<[usize]>)>>,
}

impl Shelf {
    pub(super) fn new(documents: Vec<Document>, newest_first: bool) -> Self {
        let mut documents: Vec<_> = documents.into_iter().map(Arc::new).collect();
        documents.sort_by(|left, right| place(left).cmp(&place(right)));
        if newest_first {
            documents.reverse();
        }
        let by_id =
            documents.iter().map(|document| (document.id.clone(), Arc::clone(document))).collect();
        Self { documents, by_id, newest_first, passing: Mutex::default() }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Arc<Document>> {
        self.by_id.get(id)
    }

    pub(super) fn by_fiscal_id(&self, fiscal_id: &str) -> Option<&Arc<Document>> {
        self.documents.iter().find(|document| document.fiscal_id == fiscal_id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.documents.iter()
    }

    /// Adds a document at its place, instead of the one with the same id.
    pub(super) fn put(&mut self, document: Document) {
        self.remove(&document.id);
        let document = Arc::new(document);
        let newest_first = self.newest_first;
        let position = self.documents.partition_point(|other| {
            if newest_first {
                place(other) > place(&document)
            } else {
                place(other) < place(&document)
            }
        });
        self.by_id.insert(document.id.clone(), Arc::clone(&document));
        self.documents.insert(position, document);
        self.forget_filters();
    }

    /// Takes a document away; tells whether it was there.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let was_there = self.by_id.remove(id).is_some();
        if was_there {
            self.documents.retain(|document| document.id != id);
            self.forget_filters();
        }
        was_there
    }

    /// Forgets which documents pass which filter, because either has changed.
    pub(super) fn forget_filters(&self) {
        self.passing.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Returns the documents of one page of the filtered list.
    pub(super) fn page(
        &self,
        filter: &Filter,
        page: &Page,
        faults: &Faults,
        seed: u64,
    ) -> Vec<Bytes> {
        let positions = self.passing(filter, faults, seed);
        positions
            .iter()
            .skip(page.skip)
            .take(page.limit)
            .map(|&position| self.documents[position].raw.clone())
            .collect()
    }

    /// Returns the newest document that passes the filter.
    pub(super) fn newest(&self, filter: &Filter) -> Option<&Arc<Document>> {
        let mut passing = self.documents.iter().filter(|one| filter.passes(one));
        if self.newest_first { passing.next() } else { passing.next_back() }
    }

    fn passing(&self, filter: &Filter, faults: &Faults, seed: u64) -> Arc<[usize]> {
        let mut cache = self.passing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, positions)) = cache.iter().find(|(name, _)| *name == filter.name) {
            return Arc::clone(positions);
        }
        let positions = self
            .documents
            .iter()
            .enumerate()
            .filter(|(_, document)| filter.passes(document))
            .map(|(position, _)| position)
            .collect();
        let positions: Arc<[usize]> = self.with_repeats(positions, faults, seed).into();
        if cache.len() == CACHED_FILTERS {
            cache.remove(0);
        }
        cache.push((filter.name.clone(), Arc::clone(&positions)));
        positions
    }

    /// Lists some documents a second time; the list only grows, so no row is ever lost.
    fn with_repeats(&self, positions: Vec<usize>, faults: &Faults, seed: u64) -> Vec<usize> {
        if faults.duplicate_per_mille == 0 {
            return positions;
        }
        let length = positions.len();
        let mut list: Vec<(usize, usize)> = Vec::with_capacity(length + length / 50);
        for (order, position) in positions.into_iter().enumerate() {
            list.push((order, position));
            let repeat = faults.repeats_after(seed, &self.documents[position].id);
            list.extend(repeat.map(|rows| ((order + rows).min(length), position)));
        }
        list.sort_by_key(|&(order, _)| order);
        list.into_iter().map(|(_, position)| position).collect()
    }
}

fn place(document: &Document) -> (i64, &str) {
    (document.created, &document.id)
}
