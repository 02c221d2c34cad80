use std::io;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::postgres::{PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Describe, Either, Execute, Executor, Postgres, SqlStr};
use tokio::time::{Instant, timeout, timeout_at};

/// A connection whose statements come to an end, also when the network drops whatever is sent without a word: then the
/// server's own time-outs are never heard of.
#[derive(Debug)]
pub(crate) struct Bounded<'c> {
    connection: &'c mut PgConnection,
    limit: Duration,
}

impl<'c> Bounded<'c> {
    pub(crate) fn new(connection: &'c mut PgConnection, limit: Duration) -> Self {
        Self { connection, limit }
    }
}

/// Does something on a connection for so long at most.
pub(crate) async fn within<T>(
    limit: Duration,
    doing: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, doing).await.unwrap_or_else(|_| Err(silent(limit)))
}

fn silent(limit: Duration) -> sqlx::Error {
    let sentence = format!("the database was silent for {} seconds", limit.as_secs_f32());
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, sentence))
}

impl<'c> Executor<'c> for Bounded<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let limit = self.limit;
        let rows = self.connection.fetch_many(query);
        // From the first poll on.
        let begin = (rows, None);
        stream::try_unfold(begin, move |(mut rows, deadline)| async move {
            let deadline = deadline.unwrap_or_else(|| Instant::now() + limit);
            let next = timeout_at(deadline, rows.try_next()).await.unwrap_or_else(|_| Err(silent(limit)));
            Ok(next?.map(|row| (row, (rows, Some(deadline)))))
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(within(self.limit, self.connection.fetch_optional(query)))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(within(self.limit, self.connection.prepare_with(sql, parameters)))
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(within(self.limit, self.connection.describe(sql)))
    }
}
