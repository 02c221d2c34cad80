use std::sync::Arc;

use super::samples::{Samples, at};
use super::{Case, cases};
use crate::{BuildId, Catalog, ChannelId, Revocation, RevocationSubject, StoreError};

pub(super) const CASES: &[Case] = cases![
    every_kind_of_subject_can_be_revoked,
    a_subject_that_is_not_revoked_has_no_revocation,
    revoking_again_moves_the_moments_on_and_never_back,
    a_lifted_revocation_is_gone,
];

async fn every_kind_of_subject_can_be_revoked(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let now = make.now();
    let subjects = [
        RevocationSubject::Channel(ChannelId::new(now, [1; 10])),
        RevocationSubject::Build(BuildId::new(now, [1; 10])), // The same 16 bytes.
        RevocationSubject::Ticket(make.ticket()),
    ];
    let mut revocations = Vec::new();
    for subject in subjects {
        let running_refused_at = matches!(subject, RevocationSubject::Build(_)).then(|| make.now());
        revocations.push(Revocation { subject, starts_refused_at: make.now(), running_refused_at });
    }
    let mut unit = catalog.begin().await?;
    for revocation in &revocations {
        unit.revocations().revoke(revocation).await?;
    }
    for revocation in revocations {
        assert_eq!(unit.revocations().find(revocation.subject).await?, Some(revocation));
    }
    Ok(())
}

async fn a_subject_that_is_not_revoked_has_no_revocation(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let subject = RevocationSubject::Ticket(make.ticket());
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.revocations().find(subject).await?, None);
    unit.revocations().lift(subject).await?; // Passed over.
    Ok(())
}

async fn revoking_again_moves_the_moments_on_and_never_back(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let subject = RevocationSubject::Ticket(Samples::default().ticket());
    let revocation = |starts: i64, running: Option<i64>| Revocation {
        subject,
        starts_refused_at: at(starts),
        running_refused_at: running.map(at),
    };
    let mut unit = catalog.begin().await?;
    for (given, expected, why) in [
        ((5, None), (5, None), "the first"),
        ((7, None), (7, None), "later"),
        ((6, Some(6)), (7, Some(6)), "earlier, and running ones too"),
        ((8, None), (8, Some(6)), "a missing moment takes none away"),
        ((8, Some(4)), (8, Some(6)), "running ones, earlier"),
        ((3, Some(9)), (8, Some(9)), "running ones, later"),
    ] {
        unit.revocations().revoke(&revocation(given.0, given.1)).await?;
        let found = unit.revocations().find(subject).await?;
        assert_eq!(found, Some(revocation(expected.0, expected.1)), "{why}");
    }
    Ok(())
}

async fn a_lifted_revocation_is_gone(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let [subject, other] = [(); 2].map(|()| RevocationSubject::Ticket(make.ticket()));
    let mut unit = catalog.begin().await?;
    for subject in [subject, other] {
        let revocation = Revocation { subject, starts_refused_at: at(1), running_refused_at: None };
        unit.revocations().revoke(&revocation).await?;
    }
    unit.revocations().lift(subject).await?;
    assert_eq!(unit.revocations().find(subject).await?, None);
    assert!(unit.revocations().find(other).await?.is_some(), "another's stays");
    Ok(())
}
