use std::sync::Arc;

use super::samples::Samples;
use super::{Case, assert_refused, cases};
use crate::{AppId, Catalog, ChannelId, Key, PageSize, StoreError, Token, TokenReach, TokenScope};

pub(super) const CASES: &[Case] = cases![
    a_token_comes_back_with_its_scope_and_reach,
    an_unknown_token_is_none,
    a_secret_is_taken_once,
    a_token_for_something_unknown_is_refused,
    a_revoked_token_is_still_found_and_keeps_the_first_moment,
    the_last_use_never_goes_back,
    tokens_are_listed_newest_first,
];

async fn a_token_comes_back_with_its_scope_and_reach(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let reaches =
        [TokenReach::Everything, TokenReach::App(shelf.app.id), TokenReach::Channel(shelf.channel.id)];
    let mut unit = catalog.begin().await?;
    for (reach, scope) in reaches.into_iter().zip(TokenScope::ALL) {
        let mut token = Token { scope, ..make.token(reach) };
        if scope == TokenScope::Admin {
            token.expires_at = None;
        }
        unit.tokens().insert(&token).await?;
        assert_eq!(unit.tokens().find(token.id).await?.as_ref(), Some(&token));
        assert_eq!(unit.tokens().find_by_hash(&token.hash).await?, Some(token));
    }
    Ok(())
}

async fn an_unknown_token_is_none(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let token = make.token(TokenReach::Everything);
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.tokens().find(token.id).await?, None);
    assert_eq!(unit.tokens().find_by_hash(&token.hash).await?, None);
    unit.tokens().touch(token.id, make.now()).await?; // Passed over.
    assert_refused!(unit.tokens().revoke(token.id, make.now()).await, StoreError::Unknown("token"));
    Ok(())
}

async fn a_secret_is_taken_once(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let token = make.token(TokenReach::Everything);
    let copy = Token { hash: token.hash, ..make.token(TokenReach::Everything) };
    let mut unit = catalog.begin().await?;
    unit.tokens().insert(&token).await?;
    assert_refused!(unit.tokens().insert(&copy).await, StoreError::Conflict(Key::TokenHash));
    assert_eq!(unit.tokens().find_by_hash(&token.hash).await?, Some(token));
    Ok(())
}

async fn a_token_for_something_unknown_is_refused(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = TokenReach::App(AppId::new(make.now(), [0; 10]));
    let channel = TokenReach::Channel(ChannelId::new(make.now(), [0; 10]));
    for reach in [app, channel] {
        let mut unit = catalog.begin().await?;
        assert_refused!(unit.tokens().insert(&make.token(reach)).await, StoreError::Dangling("token"));
    }
    Ok(())
}

async fn a_revoked_token_is_still_found_and_keeps_the_first_moment(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let token = make.token(TokenReach::Everything);
    let (first, second) = (make.now(), make.now());
    let mut unit = catalog.begin().await?;
    unit.tokens().insert(&token).await?;
    unit.tokens().revoke(token.id, first).await?;
    unit.tokens().revoke(token.id, second).await?;
    let revoked = Token { revoked_at: Some(first), ..token };
    assert_eq!(unit.tokens().find_by_hash(&token.hash).await?, Some(revoked));
    Ok(())
}

async fn the_last_use_never_goes_back(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let token = make.token(TokenReach::Everything);
    let (early, late) = (make.now(), make.now());
    let mut unit = catalog.begin().await?;
    unit.tokens().insert(&token).await?;
    for (used_at, expected) in [(late, late), (early, late)] {
        unit.tokens().touch(token.id, used_at).await?;
        let found = unit.tokens().find(token.id).await?;
        assert_eq!(found.and_then(|token| token.last_used_at), Some(expected));
    }
    Ok(())
}

async fn tokens_are_listed_newest_first(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let [first, second, third] = [(); 3].map(|()| make.token(TokenReach::Everything));
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.tokens().list(None, PageSize::MAX).await?.items, []);
    for token in [&second, &first, &third] {
        unit.tokens().insert(token).await?;
    }
    let page = unit.tokens().list(None, PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![third, second.clone()], Some(second.id)));
    let page = unit.tokens().list(page.next, PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![first], None));
    Ok(())
}
