//! Everything that can be wrong, with everything else that can be wrong beside it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use doctor::Device;
use testkit::app::BundleKind;
use testkit::labelled::{Breakage, Layer, PackageFor, Road, breakages};

use crate::compare::{Compared, Expected, compare};
use crate::measure::{Part, device, judged};
use crate::page::{Scores, family};

/// Something that is wrong, and its part of the road measured with nothing else wrong.
struct Broken {
    breakage: Breakage,
    alone: Part,
}

/// All that can be wrong, in the app and in bundles inside it, in the order of the road.
fn broken() -> Vec<Broken> {
    let everywhere = |broken: Breakage| {
        let inside = [BundleKind::Extension, BundleKind::WatchApp].map(|kind| broken.inside(kind));
        std::iter::once(broken).chain(inside.into_iter().flatten())
    };
    let measured = |breakage: Breakage| {
        let alone = Part::of(&Road::with(&[&breakage]), breakage.layer());
        Broken { breakage, alone }
    };
    breakages().into_iter().flat_map(everywhere).map(measured).collect()
}

/// What should be said of two, the earlier first.
fn expected(one: &Breakage, other: &Breakage) -> Expected {
    let both = [(one, other), (other, one)];
    // Of one breakage the cause comes first, and follows from nothing.
    let causes = both.into_iter().filter(|(broken, _)| broken.cause.is_some());
    let cause = causes.flat_map(|(broken, beside)| broken.seen_beside(beside)).next();
    let findings = both.into_iter().flat_map(|(broken, beside)| broken.seen_beside(beside)).collect();
    Expected { findings, cause }
}

fn named(broken: &Breakage) -> String {
    match broken.bundle {
        None | Some(BundleKind::App) => broken.what.to_owned(),
        Some(kind) => format!("{} ({kind:?})", broken.what),
    }
}

fn judge(one: &Broken, other: &Broken, sound: &[Part], device: &Device, expected: &Expected) -> Compared {
    let pair = [&one.breakage, &other.breakage];
    let both;
    let mut parts = if pair[0].layer() == pair[1].layer() {
        both = Part::of(&Road::with(&pair), pair[0].layer());
        vec![&both]
    } else {
        vec![&one.alone, &other.alone]
    };
    parts.extend(sound);
    let what = format!("{} and {}", named(pair[0]), named(pair[1]));
    compare(&what, &judged(&parts, device), expected)
}

/// Whether the dearest pairs are asked for too.
#[expect(clippy::disallowed_methods, reason = "how much is judged is for those to say who run the test")]
pub(crate) fn has_all() -> bool {
    std::env::var_os("AIRSTAIR_TEST_PAIRS").is_some_and(|pairs| pairs == "all")
}

/// Whether two are judged together. Packages take longest to make and read: unless all are wanted, of what is wrong
/// inside an extension only pairs with the app's own bundle are judged in one package, and of a watch app none.
fn is_wanted(one: &Breakage, other: &Breakage, has_all: bool) -> bool {
    let is_cheap = |inner: &Breakage, beside: &Breakage| match inner.bundle {
        None | Some(BundleKind::App) => true,
        Some(BundleKind::Extension) => beside.bundle == Some(BundleKind::App) && beside.station != "archive",
        Some(_) => false,
    };
    let are_packages = one.layer() == Layer::Package && other.layer() == Layer::Package;
    let is_cheap = !are_packages || is_cheap(one, other) && is_cheap(other, one);
    !one.excludes(other) && (has_all || is_cheap)
}

pub(crate) fn judge_all(scores: &mut Scores) -> Vec<String> {
    let broken = broken();
    let road = Road::default();
    let sound = [Layer::Link, Layer::Manifest, Layer::Package].map(|layer| Part::of(&road, layer));
    let phone = device(&PackageFor::phone(Vec::new()));
    let has_all = has_all();
    let next = AtomicUsize::new(0);
    let results = Mutex::new((scores, Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = broken.get(place) else { break };
                    let others = broken[place + 1..].iter();
                    let is_had = |other: &&Broken| is_wanted(&one.breakage, &other.breakage, has_all);
                    for other in others.filter(is_had) {
                        let expected = expected(&one.breakage, &other.breakage);
                        let compared = judge(one, other, &sound, &phone, &expected);
                        let (scores, surprises) =
                            &mut *results.lock().expect("no thread panics while it holds it");
                        scores.count_pair(expected.cause.map(family), compared.is_cause_right);
                        surprises.extend(compared.surprise);
                    }
                }
            });
        }
    });
    results.into_inner().expect("no thread panicked").1
}
