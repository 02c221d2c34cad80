//! Publishers, devices and an owner who go on while nodes die, and write down what they are told.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use e2e::{Device, DeviceError, Download, Ended, Protocol};
use tokio::task::{JoinHandle, spawn_blocking};

use super::ground::Ground;
use super::told::{RevokedToken, Told};
use crate::bench::{Acknowledged, Dice, package_of};

/// Builds of this size are one request to a bucket, and those of the other are uploads in two parts.
const SMALL: u64 = 100_000;
const LARGE: u64 = 9 << 20;

/// How soon people try again: those who never rest keep a node from starting.
const TRIED_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Everybody who wants something of the nodes.
pub(super) struct Load {
    is_over: Arc<AtomicBool>,
    everybody: Vec<JoinHandle<()>>,
}

impl Load {
    pub(super) fn put_on(ground: &Arc<Ground>, told: &Arc<Told>, dice: &mut Dice) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let token = ground.entry().publish_token().expect("a token");
        let mut everybody = Vec::new();
        let works: [(Work, _, _); 3] = [
            (Publisher::publish_and_move, "com.example.small", SMALL),
            (Publisher::publish_once, "com.example.large", LARGE),
            (Publisher::publish_twice, "com.example.twin", SMALL),
        ];
        for (work, bundle_id, size_bytes) in works {
            let mut publisher = Publisher {
                ground: Arc::clone(ground),
                told: Arc::clone(told),
                token: token.clone(),
                package: package_of(bundle_id, 1, size_bytes).build(),
                folder: tempfile::tempdir().expect("a temporary folder"),
                dice: dice.fork(),
            };
            let is_over = Arc::clone(&is_over);
            everybody.push(spawn_blocking(move || {
                while !is_over.load(Ordering::SeqCst) {
                    let file = publisher.write();
                    work(&mut publisher, &file);
                }
            }));
        }
        everybody.push(spawn_blocking({
            let (ground, told, is_over) = (Arc::clone(ground), Arc::clone(told), Arc::clone(&is_over));
            move || {
                let mut number = 0;
                while !is_over.load(Ordering::SeqCst) {
                    number += 1;
                    take_back(&ground, &told, number);
                }
            }
        }));
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let (ground, told, is_over) = (Arc::clone(ground), Arc::clone(told), Arc::clone(&is_over));
            let mut dice = dice.fork();
            everybody.push(tokio::spawn(async move {
                while !is_over.load(Ordering::SeqCst) {
                    install_one(&ground, &told, protocol, &mut dice).await;
                }
            }));
        }
        Self { is_over, everybody }
    }

    /// Whether somebody gave up: by a panic, since nothing else ends them.
    pub(super) fn has_ended(&self) -> bool {
        self.everybody.iter().any(JoinHandle::is_finished)
    }

    /// Lets everybody end what they are at.
    pub(super) async fn take_off(mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        for one in mem::take(&mut self.everybody) {
            one.await.expect("nobody panics");
        }
    }
}

/// A test that fails ends, and does not wait for those who would go on for ever.
impl Drop for Load {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

/// What a publisher does with a new build.
type Work = fn(&mut Publisher, &Path);

/// Who uploads builds of an app of its own.
struct Publisher {
    ground: Arc<Ground>,
    told: Arc<Told>,
    token: String,
    package: Vec<u8>,
    folder: tempfile::TempDir,
    dice: Dice,
}

impl Publisher {
    fn publish_once(&mut self, file: &Path) {
        self.publish(file, "beta");
    }

    /// A build that moves on to another channel now and then.
    fn publish_and_move(&mut self, file: &Path) {
        if self.publish(file, "beta") && self.dice.below(2) == 0 {
            self.publish(file, "stable");
        }
    }

    /// The same bytes by two publishers at once.
    fn publish_twice(&mut self, file: &Path) {
        thread::scope(|scope| {
            for channel in ["left", "right"] {
                scope.spawn(|| self.publish(file, channel));
            }
        });
    }

    /// Another build of the app: the archive with another comment.
    fn write(&mut self) -> PathBuf {
        let comment = self.dice.below(u64::MAX).to_le_bytes();
        let (length_at, length) = (self.package.len() - 2, u16::try_from(comment.len()).expect("8"));
        let mut build = self.package.clone();
        build[length_at..].copy_from_slice(&length.to_le_bytes());
        build.extend(comment);
        let file = self.folder.path().join("App.ipa");
        std::fs::write(&file, build).expect("room for a package");
        file
    }

    /// Says whether it was acknowledged.
    fn publish(&self, file: &Path, channel: &str) -> bool {
        let ended = self.ground.entry().publish(&self.token, file, &["--channel", channel]);
        if ended.code == Some(0) {
            self.told.is_published(Acknowledged::read(&ended));
            return true;
        }
        assert!(is_cut(&ended), "a sound package was refused: {ended}");
        self.told.upload_broke();
        thread::sleep(TRIED_AGAIN_AFTER);
        false
    }
}

fn is_cut(ended: &Ended) -> bool {
    ended.code == Some(3) && ended.stderr.contains("the package did not get to")
}

/// Makes a token and a channel, and takes both back.
fn take_back(ground: &Ground, told: &Told, number: u64) {
    let admin = |arguments: &[&str]| ground.entry().admin(arguments);
    let name = format!("token-{number}");
    let created = admin(&["token", "create", "--name", &name, "--scope", "publish", "--json"]);
    let created = created.fine().expect("a token").json();
    let text = |name: &str| created[name].as_str().expect("a text").to_owned();
    admin(&["token", "revoke", &text("id")]).fine().expect("a token that is revoked");
    told.is_revoked(RevokedToken { name, secret: text("secret") });

    let slug = format!("side-{number}");
    let created =
        admin(&["channel", "create", "--app", "com.example.small", "--name", &slug, "--slug", &slug]);
    // Its app comes with its first build.
    if created.code == Some(1) && created.stderr.contains("there is no app") {
        return;
    }
    created.fine().expect("a channel");
    admin(&["channel", "delete", &slug]).fine().expect("a channel that is closed");
    told.is_closed(slug);
}

/// Installs one of the builds, the latest most often.
async fn install_one(ground: &Ground, told: &Told, protocol: Protocol, dice: &mut Dice) {
    let builds = told.builds();
    let place = builds.len().saturating_sub(1 + usize::try_from(dice.below(4)).expect("a small number"));
    let Some(build) = builds.get(place) else { return tokio::time::sleep(TRIED_AGAIN_AFTER).await };
    let device = Device::ipad(&ground.entry().root_pem(), protocol).expect("a root to trust");
    let installed = async {
        let page = device.open_page(&build.build_url).await?;
        device.tap(&page, &Download::ThroughBreaks).await
    };
    match installed.await {
        Ok(installed) => {
            assert_eq!(installed.sha256, build.sha256, "other bytes");
            told.is_installed(installed.sha256);
        }
        Err(DeviceError::Connection { .. }) => {
            told.install_broke();
            tokio::time::sleep(TRIED_AGAIN_AFTER).await;
        }
        Err(error) => unreachable!("a node answered, and not as devices put up with: {error}"),
    }
}
