//! What every engine must do, as cases that run against a real database.

mod apps;
mod attempts;
mod audit;
mod blobs;
mod builds;
mod channels;
mod concurrency;
mod events;
mod installs;
mod jobs;
mod releases;
mod revocations;
mod samples;
mod self_checks;
mod ticket_keys;
mod tokens;
mod units;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::{Catalog, StoreError};

/// Runs every case, each on a catalog of its own, and tells all that fail at once.
///
/// `open` makes an empty catalog each time it is called.
///
/// # Panics
///
/// When a case fails: this is a test.
pub async fn contract<Open, Opening>(open: Open)
where
    Open: Fn() -> Opening,
    Opening: Future<Output = Arc<dyn Catalog>>,
{
    let mut broken = Vec::new();
    for case in SUBJECTS.iter().copied().flatten() {
        let sentence = case.name.replace('_', " ");
        match AssertUnwindSafe((case.run)(open().await)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => broken.push(format!("{sentence}: {error:?}")),
            Err(cause) => broken.push(format!("{sentence}: {}", message(&*cause))),
        }
    }
    assert!(broken.is_empty(), "the contract is broken in {} cases:\n{}", broken.len(), broken.join("\n"));
}

/// One promise of the store traits.
struct Case {
    /// A sentence in snake case.
    name: &'static str,
    run: fn(Arc<dyn Catalog>) -> Running,
}

type Running = BoxFuture<'static, Result<(), StoreError>>;

const SUBJECTS: [&[Case]; 16] = [
    apps::CASES,
    attempts::CASES,
    audit::CASES,
    blobs::CASES,
    builds::CASES,
    channels::CASES,
    concurrency::CASES,
    events::CASES,
    installs::CASES,
    jobs::CASES,
    releases::CASES,
    revocations::CASES,
    self_checks::CASES,
    ticket_keys::CASES,
    tokens::CASES,
    units::CASES,
];

/// Lists functions as cases; one that is forgotten is a warning about dead code.
macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        &[$($crate::contract::Case { name: stringify!($case), run: |catalog| Box::pin($case(catalog)) }),+]
    };
}
use cases;

/// Checks that a store refused with this error.
macro_rules! assert_refused {
    ($result:expr, $refusal:pat) => {
        let result = $result;
        assert!(
            matches!(result, Err($refusal)),
            "{result:?} where {} was to be expected",
            stringify!($refusal)
        );
    };
}
use assert_refused;

fn message(cause: &(dyn Any + Send)) -> &str {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}
