/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) runs: usize,
    /// The package that is served.
    pub(crate) package_bytes: u64,
    /// How long pages are asked for in one run.
    pub(crate) load_seconds: u64,
    /// The packages that are looked into, and how many entries they have.
    pub(crate) inspected: [Inspected; 2],
    pub(crate) slow_clients: usize,
    pub(crate) upload_bytes: u64,
    /// The package that is published with each engine and store.
    pub(crate) published_bytes: u64,
    /// How many tickets begin an install there in one run.
    pub(crate) tickets: usize,
    pub(crate) builds: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Inspected {
    pub(crate) name: &'static str,
    pub(crate) bytes: u64,
    pub(crate) entries: u64,
}

impl Scale {
    /// What the targets speak of.
    pub(crate) const FULL: Self = Self {
        runs: 5,
        package_bytes: 300_000_000,
        load_seconds: 3,
        inspected: [
            Inspected { name: "1 GiB, 5,000 entries", bytes: 1 << 30, entries: 5_000 },
            Inspected { name: "100 MB, 1,000 entries", bytes: 100_000_000, entries: 1_000 },
        ],
        slow_clients: 1_000,
        upload_bytes: 4 << 30,
        published_bytes: 100_000_000,
        tickets: 1_000,
        builds: 10_000,
    };

    /// Enough to see that the bench works.
    pub(crate) const TRIAL: Self = Self {
        runs: 1,
        package_bytes: 30_000_000,
        load_seconds: 1,
        inspected: [
            Inspected { name: "50 MB, 500 entries", bytes: 50_000_000, entries: 500 },
            Inspected { name: "5 MB, 100 entries", bytes: 5_000_000, entries: 100 },
        ],
        slow_clients: 100,
        upload_bytes: 256 << 20,
        published_bytes: 10_000_000,
        tickets: 50,
        builds: 200,
    };

    /// Whether what is measured is what the targets speak of.
    pub(crate) fn is_full(&self) -> bool {
        self.runs == Self::FULL.runs
    }
}
