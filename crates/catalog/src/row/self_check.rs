use doctor::Verdict;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;

use super::{Malformed, Row, from_json, to_json};
use crate::{SelfCheck, StoreError, Timestamp};

/// A row of `self_checks`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `SelfCheck`")]
#[derive(Clone, Debug)]
pub struct SelfCheckRow {
    pub at: i64,
    pub public_url: String,
    pub verdict: String,
    pub findings: String,
}

impl Row for SelfCheckRow {
    type Item = SelfCheck;
    const WHAT: &'static str = "self-check";

    fn read(self) -> Result<SelfCheck, Malformed> {
        let verdict = IntoDeserializer::<Error>::into_deserializer(self.verdict);
        Ok(SelfCheck {
            at: Timestamp::from_millis(self.at)?,
            public_url: self.public_url,
            verdict: Verdict::deserialize(verdict)?,
            findings: from_json(&self.findings)?,
        })
    }
}

impl TryFrom<&SelfCheck> for SelfCheckRow {
    type Error = StoreError;

    fn try_from(check: &SelfCheck) -> Result<Self, StoreError> {
        Ok(Self {
            at: check.at.as_millis(),
            public_url: check.public_url.clone(),
            verdict: check.verdict.as_str().to_owned(),
            findings: to_json(&check.findings)?,
        })
    }
}
