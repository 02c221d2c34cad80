//! Every rule there is. Codes are given once: a rule that retires keeps its page.

mod answer;
mod app;
mod archive;
mod authority;
mod device;
mod fetch;
mod link;
mod manifest;
mod network;
mod package;
mod page;
mod profile;
mod signature;
mod tls;
mod wording;

use crate::rule::Rule;

/// Every rule, in the order in which a device would meet what it looks for.
pub static ALL: &[&Rule] = &[
    &page::page_status::RULE,
    &page::page_not_https::RULE,
    &page::no_install_link::RULE,
    &page::page_opens_in_frame::RULE,
    &page::link_behind_script::RULE,
    &page::link_not_an_anchor::RULE,
    &link::wrong_scheme::RULE,
    &link::scheme_not_lowercase::RULE,
    &link::action_missing_or_wrong::RULE,
    &link::double_escaped_ampersand::RULE,
    &link::manifest_url_missing::RULE,
    &link::manifest_url_not_encoded::RULE,
    &link::manifest_url_encoded_twice::RULE,
    &link::manifest_url_not_https::RULE,
    &link::manifest_url_not_absolute::RULE,
    &link::manifest_url_invalid::RULE,
    &link::link_inside_link::RULE,
    &link::manifest_host_is_the_device::RULE,
    &link::secret_in_query::RULE,
    &network::name_not_resolved::RULE,
    &network::address_is_loopback::RULE,
    &network::address_is_private::RULE,
    &network::connection_refused::RULE,
    &network::connection_slow::RULE,
    &tls::handshake_failed::RULE,
    &tls::old_tls_version::RULE,
    // Of several faults of one certificate in the order in which Apple's systems name them, except for what stands first:
    // it needs another certificate.
    &tls::self_signed_certificate::RULE,
    &tls::revoked_certificate::RULE,
    &tls::weak_key::RULE,
    &tls::weak_signature::RULE,
    &tls::lifetime_too_long::RULE,
    &tls::missing_server_auth::RULE,
    &tls::chain_incomplete::RULE,
    &tls::private_root::RULE,
    &tls::certificate_name_mismatch::RULE,
    &tls::certificate_expired::RULE,
    &tls::certificate_not_yet_valid::RULE,
    &network::blocked_for_installer::RULE,
    &fetch::manifest_needs_login::RULE,
    &fetch::manifest_redirected::RULE,
    &fetch::manifest_status::RULE,
    &fetch::manifest_slow::RULE,
    &fetch::manifest_cut_off::RULE,
    &fetch::manifest_content_type::RULE,
    &fetch::manifest_is_html::RULE,
    &fetch::manifest_not_a_plist::RULE,
    &fetch::text_before_xml::RULE,
    &manifest::items_missing::RULE,
    &manifest::no_software_package::RULE,
    &manifest::kind_not_software::RULE,
    &manifest::title_missing::RULE,
    &manifest::bundle_identifier_missing::RULE,
    &manifest::platform_identifier_wrong::RULE,
    &manifest::package_url_not_https::RULE,
    &manifest::package_url_not_absolute::RULE,
    &manifest::package_url_invalid::RULE,
    &manifest::placeholder_left::RULE,
    &manifest::chunk_size_missing::RULE,
    &manifest::removed_key::RULE,
    &manifest::several_items::RULE,
    &manifest::icon_unreachable::RULE,
    &manifest::icon_not_an_image::RULE,
    &package::package_redirected::RULE,
    &package::package_status::RULE,
    &package::package_slow::RULE,
    &package::package_cut_off::RULE,
    &package::package_not_a_zip::RULE,
    &package::head_refused::RULE,
    &package::content_encoded::RULE,
    &package::length_missing_or_wrong::RULE,
    &package::ranges_not_supported::RULE,
    &package::package_content_type::RULE,
    &manifest::digest_mismatch::RULE,
    &archive::not_an_archive::RULE,
    &archive::truncated_archive::RULE,
    &archive::archive_damaged::RULE,
    &archive::bytes_before_archive::RULE,
    &archive::encrypted_entry::RULE,
    &archive::unsupported_method::RULE,
    &archive::stored_with_descriptor::RULE,
    &archive::directory_with_descriptor::RULE,
    &archive::headers_disagree::RULE,
    &archive::overlapping_entries::RULE,
    &archive::unsafe_name::RULE,
    &archive::link_leaves_bundle::RULE,
    &archive::no_app_in_payload::RULE,
    &archive::several_apps::RULE,
    &archive::stray_files_in_payload::RULE,
    &archive::duplicate_name::RULE,
    &archive::needless_zip64::RULE,
    &archive::store_metadata_present::RULE,
    &archive::entry_not_listed::RULE,
    &archive::gap_between_entries::RULE,
    &manifest::bundle_identifier_mismatch::RULE,
    &manifest::bundle_version_mismatch::RULE,
    &app::info_plist_missing::RULE,
    &app::info_plist_unreadable::RULE,
    &app::simulator_build::RULE,
    &app::not_an_ios_app::RULE,
    &app::executable_missing::RULE,
    &app::bundle_identifier_invalid::RULE,
    &app::build_number_missing::RULE,
    &app::encrypted_executable::RULE,
    &app::no_device_architecture::RULE,
    &app::nested_identifier_not_prefixed::RULE,
    &app::duplicate_nested_identifier::RULE,
    &app::icon_missing::RULE,
    &signature::not_signed::RULE,
    &signature::signature_unreadable::RULE,
    &signature::sealed_file_changed::RULE,
    &signature::signature_too_old::RULE,
    &signature::no_der_entitlements::RULE,
    &signature::signer_not_in_profile::RULE,
    &signature::signer_expired::RULE,
    &signature::signer_revoked::RULE,
    &signature::team_mismatch::RULE,
    &signature::signer_expires_soon::RULE,
    &signature::unknown_authority::RULE,
    &profile::missing::RULE,
    &profile::unreadable::RULE,
    &profile::untrusted::RULE,
    &profile::app_store::RULE,
    &profile::expired::RULE,
    &profile::application_identifier_mismatch::RULE,
    &profile::platform_mismatch::RULE,
    &profile::entitlement_not_allowed::RULE,
    &profile::profile_expires_soon::RULE,
    &profile::free_team_profile::RULE,
    &device::os_too_old::RULE,
    &device::wrong_device_family::RULE,
    &device::capability_missing::RULE,
    &device::thinned_for_other_models::RULE,
    &device::device_not_in_profile::RULE,
    &profile::needs_developer_mode::RULE,
    &profile::needs_trust::RULE,
    &profile::needs_online_check::RULE,
];

/// The rule with this code or name, in capitals or not.
///
/// ```
/// let rule = doctor::rules::find("prf004").expect("there is one");
/// assert_eq!(rule.name, "profile-expired");
/// ```
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    let is_meant = |rule: &&&Rule| {
        rule.code.eq_ignore_ascii_case(code_or_name) || rule.name.eq_ignore_ascii_case(code_or_name)
    };
    ALL.iter().find(is_meant).copied()
}

#[cfg(test)]
mod tests {
    use super::{ALL, find};
    use crate::{EvidenceKind, Severity, Station};

    /// The cells of the rows of `codes.md`, without the marks around names.
    fn table() -> Vec<Vec<String>> {
        let row = |line: &str| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().trim_matches('`').to_owned()).collect::<Vec<_>>()
        };
        include_str!("../codes.md").lines().filter(|line| line.starts_with("| ")).skip(2).map(row).collect()
    }

    #[test]
    fn every_rule_is_in_the_table_of_codes_as_it_stands() {
        let table = table();
        for rule in ALL {
            let row = [
                rule.code.to_owned(),
                rule.name.to_owned(),
                rule.station.to_string(),
                rule.severity.to_string(),
                rule.evidence.to_string(),
            ];
            assert!(table.iter().any(|other| *other == row), "{row:?} is not in codes.md");
        }
    }

    #[test]
    fn codes_and_names_are_given_once() {
        let table = table();
        assert!(table.len() > 100, "{}", table.len());
        for (place, row) in table.iter().enumerate() {
            let is_twin = |other: &Vec<String>| other[0] == row[0] || other[1] == row[1];
            assert!(!table[..place].iter().any(is_twin), "{row:?} is given twice");
        }
        for (place, rule) in ALL.iter().enumerate() {
            assert!(ALL[..place].iter().all(|other| other.code != rule.code), "{} stands twice", rule.code);
        }
    }

    #[test]
    fn every_code_is_of_a_family() {
        for row in table() {
            let (family, number) = row[0].split_at(3);
            assert!(Station::ALL.iter().any(|station| station.family() == family), "{}", row[0]);
            assert!(number.len() == 3 && number.parse::<u16>().is_ok(), "{}", row[0]);
        }
    }

    #[test]
    fn rules_stand_in_the_order_of_the_road() {
        assert!(
            ALL.is_sorted_by_key(|rule| rule.station),
            "{:?}",
            ALL.iter().map(|rule| rule.code).collect::<Vec<_>>()
        );
    }

    #[test]
    fn what_is_assumed_is_no_error() {
        for rule in ALL {
            assert!(
                rule.evidence != EvidenceKind::Assumed || rule.severity < Severity::Error,
                "{}",
                rule.code
            );
        }
    }

    #[test]
    fn what_a_rule_explains_has_a_code_and_lies_not_before_it() {
        let table = table();
        for rule in ALL {
            for name in rule.explains {
                assert!(
                    table.iter().any(|row| row[1] == *name),
                    "{} explains {name}, which has no code",
                    rule.code
                );
                let Some(explained) = find(name) else { continue };
                assert!(rule.station <= explained.station, "{} explains {name} back on the road", rule.code);
                assert!(
                    !explained.explains.contains(&rule.name),
                    "{} and {name} explain each other",
                    rule.code
                );
            }
        }
    }

    #[test]
    fn every_page_is_titled_with_code_and_name_and_has_its_sections() {
        for rule in ALL {
            let title = format!("# {} {}\n", rule.code, rule.name);
            assert!(rule.page.starts_with(&title), "the page of {} begins with {title:?}", rule.code);
            let sections = ["## What it checks", "## Why it matters", "## How to mend it", "## Sources"];
            for section in sections {
                assert!(rule.page.contains(section), "the page of {} has {section:?}", rule.code);
            }
        }
    }
}
