use uuid::Uuid;

use super::{Malformed, Row};
use crate::{App, Name, Timestamp};

/// A row of `apps`, without `name_key`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `App`")]
#[derive(Clone, Debug)]
pub struct AppRow {
    pub id: Uuid,
    pub bundle_id: String,
    pub platform: String,
    pub name: String,
    pub created_at: i64,
}

impl Row for AppRow {
    type Item = App;
    const WHAT: &'static str = "app";

    fn read(self) -> Result<App, Malformed> {
        Ok(App {
            id: self.id.try_into()?,
            bundle_id: self.bundle_id.parse()?,
            platform: self.platform.parse()?,
            name: Name::parse(&self.name)?,
            created_at: Timestamp::from_millis(self.created_at)?,
        })
    }
}

impl From<&App> for AppRow {
    fn from(app: &App) -> Self {
        Self {
            id: app.id.into(),
            bundle_id: app.bundle_id.as_str().to_owned(),
            platform: app.platform.as_str().to_owned(),
            name: app.name.as_str().to_owned(),
            created_at: app.created_at.as_millis(),
        }
    }
}
