//! The page that tells how right the doctor is: `docs/doctor-accuracy.md`.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::fs;
use std::path::Path;

use doctor::{Report, rules};
use testkit::labelled::Layer;

use crate::rules_on_files;

/// How often something was right.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    right: usize,
    of: usize,
}

impl Tally {
    pub(crate) fn count(&mut self, is_right: bool) {
        self.right += usize::from(is_right);
        self.of += 1;
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.of += other.of;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.right, self.of)
    }
}

/// What was counted of a family of rules.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    pub(crate) found: Tally,
    pub(crate) cause: Tally,
    pairs: Tally,
    neighbours: usize,
    false_alarms: usize,
}

/// What was counted, by the letters of codes.
#[derive(Debug, Default)]
pub(crate) struct Scores {
    families: BTreeMap<&'static str, Score>,
    /// Pairs in which nothing keeps the app from being installed.
    harmless: Tally,
    neighbours: Tally,
}

/// The letters of the code of the finding with this name.
pub(crate) fn family(name: &str) -> &'static str {
    &rules::find(name).expect("findings are named after rules").code[..3]
}

impl Scores {
    pub(crate) fn of(&mut self, family: &'static str) -> &mut Score {
        self.families.entry(family).or_default()
    }

    pub(crate) fn count_pair(&mut self, family: Option<&'static str>, is_right: bool) {
        match family {
            Some(family) => self.of(family).pairs.count(is_right),
            None => self.harmless.count(is_right),
        }
    }

    /// Counts a clean target for every family that judges its layer.
    pub(crate) fn count_neighbour(&mut self, layer: Layer, report: &Report, is_quiet: bool) {
        let families: &[&str] = match layer {
            Layer::Link => &["LNK"],
            Layer::Manifest => &["FET", "MAN"],
            Layer::Package => &["ZIP", "APP", "SIG", "PRF", "DEV"],
        };
        for family in families {
            let score = self.of(family);
            score.neighbours += 1;
            let is_alarmed = report.findings.iter().any(|finding| finding.code.starts_with(family));
            score.false_alarms += usize::from(is_alarmed);
        }
        self.neighbours.count(is_quiet);
    }

    fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        let mut sum = Score::default();
        for (family, what) in FAMILIES {
            let Score { found, cause, pairs, neighbours, false_alarms } = self.families[family];
            let rules = rules_on_files().filter(|rule| rule.code.starts_with(family)).count();
            writeln!(
                page,
                "| {family} | {what} | {rules} | {found} | {cause} | {pairs} | {false_alarms} of {neighbours} |"
            )
            .expect("a string takes it");
            sum.found.add(found);
            sum.cause.add(cause);
            sum.pairs.add(pairs);
        }
        let Score { found, cause, mut pairs, .. } = sum;
        writeln!(page, "| | only warnings and notes | | | | {} | |", self.harmless)
            .expect("a string takes it");
        pairs.add(self.harmless);
        let alarms = self.neighbours.of - self.neighbours.right;
        let rules = rules_on_files().count();
        let neighbours = self.neighbours.of;
        writeln!(page, "| | together | {rules} | {found} | {cause} | {pairs} | {alarms} of {neighbours} |")
            .expect("a string takes it");
        page + TAIL
    }
}

const FAMILIES: [(&str, &str); 8] = [
    ("LNK", "install links"),
    ("FET", "what came instead of a manifest"),
    ("MAN", "manifests"),
    ("ZIP", "archives"),
    ("APP", "bundles and their `Info.plist`"),
    ("SIG", "code signatures"),
    ("PRF", "provisioning profiles"),
    ("DEV", "the device asked about"),
];

const HEAD: &str = "\
<!-- Made by `cargo xtask generate`. -->
# How right the doctor is

`airstair doctor` names what is wrong first with a link, a manifest or a package. This page counts how often that is so,
on targets whose trouble is known because a test made it. Whole roads over a network are counted
[on a page of their own](doctor-accuracy-live.md).

| family | of | rules | trouble found | first cause, one trouble | first cause, two troubles | false alarms |
| --- | --- | --- | --- | --- | --- | --- |
";

const TAIL: &str = "
## What is counted

- *Trouble found*: each way of breaking a sound target, alone. The link, manifest or package is judged by all rules; it
  counts when every finding that the trouble should bring is told. The family is that of its first finding.
- *First cause, one trouble*: the same targets. It counts when the finding marked as the first cause is the right one, or
  when there is rightly none, as for a mere warning.
- *First cause, two troubles*: every two ways of breaking a road that don't change the same place, errors with errors
  and errors with warnings: a broken link on the road to a broken package, two things wrong in one archive, a bad
  extension in a bad app. What should come out is stated without the doctor: the one that a device meets first on its
  way from the tap to the running app, unless the other hides it, as an archive cut in half hides all that is inside. The
  family is that of the expected cause.
- *False alarms*: clean targets that resemble broken ones, such as a manifest without its optional keys, or a package
  packed by any of the usual tools. It counts when the family says anything at all, be it a note.

Most pairs within one package that break a bundle inside the app are judged only where `AIRSTAIR_TEST_PAIRS=all` is set,
and are not counted here.

A finding that is expected and missing, told without reason, or in the wrong place fails the tests of every change; so
the columns are full, or this page would not be here. What they are full *of* is the thing to look at: a trouble that
nobody has thought of is in none of them. Targets are made by `crates/testkit/src/labelled`, and judged by
`crates/doctor/tests/accuracy`. One more is worth much: please send what the doctor got wrong.

## What is not counted

Real packages, since those at hand are strangers' and can't be shown. They are judged in the tests of whoever has some:
packages known to have been installed must get no error as of a date at which their profiles were valid. Nor is it
counted how a device behaves: what is known of that, and how surely, stands in the *evidence* of each
[finding](reference/findings.md).
";

/// Compares the page with the one that is kept, or writes it where that is asked for.
pub(crate) fn compare(scores: &Scores) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/doctor-accuracy.md");
    let page = scores.page();
    #[expect(clippy::disallowed_methods, reason = "`cargo xtask generate` asks for it so")]
    let is_to_write = std::env::var_os("AIRSTAIR_WRITE_REFERENCE").is_some();
    if is_to_write {
        fs::write(&path, &page).expect("the folder of documents can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/doctor-accuracy.md is out of date: run `cargo xtask generate`");
}
