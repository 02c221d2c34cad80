mod bucket;
mod doctor;
mod inspect;
mod pages;
mod pairings;
mod serve;
mod slow;
mod start;
mod upload;

use anyhow::Result;
use clap::ValueEnum;

use crate::place::Place;
use crate::report::Chapter;

/// What can be measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Subject {
    /// Looking into a package
    Inspect,
    /// A package judged
    Doctor,
    /// A package over TLS
    Serve,
    /// Clients that hardly read
    Slow,
    /// A package out of a bucket
    Bucket,
    /// A large upload
    Upload,
    /// Manifest and install page
    Pages,
    /// Publishing and manifests with each engine and each store
    Pairings,
    /// A server's start
    Start,
}

impl Subject {
    pub(crate) fn measure(self, place: &Place) -> Result<Chapter> {
        match self {
            Self::Inspect => inspect::measure(place),
            Self::Doctor => doctor::measure(place),
            Self::Serve => serve::measure(place),
            Self::Slow => slow::measure(place),
            Self::Bucket => bucket::measure(place),
            Self::Upload => upload::measure(place),
            Self::Pages => pages::measure(place),
            Self::Pairings => pairings::measure(place),
            Self::Start => start::measure(place),
        }
    }
}
