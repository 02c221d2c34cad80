//! Walking a road and judging it.

use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::time::Duration;

use doctor::{Device, Report, judge};
use egress::Pin;
use ipa::Udid;
use probe::{Options, Probe, Target};
use signed_data::{Authorities, Certificate, Limits};
use testkit::app::AppPackage;
use testkit::labelled::PackageFor;

use crate::breakage::Cost;
use crate::certificates;
use crate::road::{Manner, Road};
use crate::server::Stage;

/// How long the walk waits for what comes, and for what does not. The first is never used up.
const PATIENT: Duration = Duration::from_secs(30);
const IMPATIENT: Duration = Duration::from_millis(700);

static TRUSTED: LazyLock<Certificate> = LazyLock::new(|| read(&certificates::root().certificate.der));
static AUTHORITIES: LazyLock<Authorities> =
    LazyLock::new(|| Authorities::new(vec![read(&AppPackage::root())], Vec::new()));

fn read(der: &[u8]) -> Certificate {
    Certificate::read(der, &Limits::default()).expect("it is a certificate")
}

/// The device that roads of tests are sound for.
static PHONE: LazyLock<Device> = LazyLock::new(|| {
    let PackageFor { udid, model, ios, .. } = PackageFor::phone(Vec::new());
    Device {
        udid: udid.map(|udid| Udid::parse(udid).expect("it is an id")),
        model: model.map(str::to_owned),
        os: ios.map(|version| version.parse().expect("it is a version")),
    }
});

/// Serves the road, walks it, and judges the first road that the page leads to.
pub(crate) async fn judged(road: &Road, cost: Cost) -> Report {
    let stage = Stage::raise(road).await;
    let pins = road.manners.iter().filter_map(|(host, manner)| {
        let address = match manner {
            Manner::Unresolved => return None,
            Manner::Foreign(address) => *address,
            _ => Ipv4Addr::LOCALHOST.into(),
        };
        Some(Pin { name: host.name().to_owned(), port: None, addresses: vec![address] })
    });
    let patience = if cost == Cost::Waiting { IMPATIENT } else { PATIENT };
    let options = Options {
        egress: egress::Options {
            may_reach_private: road.may_be_private,
            pins: pins.collect(),
            connect_timeout: patience,
            answer_timeout: patience,
        },
        follows_page_scripts: road.follows_scripts,
        depth: road.depth,
        ..Options::default()
    };
    judged_from(&stage.written_into(&road.start), options).await
}

/// Walks from this address, with the roots of the stage and of its packages known, and judges the first road it leads to.
pub(crate) async fn judged_from(start: &str, options: Options) -> Report {
    let trusted = vec![TRUSTED.clone()];
    let probe = Probe::new(Options { trusted, authorities: AUTHORITIES.clone(), ..options });
    let walk = probe.walk(Target::Address(start.parse().expect("it is an address"))).await;
    judge(&walk.facts(&walk.roads[0], AppPackage::NOW, PHONE.clone()))
}
