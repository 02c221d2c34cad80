#![doc = include_str!("../README.md")]

mod asset;
mod finding;
mod help;
mod install;
mod list;
mod notes;
mod prose;
mod qr_code;
mod signing;
mod trust;
mod unavailable;
mod words;

pub use asset::Asset;
pub use finding::FindingCard;
pub use help::{HelpIndexPage, HelpPage, help_path};
pub use install::{AppCard, BuildCard, InstallPage, Offer, OlderBuild, PageAssets, Refusal};
pub use list::{ListPage, ListedApp};
pub use notes::Notes;
pub use qr_code::QrCode;
pub use signing::SigningCard;
pub use trust::TrustPage;
pub use unavailable::UnavailablePage;
pub use words::{day, families, sentence, signing, size};

/// Why a page could not be rendered.
pub use askama::Error as RenderError;
/// Renders a page: `page.render()?`.
pub use askama::Template as Page;
