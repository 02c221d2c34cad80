//! Folders for any web server, walked as a browser and then a device walk them.

use std::path::{Path, PathBuf};

use itms_services::bounded_plist::Limits;
use itms_services::{AssetKind, InstallLink, ManifestDocument};
use testkit::app::AppPackage;

use crate::airstair::{Folder, Run, names, now, package, run};
use crate::remote::Server;

const BASE: &str = "https://apps.example.com/x/y";

fn site(packages: &[PathBuf], output: &Path, words: &[&str]) -> Run {
    let mut all: Vec<&str> = vec!["site"];
    all.extend(packages.iter().map(|path| path.to_str().unwrap()));
    all.extend(["--base-url", BASE, "-o", output.to_str().unwrap()]);
    all.extend(words);
    run(all)
}

/// A plain web server with the folder at the path of [`BASE`].
struct Walk {
    server: Server,
}

impl Walk {
    fn new(www: &Path) -> Self {
        Self { server: Server::of_files(www) }
    }

    fn send(
        &self,
        method: reqwest::Method,
        url: &str,
    ) -> (reqwest::StatusCode, reqwest::header::HeaderMap, Vec<u8>) {
        let path =
            url.strip_prefix("https://apps.example.com").unwrap_or_else(|| panic!("{url} leads elsewhere"));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.server.address));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            (status, headers, response.bytes().await.unwrap().to_vec())
        })
    }

    fn get(&self, url: &str) -> Vec<u8> {
        let (status, _, body) = self.send(reqwest::Method::GET, url);
        assert_eq!(status, 200, "{url}");
        body
    }

    fn page(&self, url: &str) -> String {
        String::from_utf8(self.get(url)).unwrap()
    }

    /// From an install page to the bytes of its package, and everything on the way.
    fn install(&self, page_url: &str, expected: &AppPackage, title: &str) {
        let page = self.page(page_url);
        for address in
            attributes(&page, "src").chain(attributes(&page, "href")).filter(|at| !at.contains(':'))
        {
            self.get(&resolved(page_url, &address));
        }
        let link = attributes(&page, "href").find(|href| href.starts_with("itms-services:")).unwrap();
        let reading = InstallLink::from_html_attribute(&link);
        assert_eq!(reading.faults(), []);
        let manifest = self.get(reading.manifest_url().unwrap());
        let document = ManifestDocument::read(&manifest, &Limits::default()).unwrap();
        let view = document.device_view(None);
        let app = view.offered().next().unwrap();
        assert_eq!((app.title, app.bundle_version), (title, Some("456")));
        for kind in [AssetKind::DisplayImage, AssetKind::FullSizeImage] {
            assert!(self.get(app.asset(kind).unwrap().url).starts_with(b"\x89PNG"), "{kind}");
        }
        let url = app.asset(AssetKind::SoftwarePackage).unwrap().url;
        assert!(url.is_ascii() && !url.contains('%'), "{url}");
        let bytes = expected.build();
        let (status, headers, _) = self.send(reqwest::Method::HEAD, url);
        assert_eq!(
            (status.as_u16(), headers["content-length"].to_str().unwrap()),
            (200, bytes.len().to_string().as_str())
        );
        assert!(self.get(url) == bytes, "the package came through whole");
    }
}

/// The values of an attribute in a page that we wrote.
fn attributes(page: &str, name: &str) -> impl Iterator<Item = String> {
    let mark = format!(" {name}=\"");
    let values: Vec<_> =
        page.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    values.into_iter()
}

fn resolved(page_url: &str, address: &str) -> String {
    reqwest::Url::parse(page_url).unwrap().join(address).unwrap().into()
}

/// What is found of every package of these tests: it is signed below a root of their own.
const UNTRUSTED: &str = "warning PRF003 profile-untrusted";

/// The first lines of the findings.
fn findings(run: &Run) -> Vec<&str> {
    run.stderr.lines().filter(|line| line.starts_with("warning ") || line.starts_with("error ")).collect()
}

#[test]
fn one_package_is_walked_from_its_page_to_its_bytes() {
    let folder = Folder::new();
    let name = "R&D \"β\" <应用> 🚀";
    let app = package().display_name(name).devices(["00008110-001A2B3C4D5E6F78"]);
    let file = folder.package("My \"Notes\" & 🚀 'v2'.ipa", &app);
    let output = folder.path("www/x/y");
    let run =
        site(&[file], &output, &["--organisation", "Example & Co", "--notes", "Faster **search**", "--json"]);
    assert_eq!((run.code, findings(&run)), (0, vec![UNTRUSTED]), "{run:?}");
    assert_eq!(
        names(&output),
        [
            "My-Notes-v2.ipa",
            "airstair.css",
            "icon-512.png",
            "icon-57.png",
            "index.html",
            "manifest.plist",
            "mark.svg",
            "server-settings"
        ]
    );
    let answer = run.json();
    assert_eq!(answer["page_url"], "https://apps.example.com/x/y/");
    assert_eq!(answer["apps"][0]["page_url"], answer["page_url"]);

    let walk = Walk::new(&folder.path("www"));
    walk.install("https://apps.example.com/x/y/", &app, name);
    let page = walk.page("https://apps.example.com/x/y/index.html");
    for part in ["R&#38;D", "Example &#38; Co", "<strong>search</strong>", "1 registered device"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.contains(&attributes(&page, "href").find(|href| href.starts_with("itms")).unwrap()));
    assert!(!page.contains("<应用>"), "the name stays text");
    let manifest = walk.page("https://apps.example.com/x/y/manifest.plist");
    assert!(manifest.contains("<string>Example &amp; Co</string>"), "{manifest}");
}

#[test]
fn several_packages_get_a_list_and_a_page_each() {
    let folder = Folder::new();
    let apps = [
        ("Notes.ipa", package().display_name("Notes")),
        ("Notes beta.ipa", package().display_name("Notes!")),
        ("应用.ipa", package().display_name("应用")),
    ];
    let files: Vec<_> = apps.iter().map(|(name, app)| folder.package(name, app)).collect();
    let output = folder.path("www/x/y");
    let run = site(&files, &output, &[]);
    assert_eq!((run.code, findings(&run)), (0, vec![UNTRUSTED; 3]), "{run:?}");
    assert_eq!(
        names(&output),
        ["airstair.css", "app", "index.html", "mark.svg", "notes", "notes-2", "server-settings"]
    );
    let walk = Walk::new(&folder.path("www"));
    let list_url = "https://apps.example.com/x/y/";
    let list = walk.page(list_url);
    let pages: Vec<_> = attributes(&list, "href").filter(|href| href.ends_with("index.html")).collect();
    assert_eq!(pages, ["notes/index.html", "notes-2/index.html", "app/index.html"]);
    for (page, (_, app)) in pages.iter().zip(&apps) {
        let title = ["Notes", "Notes!", "应用"][pages.iter().position(|other| other == page).unwrap()];
        walk.install(&resolved(list_url, page), app, title);
    }
    for image in attributes(&list, "src") {
        walk.get(&resolved(list_url, &image));
    }
}

#[test]
fn a_build_that_expired_has_a_page_without_a_button() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package().expires_at(now() - time::Duration::days(3)));
    let output = folder.path("site");
    let run = site(&[file], &output, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("profile-expired"), "{run:?}");
    let page = std::fs::read_to_string(output.join("index.html")).unwrap();
    assert!(page.contains("can’t be installed") && !page.contains("itms-services:"), "{page}");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone_unless_forced() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package());
    let output = folder.path("site");
    std::fs::create_dir(&output).unwrap();
    assert_eq!(site(std::slice::from_ref(&file), &output, &[]).code, 0, "an empty folder is taken");

    std::fs::write(output.join("mine.txt"), "mine").unwrap();
    let refused = site(std::slice::from_ref(&file), &output, &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused:?}");
    assert!(refused.stderr.contains("--force"), "{refused:?}");
    assert!(output.join("mine.txt").exists());

    assert_eq!(site(std::slice::from_ref(&file), &output, &["--force"]).code, 0);
    assert!(!output.join("mine.txt").exists() && output.join("index.html").exists());
    assert_eq!(folder.names(), ["Notes.ipa", "site"], "nothing is left beside it");
}

#[test]
fn nothing_half_written_stays_when_a_package_is_none() {
    let folder = Folder::new();
    let good = folder.package("Notes.ipa", &package());
    let bad = folder.file("text.ipa", "hello");
    for (words, output, code) in [(&[][..], "site", 1), (&["--force"][..], "deep/er/site", 1)] {
        let run = site(&[good.clone(), bad.clone()], &folder.path(output), words);
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.stderr.contains("text.ipa") && run.stderr.contains("help:"), "{run:?}");
    }
    assert_eq!(folder.names(), ["Notes.ipa", "text.ipa"]);
    let file = folder.file("file", "");
    assert_eq!(site(std::slice::from_ref(&good), &file, &["--force"]).code, 2, "a file is no folder");
    let around = good.parent().unwrap();
    let run = site(std::slice::from_ref(&good), around, &["--force"]);
    assert_eq!(run.code, 2, "the folder of the package itself: {run:?}");
    assert!(good.exists());
}

#[test]
fn addresses_that_no_device_takes_are_refused() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package());
    let output = folder.path("site");
    for (base, expected) in [
        ("http://apps.example.com/", "only https"),
        ("apps.example.com", "not absolute"),
        ("https://apps.example.com/?a=1", "query"),
        ("https://apps.example.com/my apps/", "letters, digits"),
        ("https://apps.example.com/a;b/", "letters, digits"),
        ("https://me:secret@apps.example.com/", "no password"),
    ] {
        let words = ["site", file.to_str().unwrap(), "--base-url", base, "-o", output.to_str().unwrap()];
        let run = run(words);
        assert_eq!(run.code, 2, "{base}: {run:?}");
        assert!(run.stderr.contains(expected) && run.stderr.contains("help:"), "{base}: {run:?}");
    }
    assert_eq!(folder.names(), ["Notes.ipa"]);
}

#[cfg(unix)]
#[test]
fn a_web_server_may_read_all_of_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let other = folder.package("Other.ipa", &package().display_name("Other"));
    let output = folder.path("site");
    assert_eq!(site(&[file, other], &output, &[]).code, 0);
    let mut folders = vec![output];
    while let Some(folder) = folders.pop() {
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o755, "{}", folder.display());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(
                    path.metadata().unwrap().permissions().mode() & 0o777,
                    0o644,
                    "{}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_settings_for_web_servers_fit_the_address() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package());
    let output = folder.path("site");
    assert_eq!(site(&[file], &output, &[]).code, 0);
    let settings = output.join("server-settings");
    assert_eq!(names(&settings), ["Caddyfile", "apache.conf", "nginx.conf", "s3.sh"]);
    let place = output.canonicalize().unwrap();
    for name in names(&settings) {
        let text = std::fs::read_to_string(settings.join(&name)).unwrap();
        let text = text.replace(place.to_str().unwrap(), "[site]");
        insta::assert_snapshot!(format!("settings_{name}"), text);
    }
}
