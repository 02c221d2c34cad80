use super::{Breakage, Cost, Place};
use crate::road::{Body, End, Host, ICON, Manner, Served};

/// What is wrong with the icon's host.
pub(super) fn host() -> Vec<Breakage> {
    let ending = |broken: Breakage| broken.at(Place::IconHost).ending_the_road();
    vec![
        ending(Breakage::remark(
            &["icon-unreachable"],
            "no address of the icon's host",
            &["icons"],
            |road| {
                road.manners.insert(Host::Icons, Manner::Unresolved);
            },
        )),
        ending(Breakage::remark(&["icon-unreachable"], "nobody at the icon's port", &["icons"], |road| {
            road.manners.insert(Host::Icons, Manner::Refused);
        })),
        ending(Breakage::remark(
            &["icon-unreachable"],
            "another's certificate at the icon's host",
            &["icons"],
            |road| {
                road.certificates(Host::Icons).name = Some("other.road.test");
            },
        )),
    ]
}

/// What is wrong with the answer in which the icon should come.
pub(super) fn answer() -> Vec<Breakage> {
    let at = |broken: Breakage| broken.at(Place::IconAnswer);
    vec![
        at(Breakage::remark(&["icon-unreachable"], "no icon there", &["icon"], |road| {
            *road.at(ICON) = Served::status(404);
        })),
        at(Breakage::remark(&["icon-unreachable"], "an icon behind a login", &["icon"], |road| {
            *road.at(ICON) = Served::redirect(&format!("https://{}/login", Host::Elsewhere.name()));
        })),
        at(Breakage::remark(&["icon-unreachable"], "an icon that breaks off", &["icon"], |road| {
            road.at(ICON).end = End::CutAfter(30);
        })),
        at(Breakage::remark(&["icon-unreachable"], "header fields in the icon's place", &["icon"], |road| {
            road.at(ICON).end = End::HeaderFlood;
        })),
        at(Breakage::remark(&["icon-unreachable"], "an icon that drips", &["icon"], |road| {
            road.at(ICON).end = End::Dripping;
        }))
        .costing(Cost::Waiting),
        at(Breakage::remark(&["icon-unreachable"], "an icon that never comes", &["icon"], |road| {
            road.at(ICON).end = End::Never;
        }))
        .costing(Cost::Waiting),
        at(Breakage::remark(&["icon-not-an-image"], "a page in the icon's place", &["icon"], |road| {
            *road.at(ICON) = Served::page("<!doctype html><title>Notes</title>");
        })),
        at(Breakage::remark(&["icon-not-an-image"], "a GIF in the icon's place", &["icon"], |road| {
            road.at(ICON).body = Body::Bytes(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec());
        })),
    ]
}
