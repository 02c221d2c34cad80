use std::sync::Arc;

use super::samples::Samples;
use super::{Case, assert_refused, cases};
use crate::{Actor, AppId, AuditEntry, AuditSubject, Catalog, Key, PageSize, StoreError};

pub(super) const CASES: &[Case] = cases![
    an_entry_comes_back_as_it_was_given,
    the_log_is_listed_newest_first,
    the_entries_of_a_subject_are_listed_newest_first,
    an_entry_of_a_unit_that_was_dropped_never_was,
    an_entry_is_appended_once,
];

async fn an_entry_comes_back_as_it_was_given(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let mut unit = catalog.begin().await?;
    let mut entries = vec![make.entry(AuditSubject::Ticket(make.ticket()))];
    for actor in [Actor::Operator, Actor::Server] {
        entries.push(AuditEntry {
            actor,
            details: serde_json::Map::new(),
            ..make.entry(AuditSubject::Server)
        });
    }
    for entry in &entries {
        unit.audit().append(entry).await?;
    }
    entries.reverse();
    assert_eq!(unit.audit().list(None, PageSize::MAX).await?.items, entries);
    Ok(())
}

async fn the_log_is_listed_newest_first(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let [first, second, third] = [(); 3].map(|()| make.entry(AuditSubject::Server));
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.audit().list(None, PageSize::MAX).await?.items, []);
    for entry in [&second, &third, &first] {
        unit.audit().append(entry).await?;
    }
    let page = unit.audit().list(None, PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![third, second.clone()], Some(second.id)));
    let page = unit.audit().list(page.next, PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![first], None));
    Ok(())
}

async fn the_entries_of_a_subject_are_listed_newest_first(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let [before, subject, after] = [(); 3].map(|()| AuditSubject::App(AppId::new(make.now(), [0; 10])));
    let (first, other, second) = (make.entry(subject), make.entry(AuditSubject::Server), make.entry(subject));
    let mut unit = catalog.begin().await?;
    for entry in [&first, &other, &make.entry(before), &make.entry(after), &second] {
        unit.audit().append(entry).await?;
    }
    let page = unit.audit().list_subject(subject, None, PageSize::new(1)).await?;
    assert_eq!((page.items, page.next), (vec![second.clone()], Some(second.id)));
    let page = unit.audit().list_subject(subject, page.next, PageSize::new(1)).await?;
    assert_eq!((page.items, page.next), (vec![first], None));
    let server = unit.audit().list_subject(AuditSubject::Server, None, PageSize::MAX).await?;
    assert_eq!(server.items, [other]);
    let nothing = unit.audit().list_subject(AuditSubject::Ticket(make.ticket()), None, PageSize::MAX).await?;
    assert_eq!(nothing.items, []);
    Ok(())
}

async fn an_entry_of_a_unit_that_was_dropped_never_was(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let entry = Samples::default().entry(AuditSubject::Server);
    let mut unit = catalog.begin().await?;
    unit.audit().append(&entry).await?;
    drop(unit);
    assert_eq!(catalog.read().await?.audit().list(None, PageSize::MAX).await?.items, []);
    Ok(())
}

async fn an_entry_is_appended_once(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let entry = Samples::default().entry(AuditSubject::Server);
    let mut unit = catalog.begin().await?;
    unit.audit().append(&entry).await?;
    assert_refused!(unit.audit().append(&entry).await, StoreError::Conflict(Key::Id));
    Ok(())
}
