use std::sync::Arc;

use doctor::{Answer, Fetch, Fetched, PackageFetch, RangeFetch};
use http::Method;
use ipa::{Archive, BlockCache, CacheSize, Depth, Examined, Fact, Inspection, Limits, ReadAt};
use itms_services::{DigestCheck, DigestComparison, DigestDifference};
use url::Url;

use crate::download::download;
use crate::fetch::{Fetcher, Wanted, WantedBody};
use crate::transport::Installer;
use crate::{Agent, Options, RemoteFile, Traffic};

/// A package, as it was fetched, and what could be told of it.
#[derive(Debug)]
pub(crate) struct WalkedPackage {
    pub(crate) fetch: PackageFetch,
    pub(crate) examined: Fact<Examined>,
    /// What the package is compared with what its manifest says of it; absent where it is not.
    pub(crate) digests: Fact<Option<DigestDifference>>,
    pub(crate) traffic: Traffic,
}

/// How much of the package's beginning is read, in bytes.
const BEGINNING: usize = 16 << 10;
/// The part of the beginning that is asked for by itself.
const PART: (u64, u64) = (1000, 1999);

pub(crate) async fn walk(
    fetcher: &Fetcher,
    url: &Url,
    check: &DigestCheck<'_>,
    options: &Options,
) -> WalkedPackage {
    let wanted = |method, agent| Wanted { method, ..Wanted::whole(agent, BEGINNING) };
    let (head_wanted, get_wanted) =
        (wanted(Method::HEAD, Agent::Installer), wanted(Method::GET, Agent::Installer));
    let (head, by_installer) =
        tokio::join!(fetcher.fetch(url, &head_wanted), fetcher.fetch(url, &get_wanted));
    let by_browser = if is_package(&by_installer) {
        None
    } else {
        Some(fetcher.fetch(url, &wanted(Method::GET, Agent::Browser)).await)
    };
    let found_at = Url::parse(&by_installer.last().url).unwrap_or_else(|_| url.clone());
    let beginning = by_installer.success().map_or(0, |answer| answer.body.bytes.len() as u64);
    let range = if beginning > PART.1 {
        let part = Wanted { range: Some(PART), body: WantedBody::Raw(BEGINNING), ..get_wanted };
        let fetch = fetcher.fetch(&found_at, &part).await;
        Some(RangeFetch { first: PART.0, last: PART.1, fetch })
    } else {
        None
    };
    let mut traffic = Traffic {
        requests: 2 + u64::from(by_browser.is_some()) + u64::from(range.is_some()),
        bytes: beginning + range.as_ref().map_or(0, |range| bytes(&range.fetch)),
    };
    let mut comparison = DigestComparison::new(check).filter(|_| options.depth == Depth::Deep);
    let examined = match (by_installer.success(), options.depth) {
        (None, _) => Fact::NotMeasured("the package was not obtained".to_owned()),
        (Some(_), Depth::Deep) => {
            traffic.requests += 1;
            examine_whole(fetcher, &found_at, comparison.as_mut(), options, &mut traffic.bytes).await
        }
        (Some(whole), _) if range.as_ref().is_some_and(|range| is_of_another(range, whole)) => {
            let reason = "in parts the server sends other bytes than in the whole; --deep downloads it";
            Fact::NotMeasured(reason.to_owned())
        }
        (Some(_), _) => examine_parts(fetcher, found_at, options, &mut traffic).await,
    };
    let digests = match comparison {
        Some(comparison) if examined.known().is_some() => Fact::Known(comparison.finish()),
        _ => Fact::Absent,
    };
    let get = Fetched { by_installer, by_browser };
    WalkedPackage { fetch: PackageFetch { head, get, range }, examined, digests, traffic }
}

/// Whether what came begins like an archive.
fn is_package(fetch: &Fetch) -> bool {
    fetch.success().is_some_and(|answer| answer.body.bytes.starts_with(b"PK"))
}

fn bytes(fetch: &Fetch) -> u64 {
    fetch.answer().map_or(0, |answer| answer.body.bytes.len() as u64)
}

/// Whether a part holds other bytes than the whole has in its place, so that what is read in parts tells nothing of it.
fn is_of_another(range: &RangeFetch, whole: &Answer) -> bool {
    let Some(part) = range.fetch.success().filter(|part| part.status == 206) else { return false };
    let start = usize::try_from(range.first).unwrap_or(usize::MAX);
    let same = whole.body.bytes.get(start..).unwrap_or_default();
    part.body.bytes.iter().zip(same).any(|(one, other)| one != other)
}

/// Looks into the package by ranges.
async fn examine_parts(
    fetcher: &Fetcher,
    url: Url,
    options: &Options,
    traffic: &mut Traffic,
) -> Fact<Examined> {
    let transport = Arc::new(Installer(fetcher.client().clone()));
    let file = match RemoteFile::open(transport, url).await {
        Ok(file) => Arc::new(file),
        Err(error) => {
            let reason = format!("the package can't be read in parts ({error}); --deep downloads it");
            return Fact::NotMeasured(reason);
        }
    };
    let source = BlockCache::with_size(Arc::clone(&file), CacheSize::default());
    let examined = examine(source, Limits::remote(), options).await;
    let Traffic { requests, bytes } = file.traffic();
    traffic.requests += requests;
    traffic.bytes += bytes;
    examined
}

/// Downloads the package, compares it with its digests on the way, and looks at all of it.
async fn examine_whole(
    fetcher: &Fetcher,
    url: &Url,
    comparison: Option<&mut DigestComparison<'_>>,
    options: &Options,
    bytes: &mut u64,
) -> Fact<Examined> {
    let file = match download(fetcher.client(), url, comparison, options.watch.as_ref()).await {
        Ok(file) => file,
        Err(error) => return Fact::NotMeasured(format!("the package could not be downloaded: {error}")),
    };
    *bytes += ReadAt::len(&file);
    examine(file, Limits::default(), options).await
}

async fn examine(source: impl ReadAt + 'static, limits: Limits, options: &Options) -> Fact<Examined> {
    let inspection = Inspection::new(options.depth).authorities(options.authorities.clone());
    let read = move || match Archive::open(&source, &limits) {
        Ok(archive) => Examined::watched(&archive, &limits, &inspection, &mut |_| {}),
        Err(error) => Examined::of_unopened(&source, error, &limits),
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(examined)) => Fact::Known(examined),
        Ok(Err(error)) => Fact::NotMeasured(format!("the package could not be read: {error}")),
        Err(error) => Fact::NotMeasured(format!("the package could not be read: {error}")),
    }
}
