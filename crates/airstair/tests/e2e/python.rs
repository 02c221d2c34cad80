//! A client that shares no code with us: Python's own HTTP, TLS and property lists.

use std::process::Command;

use e2e::Protocol;

use crate::bench::{Bench, package};

const SCRIPT: &str = r#"
import hashlib, plistlib, ssl, sys, urllib.request
root, manifest_url = sys.argv[1:]
context = ssl.create_default_context(cafile=root)
agent = "com.apple.appstored/1.0 iOS/18.0 model/iPhone14,5 hwp/t8110 build/22A3354 (6; dt:282) AMS/1"
def fetch(url):
    request = urllib.request.Request(url, headers={"User-Agent": agent})
    with urllib.request.urlopen(request, context=context) as answer:
        return answer.read()
item, = plistlib.loads(fetch(manifest_url))["items"]
assert item["metadata"]["kind"] == "software", item
url, = [asset["url"] for asset in item["assets"] if asset["kind"] == "software-package"]
print(item["metadata"]["bundle-identifier"], hashlib.sha256(fetch(url)).hexdigest())
"#;

#[tokio::test(flavor = "multi_thread")]
async fn pythons_own_libraries_read_the_manifest_and_fetch_the_package() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: there is no python3 here, so no client of another make was tried");
        return;
    }
    let bench = Bench::start();
    let published = bench.publish(&package(1, 700_000).build());
    let page = bench.device(Protocol::Http2).open_page(&published.page_url).await.expect("a page");
    let manifest_url = page.manifest_url().expect("a button");
    let root = bench.folder.root_path();
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(root).arg(&manifest_url).output();
    let output = output.expect("python3 was there a moment ago");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        said.trim(),
        format!("com.example.notes {}", published.sha256),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    bench.end();
}
