//! Requests to the provider by business day, taken from the budget before they are sent.

use chrono::NaiveDate;

use crate::store::{Error, Store, Tx};

impl Tx {
    /// Adds requests to the day's count; a negative number gives back what was not sent.
    pub async fn count_requests(&mut self, day: NaiveDate, requests: i64) -> Result<(), Error> {
        let failed = self.failed();
        sqlx::query(
            "insert into request_days (day_on, requests) values ($1, $2) \
             on conflict (day_on) do update set requests = request_days.requests + $2",
        )
        .bind(day.to_string())
        .bind(requests)
        .execute(&mut *self.inner)
        .await
        .map_err(failed)?;
        Ok(())
    }

    /// Takes up to so many requests out of what the day's budget has left.
    ///
    /// They count as sent from here on, so that two processes never take the same ones.
    /// Returns how many there were to take.
    pub async fn take_requests(
        &mut self,
        day: NaiveDate,
        wanted: i64,
        budget: i64,
    ) -> Result<i64, Error> {
        let failed = self.failed();
        let sent: Option<i64> =
            sqlx::query_scalar("select requests from request_days where day_on = $1")
                .bind(day.to_string())
                .fetch_optional(&mut *self.inner)
                .await
                .map_err(failed)?;
        let taken = (budget - sent.unwrap_or(0)).clamp(0, wanted.max(0));
        if taken > 0 {
            self.count_requests(day, taken).await?;
        }
        Ok(taken)
    }
}

impl Store {
    /// Returns how many requests were sent on a day, those taken and not given back included.
    pub async fn requests_on(&self, day: NaiveDate) -> Result<i64, Error> {
        let sent: Option<i64> =
            sqlx::query_scalar("select requests from request_days where day_on = $1")
                .bind(day.to_string())
                .fetch_optional(self.reader())
                .await
                .map_err(|source| Error::during("count requests", source))?;
        Ok(sent.unwrap_or(0))
    }
}
