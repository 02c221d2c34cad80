use std::sync::Arc;

use super::samples::Samples;
use super::{Case, assert_refused, cases};
use crate::{Catalog, StoreError, TicketKey};

pub(super) const CASES: &[Case] = cases![
    a_ticket_key_comes_back_byte_for_byte,
    an_unknown_ticket_key_is_none,
    retiring_again_keeps_the_first_moment,
    keys_that_were_retired_long_ago_are_left_out,
];

async fn a_ticket_key_comes_back_byte_for_byte(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let key = TicketKey { sealed: (0..=255).collect(), ..Samples::default().ticket_key() };
    let mut unit = catalog.begin().await?;
    unit.ticket_keys().insert(&key).await?;
    unit.commit().await?;
    assert_eq!(catalog.read().await?.ticket_keys().find(key.id).await?, Some(key));
    Ok(())
}

async fn an_unknown_ticket_key_is_none(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let key = make.ticket_key();
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.ticket_keys().find(key.id).await?, None);
    let retired = unit.ticket_keys().retire(key.id, make.now()).await;
    assert_refused!(retired, StoreError::Unknown("ticket key"));
    Ok(())
}

async fn retiring_again_keeps_the_first_moment(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let key = make.ticket_key();
    let (first, second) = (make.now(), make.now());
    let mut unit = catalog.begin().await?;
    unit.ticket_keys().insert(&key).await?;
    unit.ticket_keys().retire(key.id, first).await?;
    unit.ticket_keys().retire(key.id, second).await?;
    let retired = TicketKey { retired_at: Some(first), ..key.clone() };
    assert_eq!(unit.ticket_keys().find(key.id).await?, Some(retired));
    Ok(())
}

async fn keys_that_were_retired_long_ago_are_left_out(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let (early, moment, late) = (make.now(), make.now(), make.now());
    let old = TicketKey { retired_at: Some(early), ..make.ticket_key() };
    let edge = TicketKey { retired_at: Some(moment), ..make.ticket_key() };
    let recent = TicketKey { retired_at: Some(late), ..make.ticket_key() };
    let live = make.ticket_key();
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.ticket_keys().list_since(moment).await?, []);
    for key in [&recent, &old, &live, &edge] {
        unit.ticket_keys().insert(key).await?;
    }
    assert_eq!(unit.ticket_keys().list_since(moment).await?, [live, recent], "newest id first");
    Ok(())
}
