//! Every page renders with every sample, and keeps the promises all pages make.

use pages::{InstallPage, ListPage, Page, TrustPage, UnavailablePage};

fn rendered() -> Vec<String> {
    let install = InstallPage::samples().into_iter().map(|page| page.render().expect("samples render"));
    let unavailable =
        UnavailablePage::samples().into_iter().map(|page| page.render().expect("samples render"));
    let trust = TrustPage::samples().into_iter().map(|page| page.render().expect("samples render"));
    let list = ListPage::samples().into_iter().map(|page| page.render().expect("samples render"));
    install.chain(unavailable).chain(trust).chain(list).collect()
}

#[test]
fn no_page_needs_what_a_strict_policy_forbids() {
    for page in rendered() {
        for forbidden in ["<script", " style=", " onclick=", "javascript:"] {
            assert!(!page.contains(forbidden), "{forbidden} in\n{page}");
        }
    }
}

#[test]
fn no_page_loads_anything_from_another_server() {
    for page in rendered() {
        for loading in ["src=\"http", "href=\"//", "url(", "@import"] {
            assert!(!page.contains(loading), "{loading} in\n{page}");
        }
        for link in page.split("<link ").skip(1) {
            assert!(link.contains("href=\"/assets/"), "{link}");
        }
    }
}

#[test]
fn an_apps_name_is_text_wherever_it_stands() {
    let page = InstallPage::samples()[2].render().unwrap();
    assert!(!page.contains("<β>"), "{page}");
    assert_eq!(
        page.matches("R&#38;D &#60;β&#62; &#34;应用&#34; 🚀").count(),
        3,
        "title, preview and heading:\n{page}"
    );
}

#[test]
fn a_list_leads_to_the_page_of_each_app() {
    let list = &ListPage::samples()[0];
    let page = list.render().unwrap();
    for app in &list.apps {
        assert_eq!(page.matches(&format!("<a href=\"{}\">", app.page_url)).count(), 1, "{page}");
        assert_eq!(page.matches(&format!("src=\"{}\"", app.icon_url)).count(), 1, "{page}");
    }
    assert!(page.contains("R&#38;D &#60;β&#62;") && !page.contains("<β>"), "{page}");
    assert!(page.contains("12.3 MB, for iPhone and iPad"), "{page}");
}

#[test]
fn the_button_is_a_plain_link_with_the_ampersand_escaped_once() {
    let page = InstallPage::samples()[0].render().unwrap();
    assert!(
        page.contains(
            "<a class=\"install\" href=\"itms-services://?action=download-manifest&#38;url=https%3A%2F%2F"
        ),
        "{page}"
    );
}

#[test]
fn a_build_that_cannot_be_installed_has_no_button() {
    let page = InstallPage::samples()[1].render().unwrap();
    assert!(!page.contains("itms-services"), "{page}");
    assert!(page.contains("expired on 2 November 2026"), "{page}");
}

#[test]
fn the_sample_says_that_a_phone_will_refuse_it() {
    assert!(InstallPage::samples()[3].render().unwrap().contains("refuse it at the last step"));
}
