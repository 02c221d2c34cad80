//! Whole app packages (`.ipa`): sound by default, and each thing about them changeable.

mod bundle;
mod package;

pub use bundle::{Bundle, BundleKind};
pub use package::AppPackage;
