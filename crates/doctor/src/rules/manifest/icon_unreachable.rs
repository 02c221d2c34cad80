use crate::judge::Place;
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{
    Redirect, address, broken_off, delayed, failed_status, is_reached, login, redirect,
};
use crate::{EvidenceKind, Facts, Host, Icon, Severity, Station, Unreached};

/// An icon that the manifest names can't be had.
pub(crate) static RULE: Rule = Rule {
    code: "MAN014",
    name: "icon-unreachable",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "a blank icon while the app is installed",
    fix: "let the icon's address answer with a PNG, or leave the icon out of the manifest",
    explains: &[],
    page: include_str!("icon_unreachable.md"),
    check: Check::EachIcon(check),
};

fn check(icon: &Icon, facts: &Facts<'_>) -> Checked {
    let fetch = &icon.fetch;
    let what = icon.kind.as_str();
    for hop in fetch.hops.iter().filter(|hop| !is_on_the_road(&hop.host, facts)) {
        if let Some(trouble) = trouble(&hop.host, facts) {
            let message = format!("the {what} can't be fetched from {}: {trouble}", hop.host.title());
            return found(Fault::new(message).at(address(hop)));
        }
    }
    if !is_reached(fetch) {
        return not_reached(icon, facts);
    }
    if let Some(login) = login(fetch) {
        return found(login.fault(fetch, what));
    }
    if let Some(Redirect::Fails(fault)) = redirect(fetch, what) {
        return found(fault);
    }
    let fault = failed_status(fetch, what).or_else(|| broken_off(fetch, what));
    fault.or_else(|| delayed(fetch, what, None)).map_or_else(clean, found)
}

/// Whether page, manifest or package are there, too, so that the host is judged by itself.
fn is_on_the_road(host: &Host, facts: &Facts<'_>) -> bool {
    facts.hosts().iter().any(|(_, known)| known.is_same_place(host))
}

/// What the rules of hosts say keeps a device from this one.
fn trouble(host: &Host, facts: &Facts<'_>) -> Option<String> {
    crate::rules::ALL.iter().find_map(|rule| {
        let Check::EachHost(check) = rule.check else { return None };
        let faults = check(host, facts).unwrap_or_default().into_iter();
        let mut findings = faults.map(|fault| rule.finding(Place::of(rule), fault));
        findings.find(|finding| finding.severity == Severity::Error).map(|finding| finding.message)
    })
}

fn not_reached(icon: &Icon, facts: &Facts<'_>) -> Checked {
    let last = icon.fetch.last();
    if is_on_the_road(&last.host, facts) {
        return Err(NotJudged::NotMine);
    }
    let (what, host) = (icon.kind, last.host.title());
    if last.host.connection == Err(Unreached::NotAllowed) {
        let reason =
            format!("the {what} is at {host}, an address that may not be asked without --allow-private");
        return Err(NotJudged::NotMeasured(reason));
    }
    found(Fault::new(format!("the {what} can't be fetched: {host} is not reached")).at(address(last)))
}
