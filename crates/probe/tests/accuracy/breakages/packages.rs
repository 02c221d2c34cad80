use super::{Breakage, Cost, Hides, Place};
use crate::certificates::Sends;
use crate::road::{Body, End, Head, Host, Length, Manner, PACKAGE, Ranges, Served};

/// What is wrong with the package's host.
pub(super) fn host() -> Vec<Breakage> {
    let at = |broken: Breakage| broken.at(Place::PackageHost);
    let ending = |broken: Breakage| at(broken).ending_the_road();
    vec![
        ending(Breakage::error(
            &["name-not-resolved"],
            "no address of the package's host",
            &["files"],
            |road| {
                road.manners.insert(Host::Files, Manner::Unresolved);
            },
        )),
        ending(Breakage::error(
            &["connection-refused"],
            "nobody at the package's port",
            &["files"],
            |road| {
                road.manners.insert(Host::Files, Manner::Refused);
            },
        )),
        at(Breakage::error(
            &["certificate-name-mismatch"],
            "another's certificate at the package's host",
            &["files"],
            |road| road.certificates(Host::Files).name = Some("other.road.test"),
        )),
        at(Breakage::error(
            &["chain-incomplete"],
            "no intermediate from the package's host",
            &["files"],
            |road| {
                road.certificates(Host::Files).sends = Sends::Nothing;
            },
        )),
        ending(Breakage::error(&["handshake-failed"], "no TLS at the package's port", &["files"], |road| {
            road.manners.insert(Host::Files, Manner::Plain);
        })),
    ]
}

/// What is wrong with the answers in which the package should come.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn answer() -> Vec<Breakage> {
    let at = |broken: Breakage| broken.at(Place::PackageAnswer);
    let ending = |broken: Breakage| at(broken).ending_the_road();
    let unread = |broken: Breakage| at(broken).hiding(Hides::Package);
    vec![
        ending(Breakage::error(
            &["blocked-for-installer", "package-status"],
            "a package for browsers alone",
            &["package"],
            |road| road.at(PACKAGE).for_installer = Some(Box::new(Served::status(403))),
        )),
        ending(Breakage::error(&["package-status"], "no package there", &["package"], |road| {
            *road.at(PACKAGE) = Served::status(404);
        })),
        ending(Breakage::error(&["package-status"], "a package that is forbidden", &["package"], |road| {
            *road.at(PACKAGE) = Served::status(403);
        })),
        ending(Breakage::error(&["package-status"], "a package with a password", &["package"], |road| {
            *road.at(PACKAGE) = Served::status(401);
        })),
        ending(Breakage::error(
            &["package-status", "not-an-archive"],
            "a package behind a login",
            &["package"],
            |road| *road.at(PACKAGE) = Served::redirect(&format!("https://{}/login", Host::Elsewhere.name())),
        )),
        at(Breakage::remark(&["package-redirected"], "a package at another host", &["package"], |road| {
            let package = road.at(PACKAGE).clone();
            road.answers.insert((Host::Elsewhere, "/notes.ipa"), package);
            *road.at(PACKAGE) = Served::redirect(&format!("https://{}/notes.ipa", Host::Elsewhere.name()));
        })),
        at(Breakage::error(&["package-redirected"], "a package by http in the end", &["package"], |road| {
            let package = road.at(PACKAGE).clone();
            road.answers.insert((Host::Elsewhere, "/notes.ipa"), package);
            *road.at(PACKAGE) = Served::redirect(&format!("http://{}/notes.ipa", Host::Elsewhere.name()));
        })),
        ending(Breakage::error(
            &["package-redirected"],
            "a package that leads to itself",
            &["package"],
            |road| {
                *road.at(PACKAGE) = Served::redirect(PACKAGE.1);
            },
        )),
        at(Breakage::remark(
            &["head-refused"],
            "a package whose HEAD is forbidden",
            &["package/head"],
            |road| {
                road.at(PACKAGE).head = Head::Refused(403);
            },
        )),
        at(Breakage::remark(
            &["head-refused"],
            "a package whose HEAD is not allowed",
            &["package/head"],
            |road| {
                road.at(PACKAGE).head = Head::Refused(405);
            },
        )),
        at(Breakage::remark(&["head-refused"], "a host that hangs up at HEAD", &["package/head"], |road| {
            road.at(PACKAGE).head = Head::Dropped;
        })),
        at(Breakage::remark(&["head-refused"], "a HEAD without an answer", &["package/head"], |road| {
            road.at(PACKAGE).head = Head::Never;
        }))
        .costing(Cost::Waiting),
        at(Breakage::remark(
            &["length-missing-or-wrong"],
            "a HEAD of another length",
            &["package/head"],
            |road| road.at(PACKAGE).head = Head::OtherLength,
        )),
        at(Breakage::remark(
            &["length-missing-or-wrong"],
            "a package of no told length",
            &["package/head", "package/length"],
            |road| road.at(PACKAGE).length = Length::Untold,
        )),
        unread(Breakage::remark(
            &["ranges-not-supported"],
            "a package without parts",
            &["package/ranges"],
            |road| {
                road.at(PACKAGE).ranges = Ranges::Ignored;
            },
        )),
        unread(Breakage::remark(
            &["ranges-not-supported"],
            "a package whose parts are refused",
            &["package/ranges"],
            |road| road.at(PACKAGE).ranges = Ranges::Refused(416),
        )),
        unread(Breakage::remark(
            &["ranges-not-supported"],
            "a package whose parts all begin at its beginning",
            &["package/ranges"],
            |road| road.at(PACKAGE).ranges = Ranges::FromStart,
        )),
        unread(Breakage::remark(
            &["ranges-not-supported"],
            "a package whose parts are zeros",
            &["package/ranges"],
            |road| road.at(PACKAGE).ranges = Ranges::OtherBytes,
        )),
        unread(Breakage::remark(
            &["content-encoded"],
            "a package that is compressed once more",
            &["package/encoding", "package/ranges"],
            |road| road.at(PACKAGE).fields.push(("Content-Encoding", "br".to_owned())),
        )),
        ending(Breakage::error(&["package-slow"], "a package that never comes", &["package"], |road| {
            road.at(PACKAGE).end = End::Never;
        }))
        .costing(Cost::Waiting),
        at(Breakage::remark(&["package-content-type"], "a package as text", &["package/type"], |road| {
            road.at(PACKAGE).kind = Some("text/plain");
        })),
        at(Breakage::remark(&["package-content-type"], "a package of no type", &["package/type"], |road| {
            road.at(PACKAGE).kind = None;
        })),
        ending(Breakage::error(
            &["package-not-a-zip", "not-an-archive"],
            "a page in the package's place",
            &["package"],
            |road| {
                *road.at(PACKAGE) = Served::page("<!doctype html><title>Notes</title><p>Soon.".repeat(100));
            },
        )),
        ending(Breakage::error(
            &["package-not-a-zip", "not-an-archive"],
            "an error of a bucket in the package's place",
            &["package"],
            |road| {
                let served = road.at(PACKAGE);
                served.kind = Some("application/xml");
                let error = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>";
                served.body = Body::Text(error.to_owned());
            },
        )),
        ending(Breakage::error(
            &["package-cut-off"],
            "a host that hangs up on the package",
            &["package"],
            |road| {
                road.at(PACKAGE).end = End::Dropped;
            },
        )),
        ending(Breakage::error(
            &["package-cut-off"],
            "header fields in the package's place",
            &["package"],
            |road| road.at(PACKAGE).end = End::HeaderFlood,
        )),
        ending(Breakage::error(
            &["package-slow", "length-missing-or-wrong"],
            "a package that drips",
            &["package"],
            |road| {
                road.at(PACKAGE).end = End::Dripping;
            },
        ))
        .costing(Cost::Waiting),
        unread(Breakage::remark(
            &["length-missing-or-wrong", "ranges-not-supported"],
            "a package without end",
            &["package"],
            |road| road.at(PACKAGE).end = End::Endless,
        )),
        ending(Breakage::error(&["package-cut-off"], "a package that breaks off", &["package"], |road| {
            road.at(PACKAGE).end = End::CutAfter(1500);
        })),
    ]
}
