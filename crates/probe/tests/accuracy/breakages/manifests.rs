use super::{Breakage, Cost, Hides, Place};
use crate::road::{Body, End, Host, MANIFEST, Road, Served};

/// What is wrong with the answer in which the manifest should come.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn answer() -> Vec<Breakage> {
    let at = |broken: Breakage| broken.at(Place::ManifestAnswer);
    let ending = |broken: Breakage| at(broken).ending_the_road();
    let blocked = |broken: Breakage| at(broken).hiding(Hides::Manifest);
    vec![
        blocked(Breakage::error(
            &["blocked-for-installer", "manifest-status"],
            "a manifest for browsers alone",
            &["manifest"],
            |road| road.at(MANIFEST).for_installer = Some(Box::new(Served::status(403))),
        )),
        blocked(Breakage::error(
            &["blocked-for-installer", "manifest-is-html"],
            "a test for bots in the manifest's place",
            &["manifest"],
            |road| {
                let test =
                    "<!doctype html><title>Just a moment...</title><script>window._cf_chl_opt = {}</script>";
                road.at(MANIFEST).for_installer = Some(Box::new(Served::page(test)));
            },
        )),
        blocked(Breakage::error(
            &["blocked-for-installer", "manifest-cut-off"],
            "a host that hangs up on the installer",
            &["manifest"],
            |road| {
                let dropped = Served { end: End::Dropped, ..Served::page("") };
                road.at(MANIFEST).for_installer = Some(Box::new(dropped));
            },
        )),
        ending(Breakage::error(&["manifest-status"], "no manifest there", &["manifest"], |road| {
            *road.at(MANIFEST) = Served::status(404);
        })),
        ending(Breakage::error(
            &["manifest-status"],
            "a manifest that is forbidden",
            &["manifest"],
            |road| {
                *road.at(MANIFEST) = Served::status(403);
            },
        )),
        ending(Breakage::error(&["manifest-status"], "a manifest that fails", &["manifest"], |road| {
            *road.at(MANIFEST) = Served::status(500);
        })),
        ending(Breakage::error(
            &["manifest-needs-login"],
            "a manifest with a password",
            &["manifest"],
            |road| {
                let mut asking = Served::status(401);
                asking.fields.push(("WWW-Authenticate", "Basic realm=\"Beta\"".to_owned()));
                *road.at(MANIFEST) = asking;
            },
        )),
        ending(Breakage::error(
            &["manifest-needs-login", "manifest-redirected", "manifest-is-html"],
            "a manifest behind a login",
            &["manifest"],
            |road| {
                *road.at(MANIFEST) = Served::redirect(&format!("https://{}/login", Host::Elsewhere.name()));
            },
        )),
        ending(Breakage::error(
            &["manifest-needs-login", "manifest-is-html"],
            "a page to sign in at the manifest's address",
            &["manifest"],
            |road| *road.at(MANIFEST) = Served::login(),
        )),
        at(Breakage::remark(&["manifest-redirected"], "a manifest at another host", &["manifest"], |road| {
            let manifest = road.at(MANIFEST).clone();
            road.answers.insert((Host::Elsewhere, "/m.plist"), manifest);
            *road.at(MANIFEST) = Served::redirect(&format!("https://{}/m.plist", Host::Elsewhere.name()));
        })),
        at(Breakage::error(
            &["manifest-redirected"],
            "a manifest by http in the end",
            &["manifest"],
            |road| {
                let manifest = road.at(MANIFEST).clone();
                road.answers.insert((Host::Elsewhere, "/m.plist"), manifest);
                *road.at(MANIFEST) = Served::redirect(&format!("http://{}/m.plist", Host::Elsewhere.name()));
            },
        )),
        ending(Breakage::error(&["manifest-redirected"], "a ring of redirects", &["manifest"], |road| {
            road.answers.insert((Host::Apps, "/round"), Served::redirect(MANIFEST.1));
            *road.at(MANIFEST) = Served::redirect("/round");
        })),
        ending(Breakage::error(
            &["manifest-redirected"],
            "a redirect after the other",
            &["manifest"],
            |road| {
                const ROUNDS: [&str; 20] = [
                    "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9", "/10", "/11", "/12", "/13", "/14",
                    "/15", "/16", "/17", "/18", "/19", "/20",
                ];
                for pair in ROUNDS.windows(2) {
                    road.answers.insert((Host::Apps, pair[0]), Served::redirect(pair[1]));
                }
                *road.at(MANIFEST) = Served::redirect(ROUNDS[0]);
            },
        ))
        .costing(Cost::Large),
        ending(Breakage::error(&["manifest-redirected"], "a redirect to nowhere", &["manifest"], |road| {
            *road.at(MANIFEST) = Served { status: 302, ..Served::page("") };
        })),
        ending(Breakage::error(&["manifest-slow"], "a manifest that never comes", &["manifest"], |road| {
            road.at(MANIFEST).end = End::Never;
        }))
        .costing(Cost::Waiting),
        ending(Breakage::error(
            &["manifest-slow", "manifest-not-a-plist"],
            "a manifest that stops coming",
            &["manifest"],
            |road| road.at(MANIFEST).end = End::MuteAfter(100),
        ))
        .costing(Cost::Waiting),
        ending(Breakage::error(
            &["manifest-slow", "manifest-not-a-plist"],
            "a manifest that drips",
            &["manifest"],
            |road| road.at(MANIFEST).end = End::Dripping,
        ))
        .costing(Cost::Waiting),
        ending(Breakage::error(
            &["manifest-cut-off", "manifest-not-a-plist"],
            "a manifest without end",
            &["manifest"],
            |road| {
                let served = road.at(MANIFEST);
                served.body = Body::Text("<?xml version=\"1.0\"?><plist><dict>".repeat(2000));
                served.end = End::Endless;
            },
        ))
        .costing(Cost::Large),
        ending(Breakage::error(&["manifest-cut-off"], "a host that hangs up", &["manifest"], |road| {
            road.at(MANIFEST).end = End::Dropped;
        })),
        ending(Breakage::error(&["manifest-cut-off"], "nothing but header fields", &["manifest"], |road| {
            road.at(MANIFEST).end = End::HeaderFlood;
        })),
        ending(Breakage::error(
            &["manifest-cut-off", "manifest-not-a-plist"],
            "a manifest that breaks off",
            &["manifest"],
            |road| road.at(MANIFEST).end = End::CutAfter(100),
        )),
        ending(Breakage::error(
            &["manifest-cut-off"],
            "a manifest in an encoding that it is not in",
            &["manifest"],
            |road| {
                let served = road.at(MANIFEST);
                served.fields.push(("Content-Encoding", "gzip".to_owned()));
                served.body = Body::Bytes(b"\x1f\x8b\x08 and no more of it".to_vec());
            },
        )),
        at(Breakage::remark(&["manifest-content-type"], "a manifest as a file", &["manifest"], |road| {
            road.at(MANIFEST).kind = Some("application/octet-stream");
        })),
        at(Breakage::remark(&["manifest-content-type"], "a manifest of no type", &["manifest"], |road| {
            road.at(MANIFEST).kind = None;
        })),
    ]
}

/// What the manifest says of addresses at which something is served all the same.
pub(super) fn addresses() -> Vec<Breakage> {
    let at = |broken: Breakage| broken.at(Place::Manifest);
    vec![
        at(Breakage::error(
            &["package-url-not-https"],
            "a package by http",
            &["manifest", "document", "files"],
            |road| {
                by_http(road, Host::Files);
            },
        )),
        at(Breakage::remark(
            &["package-url-not-https"],
            "an icon by http",
            &["manifest", "document", "icons"],
            |road| {
                by_http(road, Host::Icons);
            },
        )),
    ]
}

fn by_http(road: &mut Road, host: Host) {
    let Body::Text(manifest) = &mut road.at(MANIFEST).body else { unreachable!("a sound manifest is text") };
    *manifest = manifest.replace(&format!("https://{}", host.name()), &format!("http://{}", host.name()));
}
