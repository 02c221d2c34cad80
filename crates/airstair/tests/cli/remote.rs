//! Packages at web addresses, read by ranges from a real server.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use testkit::zip::{Content, Entry};
use tokio::runtime::Runtime;
use tower_http::services::ServeDir;

use crate::airstair::{Folder, package, run};

/// A server in this process, for as long as it is held.
pub(crate) struct Server {
    pub(crate) address: String,
    _runtime: Runtime,
}

impl Server {
    pub(crate) fn start(router: Router) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, _runtime: runtime }
    }

    /// A plain server of files, as people have them.
    pub(crate) fn of_files(folder: &Path) -> Self {
        Self::start(Router::new().fallback_service(ServeDir::new(folder)))
    }
}

#[derive(Default)]
struct Served {
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// Serves ranges of a file, and counts them.
fn counting(path: &Path, served: &Arc<Served>) -> Router {
    let (path, served) = (path.to_owned(), Arc::clone(served));
    let answer = move |request: Request| {
        let (path, served) = (path.clone(), Arc::clone(&served));
        async move {
            let file = File::open(path).unwrap();
            let total = file.metadata().unwrap().len();
            let range = request.headers()[header::RANGE].to_str().unwrap();
            let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
            let mut part = vec![0; usize::try_from(last - first + 1).unwrap()];
            file.read_exact_at(&mut part, first).unwrap();
            served.requests.fetch_add(1, Ordering::Relaxed);
            served.bytes.fetch_add(part.len() as u64, Ordering::Relaxed);
            Response::builder()
                .status(StatusCode::PARTIAL_CONTENT)
                .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{total}"))
                .body(Body::from(part))
                .unwrap()
        }
    };
    Router::new().route("/Notes.ipa", get(answer))
}

#[test]
fn a_big_package_is_read_in_few_requests_and_a_hundredth_of_its_bytes() {
    let initials: Vec<char> = ('A'..='Z').chain('a'..='z').collect();
    let textures = (0..1500).map(|number| {
        let name = format!("Payload/Notes.app/{}-texture-{number:04}.bin", initials[number % initials.len()]);
        Entry::file(name, Content::Zeros(216_000)).stored()
    });
    // The app's own files lie scattered among the others, as in real packages.
    let mut archive = package().extension("widget").framework("core").archive().entries(textures);
    archive.entries_mut().sort_by(|one, other| one.name().cmp(other.name()));
    let folder = Folder::new();
    let path = folder.path("Notes.ipa");
    archive.write_to(std::io::BufWriter::new(File::create(&path).unwrap())).unwrap();
    let size = path.metadata().unwrap().len();
    assert!(size > 300 << 20);

    let counts = Arc::new(Served::default());
    let server = Server::start(counting(&path, &counts));
    let answer = run(["inspect", &format!("{}/Notes.ipa", server.address), "--json"]);
    let (requests, bytes) = (counts.requests.load(Ordering::Relaxed), counts.bytes.load(Ordering::Relaxed));
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(requests <= 10, "{requests} requests");
    assert!(bytes <= size / 100, "{bytes} bytes of {size}");
    let json = answer.json();
    assert_eq!(json["traffic"]["requests"], requests);
    assert_eq!(json["traffic"]["bytes"], bytes);
    assert_eq!(json["package"]["app"]["bundle_id"], "com.example.notes");
    assert_eq!(json["package"]["icon"]["source"], "file");
    assert!(answer.stderr.contains(&format!("in {requests} requests")), "{answer:?}");
}

#[test]
fn a_remote_package_is_described_as_the_same_file_is() {
    let folder = Folder::new();
    let file = folder.package("My Notes.ipa", &package().extension("widget"));
    let server = Server::of_files(file.parent().unwrap());
    let remote = run(["inspect", &format!("{}/My%20Notes.ipa", server.address)]);
    let local = run(["inspect", file.to_str().unwrap()]);
    // Names in other languages cost a request each, and are left out.
    let without_names = |text: &str| {
        text.split("  Names ")
            .map(|part| part.split_once("  Executable").map_or(part, |(_, rest)| rest).to_owned())
            .collect::<String>()
    };
    // So is what only the whole of a package tells, which is said.
    let (described, skipped) = remote.stdout.rsplit_once("\n\n").unwrap();
    assert!(skipped.ends_with("skipped, since what they need was not measured\n"), "{skipped}");
    let described = format!("{described}\n");
    // That code is signed below the tests' own root is told by the signature, at the end of an executable.
    let (before, signed) = local.stdout.split_once("warning SIG011").unwrap();
    let (_, after) = signed.split_once("warning PRF003").unwrap();
    let local_outline = format!("{before}warning PRF003{after}");
    assert_eq!((remote.code, without_names(&described)), (local.code, without_names(&local_outline)));
    assert!(remote.stderr.starts_with("read "), "{}", remote.stderr);
}

#[test]
fn what_keeps_a_remote_package_from_being_read_is_told() {
    let router = Router::new()
        .route("/whole.ipa", get(|| async { "PK" }))
        .route("/secret.ipa", get(|| async { StatusCode::UNAUTHORIZED }))
        .route("/page.ipa", get(|| async { axum::response::Html("<p>Log in") }))
        .route(
            "/brief.ipa",
            get(|| async {
                (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, "bytes 0-0/100")], "PK")
                    .into_response()
            }),
        );
    let server = Server::start(router);
    for (path, expected, help) in [
        ("/whole.ipa", "ignores ranges", "download the package"),
        ("/secret.ipa", "answered 401", "asks who you are"),
        ("/absent.ipa", "answered 404", "check the address"),
        ("/page.ipa", "ignores ranges", "download the package"),
        ("/brief.ipa", "sent 2 bytes for a range of 1 bytes", "try again"),
    ] {
        let run = run(["inspect", &format!("{}{path}?token=hidden", server.address)]);
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{path}: {run:?}");
        assert!(run.stderr.contains(expected) && run.stderr.contains(help), "{path}: {run:?}");
        assert!(!run.stderr.contains("hidden"), "{path}: {run:?}");
    }
    let gone = server.address.clone();
    drop(server);
    let run = run(["inspect", &format!("{gone}/whole.ipa")]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(
        run.stderr.contains("nobody listens there") && run.stderr.contains("help: check the port"),
        "{run:?}"
    );
}

#[test]
fn a_server_that_fails_in_the_middle_leaves_no_half_an_answer() {
    let folder = Folder::new();
    let path = folder
        .package("Notes.ipa", &package().file("filler.bin", Content::Noise { bytes: 1 << 20, seed: 1 }));
    // Whichever request is the last that is answered: what was read before must not pass for all there is.
    let whole = Arc::new(Served::default());
    let server = Server::start(counting(&path, &whole));
    assert_eq!(run(["inspect", &format!("{}/Notes.ipa", server.address)]).code, 0);
    let requests = whole.requests.load(Ordering::Relaxed);
    assert!(requests > 2, "{requests} requests");
    for answered in 0..requests {
        let left = Arc::new(AtomicU64::new(answered));
        let count = move |request: Request, next: axum::middleware::Next| {
            let left = Arc::clone(&left);
            async move {
                let has_left =
                    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                if has_left.is_err() {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
                next.run(request).await
            }
        };
        let router = counting(&path, &Arc::new(Served::default())).layer(axum::middleware::from_fn(count));
        let server = Server::start(router);
        let run = run(["inspect", &format!("{}/Notes.ipa", server.address)]);
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "after {answered}: {run:?}");
        assert!(run.stderr.contains("503") && run.stderr.contains("help:"), "after {answered}: {run:?}");
    }
}

#[test]
fn addresses_and_certificates_that_make_no_sense_are_refused() {
    let folder = Folder::new();
    let no_ca = folder.file("ca.pem", "hello");
    for (words, code, expected) in [
        (vec!["inspect", "itms-services://?action=download-manifest"], 2, "link --decode"),
        (vec!["inspect", "ftp://h.example/a.ipa"], 2, "https://"),
        (vec!["inspect", "https://"], 2, "https://"),
        (vec!["inspect", "https://h.example/a.ipa", "--ca", no_ca.to_str().unwrap()], 3, "PEM"),
        (vec!["inspect", "https://h.example/a.ipa", "--ca", "absent.pem"], 3, "absent.pem"),
    ] {
        let run = run(&words);
        assert_eq!(run.code, code, "{words:?}: {run:?}");
        assert!(run.stderr.contains(expected) && run.stderr.contains("help:"), "{words:?}: {run:?}");
    }
}
