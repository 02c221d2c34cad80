pub(super) mod app_store;
pub(super) mod expired;
pub(super) mod missing;
pub(super) mod unreadable;
