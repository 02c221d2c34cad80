use super::{Breakage, Cost, Place};
use crate::road::{Body, End, Host, Manner, PAGE, Served, page};

/// What is wrong with the page's host. A person may click through what is wrong with its certificate.
pub(super) fn host() -> Vec<Breakage> {
    let at = |broken: Breakage| broken.at(Place::PageHost);
    let ending = |broken: Breakage| at(broken).ending_the_road();
    vec![
        ending(Breakage::error(
            &["name-not-resolved"],
            "no address of the page's host",
            &["page-host"],
            |road| {
                road.manners.insert(Host::Pages, Manner::Unresolved);
            },
        )),
        ending(Breakage::error(
            &["address-is-loopback"],
            "a page's host that is the device",
            &["page-host"],
            |road| {
                road.may_be_private = false;
            },
        )),
        ending(Breakage::remark(
            &["address-is-private"],
            "a page's host within a network",
            &["page-host"],
            |road| {
                road.may_be_private = false;
                road.manners.insert(Host::Pages, Manner::Foreign([10, 0, 0, 1].into()));
            },
        )),
        ending(Breakage::error(
            &["connection-refused"],
            "nobody at the page's port",
            &["page-host"],
            |road| {
                road.manners.insert(Host::Pages, Manner::Refused);
            },
        )),
        ending(Breakage::error(&["handshake-failed"], "no TLS at the page's port", &["page-host"], |road| {
            road.manners.insert(Host::Pages, Manner::Plain);
        })),
        at(Breakage::remark(
            &["certificate-name-mismatch"],
            "another's certificate at the page's host",
            &["page-host"],
            |road| road.certificates(Host::Pages).name = Some("other.road.test"),
        )),
        at(Breakage::remark(&["page-not-https"], "a page by http", &["page-host"], |road| {
            road.start = road.start.replace("https:", "http:");
        })),
    ]
}

pub(super) fn answer() -> Vec<Breakage> {
    let ending = |broken: Breakage| broken.at(Place::PageAnswer).ending_the_road();
    vec![
        ending(Breakage::error(&["page-status"], "no page there", &["page"], |road| {
            *road.at(PAGE) = Served::status(404);
        })),
        ending(Breakage::error(&["page-status"], "a page that fails", &["page"], |road| {
            *road.at(PAGE) = Served::status(500);
        })),
        ending(Breakage::error(&["page-status"], "a page that leads to itself", &["page"], |road| {
            *road.at(PAGE) = Served::redirect(PAGE.1);
        })),
        ending(Breakage::error(&["page-status"], "a page's host that hangs up", &["page"], |road| {
            road.at(PAGE).end = End::Dropped;
        })),
        ending(Breakage::error(&["page-status"], "a page that never comes", &["page"], |road| {
            road.at(PAGE).end = End::Never;
        }))
        .costing(Cost::Waiting),
        ending(Breakage::error(&["page-status"], "a page of header fields", &["page"], |road| {
            road.at(PAGE).end = End::HeaderFlood;
        })),
        // Who signs in comes to a page that nobody has seen here.
        ending(Breakage::remark(&["page-status"], "a page behind a login", &["page"], |road| {
            *road.at(PAGE) = Served::redirect(&format!("https://{}/login", Host::Elsewhere.name()));
        })),
        ending(Breakage::error(&["no-install-link"], "a page that breaks off", &["page"], |road| {
            road.at(PAGE).end = End::CutAfter(20);
        })),
        ending(Breakage::error(&["no-install-link"], "a page without end", &["page"], |road| {
            road.at(PAGE).body = Body::Text(page("<p>Nothing").repeat(1000));
            road.at(PAGE).end = End::Endless;
        }))
        .costing(Cost::Large),
    ]
}

/// Where the page has its link.
pub(super) fn link() -> Vec<Breakage> {
    let ending = |broken: Breakage| broken.at(Place::Page).ending_the_road();
    vec![
        ending(Breakage::error(&["no-install-link"], "a page without a link", &["page"], |road| {
            road.text_of_page(|_| page("<p>Ask Anna for the app."));
        })),
        Breakage::error(&["no-install-link"], "a link in a comment", &["page"], |road| {
            road.text_of_page(|link| page(&format!("<!-- <a href=\"{link}\">Install</a> -->")));
        }),
        ending(Breakage::remark(&["no-install-link"], "a script that was not read", &["page"], |road| {
            road.text_of_page(|_| page("<button id=get>Install</button><script src=\"/app.js\"></script>"));
        })),
        ending(Breakage::remark(
            &["link-behind-script"],
            "a link that a script completes",
            &["page"],
            |road| {
                road.text_of_page(|_| {
                    page(
                        "<script>location = \"itms-services://?action=download-manifest&url=\" + \
                     encodeURIComponent(manifest)</script>",
                    )
                });
            },
        )),
        Breakage::remark(&["link-behind-script"], "a link in a script", &["page"], |road| {
            road.text_of_page(|link| {
                let link = link.replace("&amp;", "&");
                page(&format!(
                    "<button id=get>Get</button><script>get.onclick = () => location = \"{link}\"</script>"
                ))
            });
        }),
        Breakage::remark(
            &["link-behind-script"],
            "a link in a script that the page loads",
            &["page"],
            |road| {
                road.follows_scripts = true;
                let link = "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.road.test%2Fm%2FAb3.plist";
                let script = Served {
                    kind: Some("text/javascript"),
                    ..Served::page(format!("get.onclick = () => location.href = '{link}';"))
                };
                road.answers.insert((Host::Pages, "/app.js"), script);
                road.text_of_page(|_| page("<button id=get>Get</button><script src=\"/app.js\"></script>"));
            },
        ),
        Breakage::remark(&["link-not-an-anchor"], "a link in a button", &["page"], |road| {
            road.text_of_page(|link| page(&format!("<button data-href=\"{link}\">Install</button>")));
        }),
        Breakage::remark(&["link-not-an-anchor"], "a link to be read", &["page"], |road| {
            road.text_of_page(|link| page(&format!("<p>Open {link} on your phone")));
        }),
        Breakage::remark(&["link-not-an-anchor"], "a page that refreshes to the link", &["page"], |road| {
            road.text_of_page(|link| {
                page(&format!("<meta http-equiv=refresh content=\"0; url={link}\"><p>Wait"))
            });
        }),
        Breakage::remark(&["link-not-an-anchor"], "a page that redirects to the link", &["page"], |road| {
            *road.at(PAGE) = Served::redirect(
                "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.road.test%2Fm%2FAb3.plist",
            );
        }),
        Breakage::remark(&["page-opens-in-frame"], "a link in a frame", &["page"], |road| {
            let inner = road.at(PAGE).clone();
            road.answers.insert((Host::Pages, "/inner"), inner);
            road.text_of_page(|_| page("<iframe src=\"inner\"></iframe>"));
        }),
    ]
}
