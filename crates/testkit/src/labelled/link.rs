use super::Labelled;

/// Install links, as a device gets them.
#[must_use]
pub fn links() -> Vec<Labelled<&'static str>> {
    const GOOD: &str =
        "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm%2FAb3.plist";
    vec![
        Labelled::clean("a good link", GOOD),
        Labelled::clean(
            "its parameters the other way round",
            "itms-services://?url=https%3A%2F%2Fapps.example%2Fm%2FAb3.plist&action=download-manifest",
        ),
        Labelled::clean(
            "an unencoded address that survives",
            "itms-services://?action=download-manifest&url=https://apps.example/m/Ab3.plist",
        ),
        Labelled::error(
            &["wrong-scheme"],
            "a letter missing",
            "itms-service://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(
            &["wrong-scheme"],
            "no slashes",
            "itms-services:?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(&["wrong-scheme"], "the manifest itself", "https://apps.example/m.plist"),
        Labelled::error(
            &["scheme-not-lowercase"],
            "a capital letter",
            "Itms-Services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(
            &["action-missing-or-wrong"],
            "an underscore for the hyphen",
            "itms-services://?action=download_manifest&url=https%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(
            &["action-missing-or-wrong"],
            "no action",
            "itms-services://?url=https%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(
            &["double-escaped-ampersand"],
            "escaped outside HTML",
            "itms-services://?action=download-manifest&amp;url=https%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(&["manifest-url-missing"], "no address", "itms-services://?action=download-manifest"),
        Labelled::error(
            &["manifest-url-missing"],
            "an empty address",
            "itms-services://?action=download-manifest&url=",
        ),
        Labelled::error(
            &["manifest-url-not-encoded"],
            "a query of two parameters",
            "itms-services://?action=download-manifest&url=https://apps.example/m.plist?app=7&build=42",
        ),
        Labelled::error(
            &["manifest-url-encoded-twice"],
            "two rounds",
            "itms-services://?action=download-manifest&url=https%253A%252F%252Fapps.example%252Fm.plist",
        ),
        Labelled::error(
            &["manifest-url-not-https"],
            "plain http",
            "itms-services://?action=download-manifest&url=http%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(
            &["manifest-url-not-absolute"],
            "a path alone",
            "itms-services://?action=download-manifest&url=%2Fm.plist",
        ),
        Labelled::error(
            &["manifest-url-invalid"],
            "a space",
            "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2FMy%20App.plist",
        ),
        Labelled::error(
            &["link-inside-link"],
            "the prefix twice",
            "itms-services://?action=download-manifest&url=itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist",
        ),
        Labelled::error(
            &["manifest-host-is-the-device"],
            "localhost",
            "itms-services://?action=download-manifest&url=https%3A%2F%2Flocalhost%3A8443%2Fm.plist",
        ),
        Labelled::clean(
            "a private address",
            "itms-services://?action=download-manifest&url=https%3A%2F%2F192.168.1.7%2Fm.plist",
        ),
        Labelled::remark(
            &["secret-in-query"],
            "a token",
            "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist%3Ftoken%3DA1b2C3",
        ),
        Labelled::clean(
            "a number in the query",
            "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist%3Fbuild%3D42",
        ),
    ]
}
