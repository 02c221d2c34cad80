//! The page that tells how right the doctor is on live roads: `docs/doctor-accuracy-live.md`.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::fs;
use std::path::Path;

use doctor::rules;

/// How often something was right.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    right: usize,
    of: usize,
}

impl Tally {
    fn count(&mut self, is_right: bool) {
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
        if self.of == 0 { Ok(()) } else { write!(f, "{} of {}", self.right, self.of) }
    }
}

/// What was counted of a family of rules.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    found: Tally,
    cause: Tally,
    pairs: Tally,
}

/// What was counted, by the letters of codes.
#[derive(Debug, Default)]
pub(crate) struct Scores(BTreeMap<&'static str, Score>);

impl Scores {
    /// Counts a trouble alone, for the family of its first finding.
    pub(crate) fn count_single(&mut self, finding: &str, is_found: bool, is_cause_right: bool) {
        let score = self.0.entry(family(finding)).or_default();
        score.found.count(is_found);
        score.cause.count(is_cause_right);
    }

    /// Counts two, for the family of the cause.
    pub(crate) fn count_pair(&mut self, cause: &str, is_right: bool) {
        self.0.entry(family(cause)).or_default().pairs.count(is_right);
    }

    fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        let mut sum = Score::default();
        for (family, what) in FAMILIES {
            let Score { found, cause, pairs } = self.0[family];
            writeln!(page, "| {family} | {what} | {found} | {cause} | {pairs} |").expect("a string takes it");
            sum.found.add(found);
            sum.cause.add(cause);
            sum.pairs.add(pairs);
        }
        let Score { found, cause, pairs } = sum;
        writeln!(page, "| | together | {found} | {cause} | {pairs} |").expect("a string takes it");
        page + TAIL
    }
}

/// The letters of the code of the finding with this name.
fn family(name: &str) -> &'static str {
    &rules::find(name).expect("findings are named after rules").code[..3]
}

const FAMILIES: [(&str, &str); 11] = [
    ("PAG", "pages"),
    ("NET", "names, addresses, connections, filters"),
    ("TLS", "certificates and handshakes"),
    ("FET", "the manifest's answer"),
    ("MAN", "manifests, icons"),
    ("PKG", "the package's answers"),
    ("ZIP", "archives, read over the network"),
    ("APP", "bundles and their `Info.plist`, so read"),
    ("SIG", "code signatures, so read"),
    ("PRF", "provisioning profiles, so read"),
    ("DEV", "the device asked about"),
];

const HEAD: &str = "\
<!-- Made by `cargo xtask generate`. -->
# How right the doctor is on live roads

`airstair doctor https://…` walks from a page to a package and names what is wrong first. This page counts how often that
is so on servers that a test runs: real sockets, real TLS, and one or two things wrong with them. What is counted of files
on a disk stands in [How right the doctor is](doctor-accuracy.md).

| family | of | trouble found | first cause, one trouble | first cause, two troubles |
| --- | --- | --- | --- | --- |
";

const TAIL: &str = "
## What is counted

Each road has a page, a manifest, an icon and a package, each at a host of its own, with certificates below a root that
the doctor was given. Sound, it gets no finding but notes on that root and on addresses of one's own computer.

- *Trouble found*: each way of breaking it, alone. It counts when every finding that the trouble should bring is told. The
  family is that of its first finding.
- *First cause, one trouble*: the same roads. It counts when the finding marked as the first cause is the right one, or
  when there is rightly none, as for a mere warning.
- *First cause, two troubles*: every two in one place, such as one certificate or one answer, where they don't change the
  same thing; and one of each kind with one of each kind in every other place. What should come out is stated without the
  doctor: what a device meets first on its way, unless the other hides it, as a host that does not answer hides all it
  would have sent. The family is that of the expected cause.

What is expected was written down before the doctor was asked. Where they disagreed and the doctor proved right, the
expectation was mended: which of several faults of one certificate comes first, what a signature over SHA-1 hides, a few
findings that come with others. There the figures show that nothing has changed since, and no more.

A sound road on nginx and on Caddy gets no finding, and one on Python's plain server, which knows no ranges, gets the
warning on those and no other.

A finding that is expected and missing, or told without reason, fails the tests of every change; so the columns are full.
Every other pair is judged where `AIRSTAIR_TEST_PAIRS=all` is set, and is not counted here. Roads are broken by
`crates/probe/tests/accuracy`. One more is worth much: please send what the doctor got wrong.

## What is not counted

Time: what is slow, and not silent, is judged from facts made by hand. Public roots: the certificates are below a root of
the test's own, and what differs for those that Apple ships is judged from facts, too. Nor is it counted how a device
behaves: what is known of that, and how surely, stands in the *evidence* of each [finding](reference/findings.md).
";

/// Compares the page with the one that is kept, or writes it where that is asked for.
pub(crate) fn compare(scores: &Scores) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/doctor-accuracy-live.md");
    let page = scores.page();
    #[expect(clippy::disallowed_methods, reason = "`cargo xtask generate` asks for it so")]
    let is_to_write = std::env::var_os("AIRSTAIR_WRITE_REFERENCE").is_some();
    if is_to_write {
        fs::write(&path, &page).expect("the folder of documents can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/doctor-accuracy-live.md is out of date: run `cargo xtask generate`");
}
