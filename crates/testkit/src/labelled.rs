//! Targets with something wrong, and what a doctor should say of them.
//!
//! [`breakages`] lists what can be wrong with a road, each thing once, in the order in which a device would meet it. Any
//! of them may be made alone or with others: a [`Road`] is sound until it is given some. [`neighbours`] are as like
//! to broken targets as can be, and clean.
//!
//! ```
//! use testkit::labelled::{Road, breakages};
//!
//! let all = breakages();
//! let [one, other] = ["no title", "no Info.plist"].map(|what| all.iter().find(|broken| broken.what == what).unwrap());
//! let road = Road::with(&[one, other]);
//! assert!(!road.manifest().windows(5).any(|bytes| bytes == b"title"));
//! assert_eq!(one.cause, Some("title-missing"));
//! ```

mod app;
mod archive;
mod breakage;
mod device;
mod hidden;
mod link;
mod manifest;
mod neighbour;
mod profile;
mod signature;

pub use breakage::{Breakage, Layer, Road};
pub use device::PackageFor;
pub use hidden::{HIDDEN, Hidden};
pub use link::Link;
pub use manifest::Manifest;
pub use neighbour::{Neighbour, Target};

/// The app that every road leads to.
const APP: &str = "com.example.notes";

/// All that can be wrong, in the order in which a device would meet it.
#[must_use]
pub fn breakages() -> Vec<Breakage> {
    let road = [
        ("link", link::breakages()),
        ("manifest", manifest::breakages()),
        ("package-fetch", manifest::breakages_met_with_the_package()),
        ("archive", archive::breakages()),
        ("app", manifest::breakages_met_at_the_app()),
        ("app", app::breakages()),
        ("signature", signature::breakages()),
        ("profile", profile::breakages()),
        ("device", device::breakages()),
    ];
    road.into_iter().flat_map(|(station, list)| list.into_iter().map(|broken| broken.at(station))).collect()
}

/// Clean targets, and a few whose trouble needs more than one change.
#[must_use]
pub fn neighbours() -> Vec<Neighbour> {
    [
        link::neighbours(),
        manifest::neighbours(),
        archive::neighbours(),
        app::neighbours(),
        signature::neighbours(),
        profile::neighbours(),
        device::neighbours(),
    ]
    .concat()
}
