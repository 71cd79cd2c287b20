//! Documents as the provider has them now: narrowed, listed, shown one by one.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{body_json, table};
use crate::api::wire::unknown_fields;
use crate::api::{Filter, RawItem, Resource};
use crate::cli::failure::Failure;
use crate::cli::{Global, output};
use crate::worker;

/// Narrows a list of documents.
#[derive(Debug, Args)]
pub(in crate::cli) struct Selection {
    /// Only this company, by tax id; repeatable
    #[arg(long, value_name = "ID")]
    company: Vec<String>,
    /// Of this day in Rome or later
    #[arg(long, value_name = "D", value_parser = crate::cli::select::day)]
    from: Option<NaiveDate>,
    /// Of this day in Rome or earlier
    #[arg(long, value_name = "D", value_parser = crate::cli::select::day)]
    to: Option<NaiveDate>,
    /// Only this document number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
}

/// Says how documents of a kind are shown.
pub(in crate::cli) struct Shown<T> {
    /// The provider's list.
    pub(in crate::cli) resource: Resource,
    /// What one of them is called.
    pub(in crate::cli) noun: &'static str,
    /// The headings of the table.
    pub(in crate::cli) headings: &'static [&'static str],
    /// Reads a body.
    pub(in crate::cli) parse: fn(&str) -> Result<T, crate::api::wire::Error>,
    /// The day by which the list is narrowed.
    pub(in crate::cli) day: fn(&T) -> Option<NaiveDate>,
    /// A row of the table.
    pub(in crate::cli) row: fn(&T) -> Vec<String>,
    /// The whole document, for people.
    pub(in crate::cli) described: fn(&T) -> String,
}

impl<T: DeserializeOwned> Shown<T> {
    /// Lists documents, narrowed by the selection and by what else the filter says.
    pub(in crate::cli) async fn list(
        &self,
        global: &Global,
        selection: Selection,
        filter: Filter,
    ) -> Result<ExitCode, Failure> {
        let ctx = global.open().await?;
        let Selection { company, from, to, number, limit } = selection;
        let filter = Filter {
            fiscal_ids: company,
            // Whether the bounds are inclusive, and whose days they are, nobody says.
            after: from.and_then(|day| day.pred_opt()?.pred_opt()),
            before: to.and_then(|day| day.succ_opt()?.succ_opt()),
            document_number: number,
            ..filter
        };
        let is_wanted = |item: &RawItem| {
            let day = (self.parse)(&item.body).ok().and_then(|document| (self.day)(&document));
            day.is_none_or(|day| {
                from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to)
            })
        };
        let limit = usize::from(limit);
        let items = worker::documents(&ctx, self.resource, &filter, limit, is_wanted).await;
        ctx.store.close().await;
        self.tell(global, &items?, limit)?;
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, global: &Global, items: &[RawItem], limit: usize) -> Result<(), Failure> {
        if global.json {
            let bodies: Vec<Value> = items.iter().map(body_json).collect();
            return output::json(&json!({ (self.resource.as_str()): bodies }));
        }
        if items.is_empty() {
            return output::line(&format!("no {}", self.noun));
        }
        let mut table = table(self.headings);
        for item in items {
            match (self.parse)(&item.body) {
                Ok(document) => table.add_row((self.row)(&document)),
                Err(error) => table.add_row([item.id.clone(), worker::causes(&error)]),
            };
        }
        output::line(&table.to_string())?;
        if items.len() == limit {
            output::line(&format!("the first {limit}; `--limit N` shows more"))?;
        }
        Ok(())
    }

    /// Shows one document, with the fields that Quadra does not know.
    pub(in crate::cli) async fn show(
        &self,
        global: &Global,
        id: &str,
    ) -> Result<ExitCode, Failure> {
        let ctx = global.open().await?;
        let item = worker::document(&ctx, self.resource, id).await;
        ctx.store.close().await;
        let item = item?;
        if global.json {
            output::json(&body_json(&item))?;
            return Ok(ExitCode::SUCCESS);
        }
        let document = (self.parse)(&item.body).map_err(|error| unreadable(&error))?;
        output::line(&(self.described)(&document))?;
        for (name, value) in unknown_fields::<T>(&item.body) {
            output::line(&format!("{name}: {value} (a field that Quadra does not know)"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Returns the error of a document whose body does not read.
pub(in crate::cli) fn unreadable(error: &dyn std::error::Error) -> Failure {
    Failure::Usage {
        message: worker::causes(error),
        hint: Some("`--json` shows the body as the provider wrote it".to_owned()),
    }
}

/// Returns a value for people, a dash where there is none.
pub(in crate::cli) fn text(value: Option<&str>) -> String {
    value.unwrap_or("–").to_owned()
}
