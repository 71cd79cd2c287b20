//! Says what a place that documents come from must be able to do.
//!
//! The client of the API is one. A list in memory that changes between two pages is another:
//! it lets thousands of histories be tried in the time that one server takes to start.

use crate::api::{Client, Error, Filter, Page, RawItem, Resource, Tally};
use std::future::Future;

/// Answers questions about lists and single documents, and counts them.
pub trait Source: Sync {
    /// Returns one page of a list, in the order of the list.
    fn list(
        &self,
        resource: Resource,
        filter: &Filter,
        skip: u64,
        limit: u16,
    ) -> impl Future<Output = Result<Page, Error>> + Send;

    /// Returns one document.
    fn get(
        &self,
        resource: Resource,
        id: &str,
    ) -> impl Future<Output = Result<RawItem, Error>> + Send;

    /// Returns all companies of the account.
    fn configurations(&self) -> impl Future<Output = Result<Page, Error>> + Send;

    /// Returns how many requests and retries there were so far.
    fn tally(&self) -> Tally;
}

impl Source for Client {
    async fn list(
        &self,
        resource: Resource,
        filter: &Filter,
        skip: u64,
        limit: u16,
    ) -> Result<Page, Error> {
        Self::list(self, resource, filter, skip, limit).await
    }

    async fn get(&self, resource: Resource, id: &str) -> Result<RawItem, Error> {
        Self::get(self, resource, id).await
    }

    async fn configurations(&self) -> Result<Page, Error> {
        Self::configurations(self).await
    }

    fn tally(&self) -> Tally {
        Self::tally(self)
    }
}
