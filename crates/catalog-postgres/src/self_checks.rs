use async_trait::async_trait;
use catalog::row::{Row, SelfCheckRow};
use catalog::{SelfCheck, SelfChecks, SelfChecksMut, StoreError};

use crate::session::Session;

#[async_trait]
impl SelfChecks for Session {
    async fn last(&mut self) -> Result<Option<SelfCheck>, StoreError> {
        let row = sqlx::query_as!(
            SelfCheckRow,
            "SELECT at, public_url, verdict, findings FROM self_checks WHERE id = 1"
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding the last self-check"))?;
        row.map(Row::item).transpose()
    }
}

#[async_trait]
impl SelfChecksMut for Session {
    async fn keep(&mut self, check: &SelfCheck) -> Result<(), StoreError> {
        let row = SelfCheckRow::try_from(check)?;
        sqlx::query!(
            "INSERT INTO self_checks (id, at, public_url, verdict, findings) VALUES (1, $1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET
                at = excluded.at, public_url = excluded.public_url, verdict = excluded.verdict,
                findings = excluded.findings",
            row.at,
            row.public_url,
            row.verdict,
            row.findings,
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("keeping a self-check"))?;
        Ok(())
    }
}
