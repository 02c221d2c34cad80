//! All that can be wrong with a live road.

mod hosts;
mod icons;
mod manifests;
mod packages;
mod pages;

use testkit::labelled::{self, Layer};

use crate::breakage::{Breakage, Cost, Hides, Place};

/// What is wrong with servers and their answers, in the order in which a device would meet it.
pub(crate) fn served() -> Vec<Breakage> {
    let all = [
        pages::host(),
        pages::answer(),
        pages::link(),
        hosts::connection(),
        hosts::tls(),
        manifests::answer(),
        manifests::addresses(),
        icons::host(),
        icons::answer(),
        packages::host(),
        packages::answer(),
    ];
    all.concat()
}

/// Breakages of files that are something else where they are served.
struct Otherwise {
    names: &'static [&'static str],
    /// Why.
    #[expect(dead_code, reason = "it is for those who read the table")]
    why: &'static str,
}

const OTHERWISE: &[Otherwise] = &[
    Otherwise {
        names: &["a page to sign in", "a page instead of the package", "nothing"],
        why: "the answer is at fault then, and is told: it stands among the answers",
    },
    Otherwise {
        names: &[
            "plain http for the package",
            "an icon over http",
            "a space in the package's address",
            "a variable",
        ],
        why: "they lead to addresses at which this road has nothing",
    },
    Otherwise {
        names: &[
            "another checksum in front",
            "a link to the device's own files",
            "a deleted entry",
            "room left for alignment",
        ],
        why: "they show in front of each entry, or in it, which is not fetched",
    },
];

/// What is wrong with the files that are served, and is told from afar as it is of files.
pub(crate) fn of_files() -> Vec<Breakage> {
    let is_the_same = |broken: &labelled::Breakage| {
        broken.layer() != Layer::Link && !OTHERWISE.iter().any(|row| row.names.contains(&broken.what))
    };
    labelled::breakages().into_iter().filter(is_the_same).map(Breakage::of_file).collect()
}
