//! What every test here works with: a server with a token, packages that are sound today, and chance.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use e2e::{Device, Ended, Protocol, ServerFolder, TestServer};
use testkit::app::AppPackage;
use testkit::zip::Content;
use time::UtcDateTime;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_airstair");

/// A running server, and who may publish on it.
pub(crate) struct Bench {
    pub(crate) folder: ServerFolder,
    pub(crate) server: TestServer,
    pub(crate) token: String,
    packages: tempfile::TempDir,
}

/// What a publisher was told.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) page_url: String,
    pub(crate) build_url: String,
    pub(crate) sha256: String,
    pub(crate) outcome: String,
}

impl Bench {
    pub(crate) fn start() -> Self {
        Self::on(ServerFolder::new(BINARY.as_ref()))
    }

    pub(crate) fn on(folder: ServerFolder) -> Self {
        let server = folder.start().expect("a server that starts");
        let token = folder.publish_token().expect("a token");
        Self { folder, server, token, packages: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.packages.path().join("App.ipa");
        std::fs::write(&path, bytes).expect("room for a package");
        path
    }

    pub(crate) fn try_publish(&self, bytes: &[u8]) -> Ended {
        self.folder.publish(&self.token, &self.write(bytes), &["--channel", "beta"])
    }

    pub(crate) fn publish(&self, bytes: &[u8]) -> Acknowledged {
        Acknowledged::read(&self.try_publish(bytes).fine().expect("a build that is taken"))
    }

    /// The same on a channel other than `beta`, and with whatever else is to be said.
    pub(crate) fn publish_on(&self, channel: &str, bytes: &[u8], more: &[&str]) -> Acknowledged {
        let words = [&["--channel", channel], more].concat();
        let ended = self.folder.publish(&self.token, &self.write(bytes), &words);
        Acknowledged::read(&ended.fine().expect("a build that is taken"))
    }

    pub(crate) fn device(&self, protocol: Protocol) -> Device {
        Device::iphone(&self.folder.root_pem(), protocol).expect("a root to trust")
    }

    /// Stops the server, which must end well and have nothing to complain about.
    pub(crate) fn end(self) -> ServerFolder {
        let ended = self.server.stop();
        assert_eq!(ended.code, Some(0), "{ended}");
        for word in ["panicked", "WARN", "ERROR"] {
            assert!(!ended.stderr.contains(word), "{ended}");
        }
        self.folder
    }
}

impl Acknowledged {
    pub(crate) fn read(ended: &Ended) -> Self {
        Self::read_json(&ended.json())
    }

    pub(crate) fn read_json(json: &serde_json::Value) -> Self {
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        Self {
            page_url: text(&json["page_url"]),
            build_url: text(&json["build_url"]),
            sha256: text(&json["build"]["sha256"]),
            outcome: text(&json["outcome"]),
        }
    }
}

/// A package that is sound today, of roughly this size, of bytes no compressor can shorten.
pub(crate) fn package(build_number: u64, size_bytes: u64) -> AppPackage {
    package_of("com.example.notes", build_number, size_bytes)
}

/// The same of another app.
pub(crate) fn package_of(bundle_id: &str, build_number: u64, size_bytes: u64) -> AppPackage {
    AppPackage::new(bundle_id)
        .now(UtcDateTime::from(SystemTime::now()))
        .version("1.2.3")
        .build_number(&build_number.to_string())
        .file("noise.bin", Content::Noise { bytes: size_bytes, seed: build_number })
}

/// A number that whoever runs the tests may set.
pub(crate) fn knob(variable: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "how long to try is the tester's to say")]
    let set = std::env::var(variable).ok()?;
    Some(set.parse().expect("a number in this variable"))
}

/// Numbers by chance, the same for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    /// Says its seed, so that a test that failed can be thrown again: `AIRSTAIR_TEST_SEED` takes it.
    pub(crate) fn thrown() -> Self {
        let seed = knob("AIRSTAIR_TEST_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
        eprintln!("the dice are thrown with AIRSTAIR_TEST_SEED={seed}");
        Self(seed)
    }

    /// Others, that somebody else may throw at the same time.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }

    /// A time below `limit`.
    pub(crate) fn shorter_than(&mut self, limit: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(limit.as_micros()).expect("not so long")))
    }

    /// A number below `limit`, by the generator known as `SplitMix64`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// The files under a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .map(|entry| entry.expect("a folder that can be read").path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect();
    found.sort();
    found
}
