//! Entitlements, as a signature holds them and a profile allows them.

use super::{Dictionary, Value, texts};

/// The entitlements of `identifier` (or `*`) in `team`.
#[must_use]
pub fn entitlements(team: &str, identifier: &str, get_task_allow: GetTaskAllow) -> Dictionary {
    let allow = get_task_allow == GetTaskAllow::Yes;
    let environment = if allow { "development" } else { "production" };
    [
        ("application-identifier", Value::from(format!("{team}.{identifier}"))),
        ("aps-environment", Value::from(environment)),
        ("com.apple.developer.team-identifier", Value::from(team)),
        ("get-task-allow", Value::from(allow)),
        ("keychain-access-groups", texts([format!("{team}.*")])),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// Whether debuggers may attach: development builds only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GetTaskAllow {
    /// Development.
    Yes,
    /// Everything that is distributed.
    No,
}
