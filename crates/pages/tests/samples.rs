//! Every page renders with every sample, and keeps the promises all pages make.

use std::collections::BTreeSet;

use pages::{HelpIndexPage, HelpPage, InstallPage, ListPage, Page, TrustPage, UnavailablePage};
use scraper::{Html, Selector};

fn rendered() -> Vec<String> {
    [
        all(&InstallPage::samples()),
        all(&UnavailablePage::samples()),
        all(&TrustPage::samples()),
        all(&ListPage::samples()),
        all(&HelpPage::samples()),
        all(&HelpIndexPage::samples()),
    ]
    .concat()
}

fn all(samples: &[impl Page]) -> Vec<String> {
    samples.iter().map(|page| page.render().expect("samples render")).collect()
}

#[test]
fn every_page_is_html_without_a_mistake() {
    for page in rendered() {
        assert_eq!(Html::parse_document(&page).errors, Vec::<String>::new(), "{page}");
    }
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
    let sources = Selector::parse("[src]").expect("a selector");
    for page in rendered() {
        for loading in ["href=\"//", "url(", "@import"] {
            assert!(!page.contains(loading), "{loading} in\n{page}");
        }
        // An example that is shown loads nothing, whatever stands in it.
        for loading in Html::parse_document(&page).select(&sources) {
            let source = loading.attr("src").expect("it has one");
            assert!(!source.starts_with("http") && !source.starts_with("//"), "{source} in\n{page}");
        }
        for link in page.split("<link ").skip(1) {
            assert!(link.contains("href=\"/assets/"), "{link}");
        }
    }
}

#[test]
fn every_finding_has_a_page_that_says_all_that_its_rule_says() {
    for (rule, page) in doctor::rules::ALL.iter().zip(all(&HelpPage::samples())) {
        let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown = Html::parse_document(&page);
        let shown = words(shown.root_element().text().collect());
        for text in [rule.code, rule.name, &pages::sentence(rule.device_shows), &pages::sentence(rule.fix)] {
            assert!(shown.contains(&text.replace('`', "")), "{text} in {page}");
        }
        // What stands indented in Markdown is shown as it is.
        for line in rule.page.lines().filter_map(|line| line.strip_prefix("    ")) {
            assert!(shown.contains(&words(line.to_owned())), "{line} in {page}");
        }
    }
}

#[test]
fn what_is_not_certain_is_said_to_be_likely() {
    for (rule, page) in doctor::rules::ALL.iter().zip(all(&HelpPage::samples())) {
        let likely = page.contains("The device likely shows");
        assert_eq!(likely, !rule.evidence.is_certain(), "{page}");
    }
}

#[test]
fn help_leads_to_every_page_of_help_and_to_no_other() {
    let links = |page: &String| {
        let anchors = Selector::parse("a").expect("a selector");
        let page = Html::parse_document(page);
        page.select(&anchors).filter_map(|anchor| Some(anchor.attr("href")?.to_owned())).collect::<Vec<_>>()
    };
    let expected: BTreeSet<String> = doctor::rules::ALL.iter().map(|rule| pages::help_path(rule)).collect();
    for page in all(&HelpIndexPage::samples()) {
        assert_eq!(links(&page).into_iter().collect::<BTreeSet<_>>(), expected);
    }
    for page in all(&HelpPage::samples()) {
        for link in links(&page) {
            assert!(link == "/help" || expected.contains(&link), "{link} in {page}");
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
fn errors_stand_first_and_are_likely_where_that_is_not_certain() {
    let page = InstallPage::samples()[5].render().unwrap();
    let places = [
        "<strong>Likely fails:</strong> The entry &#34;&#60;b&#62;.png&#34; is stored",
        "<strong>Fails:</strong> The extension com.other.share is not",
        "<strong>Warning:</strong> Its provisioning profile expires",
        "<strong>Note:</strong> At its first launch",
    ]
    .map(|text| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}")));
    assert!(places.is_sorted(), "{page}");
    assert_eq!(page.matches("The device likely shows: ").count(), 1, "{page}");
    assert!(
        page.contains("<a href=\"/help/APP008\">") && page.contains("<a href=\"/help/PRF013\">"),
        "{page}"
    );
    assert!(!page.contains("ZIP64"), "what is assumed is for the publisher: {page}");
}

#[test]
fn what_signing_asks_for_leads_to_its_page_and_is_said_once() {
    let page = InstallPage::samples()[2].render().unwrap();
    assert_eq!(page.matches("<a href=\"/help/PRF012\">").count(), 1, "{page}");
    let refused = InstallPage::samples()[1].render().unwrap();
    assert_eq!(refused.matches("<a href=\"/help/PRF004\">").count(), 1, "{refused}");
}

#[test]
fn the_sample_says_that_a_phone_will_refuse_it() {
    assert!(InstallPage::samples()[3].render().unwrap().contains("refuse it at the last step"));
}
