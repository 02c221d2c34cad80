//! The local CA: what it signs, what it cannot sign, and what its folder holds through crashes and changes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ip_reach::CLOSED_NETWORKS;
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair};
use rustls::{RootCertStore, client::WebPkiServerVerifier, client::danger::ServerCertVerifier, crypto::ring};
use rustls_pki_types::{CertificateDer, UnixTime, pem::PemObject as _};
use tempfile::TempDir;
use time::{Duration, UtcDateTime, UtcOffset, macros::utc_datetime};
use tls::{Identity, LocalCa, ServerName, TlsError};

const NOW: UtcDateTime = utc_datetime!(2026-11-21 12:00);

fn names(texts: &[&str]) -> Vec<ServerName<'static>> {
    texts.iter().map(|text| ServerName::try_from((*text).to_owned()).unwrap()).collect()
}

fn open(folder: &Path, texts: &[&str]) -> Result<LocalCa, TlsError> {
    LocalCa::open(folder, &names(texts), NOW)
}

/// Whether a client that trusts the root takes this chain for this name: rustls with webpki, as its own judge.
fn client_accepts(
    root_der: &[u8],
    chain: &[CertificateDer<'_>],
    name: &str,
    now: UtcDateTime,
) -> Result<(), rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(root_der.to_vec().into()).unwrap();
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()))
            .build()
            .unwrap();
    let seconds = u64::try_from(now.unix_timestamp()).unwrap();
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    verifier.verify_server_cert(&chain[0], &chain[1..], &names(&[name])[0], &[], now).map(drop)
}

/// What somebody signs who stole the folder.
fn forge(folder: &Path, params: &CertificateParams) -> Vec<CertificateDer<'static>> {
    let text = fs::read_to_string(folder.join("intermediate.pem")).unwrap();
    let intermediate = CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = common_name("Airstair local CA, intermediate");
    let issuer =
        Issuer::new(issuer, KeyPair::from_pem(&text[text.find("-----BEGIN PRIVATE").unwrap()..]).unwrap());
    let own = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    vec![own.der().clone(), intermediate]
}

fn forged_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name = common_name("forged");
    params.not_before = (NOW - Duration::days(1)).to_offset(UtcOffset::UTC);
    params.not_after = (NOW + Duration::days(30)).to_offset(UtcOffset::UTC);
    params
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

/// Runs `openssl`, or says loudly that it is not there. The answer is its output, errors included.
fn openssl(arguments: &[&str]) -> Option<Result<String, String>> {
    let Ok(output) = Command::new("openssl").args(arguments).output() else {
        eprintln!("SKIPPED: there is no openssl on this machine");
        return None;
    };
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Some(if output.status.success() { Ok(text) } else { Err(text) })
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Asks `openssl verify` about a chain under a root, for one host name or address.
fn openssl_verify(
    root_pem: &str,
    chain: &[CertificateDer<'_>],
    name: &str,
) -> Option<Result<String, String>> {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let root = file("root.pem", root_pem);
    let untrusted = file("untrusted.pem", &pem(&chain[1]));
    let own = file("own.pem", &pem(&chain[0]));
    let moment = NOW.unix_timestamp().to_string();
    let asked = if name.parse::<IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" };
    openssl(&[
        "verify",
        "-x509_strict",
        "-no-CApath",
        "-attime",
        &moment,
        "-purpose",
        "sslserver",
        "-CAfile",
        &root,
        "-untrusted",
        &untrusted,
        asked,
        name,
        &own,
    ])
}

fn openssl_text(der: &[u8]) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("certificate.pem");
    fs::write(&path, pem(der)).unwrap();
    openssl(&["x509", "-noout", "-text", "-in", path.to_str().unwrap()]).map(Result::unwrap)
}

#[test]
fn clients_that_trust_the_root_take_its_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = ["builds.example.com", "Mac-Mini.local", "192.168.1.20", "fd00::20", "localhost"];
    let ca = open(folder.path(), &wanted).unwrap();
    let identity = ca.issue(&names(&wanted), NOW).unwrap();
    for name in wanted {
        client_accepts(ca.root_der(), identity.chain(), name, NOW)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Some(Err(text)) = openssl_verify(ca.root_pem(), identity.chain(), name) {
            panic!("{name}: {text}");
        }
    }
    let other = client_accepts(ca.root_der(), identity.chain(), "other.local", NOW);
    assert!(other.is_err(), "a name that is not in the certificate is refused");
}

#[test]
fn certificates_keep_the_rules_for_phones() {
    let folder = tempfile::tempdir().unwrap();
    let ca = open(folder.path(), &["builds.local"]).unwrap();
    let identity = ca.issue(&names(&["builds.local", "10.0.0.7"]), NOW).unwrap();
    let life = identity.not_after() - identity.not_before();
    assert!(life <= Duration::days(398), "{life}");
    assert!(
        identity.not_before() <= NOW - Duration::hours(12),
        "phones with slow clocks: {}",
        identity.not_before()
    );
    assert_eq!(identity.chain().len(), 2, "the certificate and its intermediate");

    let Some(own) = openssl_text(&identity.chain()[0]) else { return };
    for expected in [
        "Signature Algorithm: ecdsa-with-SHA256",
        "NIST CURVE: P-256",
        "DNS:builds.local, IP Address:10.0.0.7",
        "TLS Web Server Authentication",
        "X509v3 Authority Key Identifier",
    ] {
        assert!(own.contains(expected), "{expected} is not in {own}");
    }
    let intermediate = openssl_text(&identity.chain()[1]).unwrap();
    for expected in [
        "X509v3 Name Constraints: critical",
        "CA:TRUE, pathlen:0",
        "DNS:builds.local",
        "DNS:local",
        "DNS:localhost",
        "IP:10.0.0.0/255.0.0.0",
        "IP:127.0.0.0/255.0.0.0",
        "IP:FE80:",
    ] {
        assert!(intermediate.contains(expected), "{expected} is not in {intermediate}");
    }
    let root = openssl_text(ca.root_der()).unwrap();
    for expected in ["CA:TRUE, pathlen:1", "Airstair: builds.local", "Certificate Sign, CRL Sign"] {
        assert!(root.contains(expected), "{expected} is not in {root}");
    }
}

#[test]
fn a_thief_of_the_folder_cannot_pose_as_anyone_else() {
    let folder = tempfile::tempdir().unwrap();
    let ca = open(folder.path(), &["builds.example.com"]).unwrap();
    for (name, expected) in [
        ("builds.example.com", true),
        ("under.builds.example.com", true),
        ("anything.local", true),
        ("172.31.255.255", true),
        ("example.com", false),
        ("evil-builds.example.com", false),
        ("builds.example.com.evil.org", false),
        ("www.apple.com", false),
        ("notlocal", false),
        ("8.8.8.8", false),
        ("172.32.0.0", false),
        ("2001:db8::1", false),
    ] {
        let chain = forge(folder.path(), &forged_params(name));
        assert_eq!(client_accepts(ca.root_der(), &chain, name, NOW).is_ok(), expected, "webpki: {name}");
        if let Some(verdict) = openssl_verify(ca.root_pem(), &chain, name) {
            let text = verdict.as_ref().unwrap_or_else(|text| text);
            // A forgery that openssl refuses for another reason would prove nothing.
            assert_eq!(text.contains("permitted subtree violation"), !expected, "openssl: {name}: {text}");
        }
    }
}

#[test]
fn a_thief_of_the_folder_cannot_make_another_authority() {
    let folder = tempfile::tempdir().unwrap();
    let ca = open(folder.path(), &["builds.local"]).unwrap();
    let mut params = forged_params("second.local");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let second_key = KeyPair::generate().unwrap();
    let text = fs::read_to_string(folder.path().join("intermediate.pem")).unwrap();
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = common_name("Airstair local CA, intermediate");
    let issuer =
        Issuer::new(issuer, KeyPair::from_pem(&text[text.find("-----BEGIN PRIVATE").unwrap()..]).unwrap());
    let second = params.signed_by(&second_key, &issuer).unwrap();
    let own = forged_params("builds.local")
        .signed_by(&KeyPair::generate().unwrap(), &Issuer::from_params(&params, &second_key))
        .unwrap();
    let intermediate = CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
    let chain = [own.der().clone(), second.der().clone(), intermediate];
    assert!(client_accepts(ca.root_der(), &chain, "builds.local", NOW).is_err());
}

#[test]
fn a_ca_is_kept_across_runs() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), &["builds.local"]).unwrap();
    let again = LocalCa::open(folder.path(), &names(&["builds.local"]), NOW + Duration::days(400)).unwrap();
    assert_eq!(again.fingerprint(), first.fingerprint());
    assert_eq!(again.config_profile(), first.config_profile());
    let later = NOW + Duration::days(400);
    let identity = again.issue(&names(&["builds.local"]), later).unwrap();
    client_accepts(first.root_der(), identity.chain(), "builds.local", later).unwrap();
}

#[test]
fn the_folder_holds_one_private_key_and_it_is_not_the_roots() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("tls");
    let ca = open(&folder, &["builds.local"]).unwrap();
    let mut found: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    found.sort();
    assert_eq!(found, ["intermediate.pem", "root.pem"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("intermediate.pem")), 0o600);
    assert_eq!(mode(&folder.join("root.pem")), 0o644);

    let root = fs::read_to_string(folder.join("root.pem")).unwrap();
    assert_eq!(root, ca.root_pem());
    assert!(!root.contains("PRIVATE"));
    let intermediate = fs::read_to_string(folder.join("intermediate.pem")).unwrap();
    assert_eq!(intermediate.matches("BEGIN PRIVATE KEY").count(), 1);
    let key = KeyPair::from_pem(&intermediate[intermediate.find("-----BEGIN PRIVATE").unwrap()..]).unwrap();
    let holds = |der: &[u8]| der.windows(65).any(|part| part == key.public_key_raw());
    assert!(
        holds(&CertificateDer::from_pem_slice(intermediate.as_bytes()).unwrap()),
        "it is the intermediate's"
    );
    assert!(!holds(ca.root_der()), "it is not the root's");
}

#[test]
fn names_the_ca_was_not_made_for_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), &["builds.example.com"]).unwrap();
    open(folder.path(), &["beta.builds.example.com", "mini.local", "10.1.2.3"]).unwrap();
    let error = open(folder.path(), &["builds.example.com", "apps.example.com", "mini.local", "9.9.9.9"])
        .unwrap_err();
    match &error {
        TlsError::NotPermitted { names, .. } => assert_eq!(*names, ["apps.example.com", "9.9.9.9"]),
        other => panic!("{other:?}"),
    }
    assert!(
        error.to_string().contains("was not made for apps.example.com, 9.9.9.9: go back to the old names"),
        "{error}"
    );

    let new = LocalCa::replace(folder.path(), &names(&["apps.example.com", "9.9.9.9"]), NOW).unwrap();
    assert_ne!(new.fingerprint(), first.fingerprint());
    let kept = open(folder.path(), &["apps.example.com", "9.9.9.9"]).unwrap();
    assert_eq!(kept.fingerprint(), new.fingerprint());
}

#[test]
fn a_ca_needs_a_name() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(open(folder.path(), &[]), Err(TlsError::NoName)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");
    let ca = open(folder.path(), &["builds.local"]).unwrap();
    assert!(matches!(ca.issue(&[], NOW), Err(TlsError::NoName)));
}

#[test]
fn a_dot_at_the_end_of_a_name_is_no_part_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let ca = open(folder.path(), &["Builds.Example.com."]).unwrap();
    let identity = ca.issue(&names(&["Builds.Example.com."]), NOW).unwrap();
    client_accepts(ca.root_der(), identity.chain(), "builds.example.com", NOW).unwrap();
}

#[test]
fn long_names_fit() {
    let folder = tempfile::tempdir().unwrap();
    let long = [&"a".repeat(63), "b", &"c".repeat(63), "example.com"].join(".");
    let ca = open(folder.path(), &[&long]).unwrap();
    let identity = ca.issue(&names(&[&long]), NOW).unwrap();
    client_accepts(ca.root_der(), identity.chain(), &long, NOW).unwrap();
}

#[test]
fn a_crash_leaves_a_whole_ca_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    let intermediate = folder.path().join("intermediate.pem");
    // Killed before the root was in place: nobody has seen it, so a new one is made.
    fs::write(&intermediate, "half of a fi").unwrap();
    fs::write(folder.path().join("intermediate.pem.new"), "left behind, for all to read").unwrap();
    let ca = open(folder.path(), &["builds.local"]).unwrap();
    assert_eq!(fs::metadata(&intermediate).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(open(folder.path(), &["builds.local"]).unwrap().fingerprint(), ca.fingerprint());

    // What no crash does: files that do not belong together are never overwritten.
    let whole = fs::read(&intermediate).unwrap();
    let other = tempfile::tempdir().unwrap();
    open(other.path(), &["builds.local"]).unwrap();
    let stranger = fs::read(other.path().join("intermediate.pem")).unwrap();
    for (content, expected) in [
        (None, "there is root.pem but no intermediate.pem"),
        (Some(&b""[..]), "intermediate.pem holds no certificate"),
        (Some(&whole[..whole.len() / 2]), "intermediate.pem holds no"),
        (Some(&stranger[..]), "its chain does not hold"),
    ] {
        match content {
            Some(content) => fs::write(&intermediate, content).unwrap(),
            None => fs::remove_file(&intermediate).unwrap(),
        }
        let error = open(folder.path(), &["builds.local"]).unwrap_err();
        assert!(matches!(error, TlsError::Damaged { .. }) && error.to_string().contains(expected), "{error}");
        assert_eq!(fs::read_to_string(&root).unwrap(), ca.root_pem(), "{expected}: the root stays");
    }
    fs::write(&intermediate, whole).unwrap();
    open(folder.path(), &["builds.local"]).unwrap();
}

#[test]
fn two_processes_at_once_make_one_ca() {
    let folder = tempfile::tempdir().unwrap();
    let fingerprints: Vec<_> = std::thread::scope(|scope| {
        let open_one = || open(folder.path(), &["builds.local"]).unwrap().fingerprint();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(open_one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(fingerprints.iter().all(|fingerprint| *fingerprint == fingerprints[0]));
}

#[test]
fn a_wrong_clock_and_an_old_ca_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let ca = open(folder.path(), &["builds.local"]).unwrap();
    for (now, valid) in [
        (UtcDateTime::UNIX_EPOCH, false),
        (NOW - Duration::days(3), false),
        (NOW - Duration::days(1), true),
        (ca.not_after() - Duration::days(1), true),
        (ca.not_after() + Duration::seconds(1), false),
    ] {
        match ca.issue(&names(&["builds.local"]), now) {
            Ok(identity) => {
                assert!(valid, "{now}");
                assert!(identity.not_after() <= ca.not_after(), "{now}: no longer than the CA");
                client_accepts(ca.root_der(), identity.chain(), "builds.local", now).unwrap();
            }
            Err(TlsError::OutsideValidity { .. }) => assert!(!valid, "{now}"),
            Err(other) => panic!("{now}: {other}"),
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("file/tls");
    fs::write(dir.path().join("file"), "in the way").unwrap();
    let error = open(&folder, &["builds.local"]).unwrap_err();
    assert!(matches!(&error, TlsError::Write { path, .. } if *path == folder), "{error}");
}

#[test]
fn private_keys_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let ca = open(folder.path(), &["builds.local"]).unwrap();
    let identity: Identity = ca.issue(&names(&["builds.local"]), NOW).unwrap();
    let text = fs::read_to_string(folder.path().join("intermediate.pem")).unwrap();
    let key = KeyPair::from_pem(&text[text.find("-----BEGIN PRIVATE").unwrap()..]).unwrap();
    let bytes = format!("{:?}", key.serialized_der());
    for printed in [format!("{ca:?}"), format!("{identity:?}")] {
        assert!(!printed.contains(bytes.trim_matches(['[', ']'])), "{printed}");
        assert!(printed.len() < 20_000);
    }
}

/// One CA for all cases: it is made for no address.
fn shared() -> &'static (TempDir, LocalCa) {
    static SHARED: std::sync::OnceLock<(TempDir, LocalCa)> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let ca = open(folder.path(), &["builds.example.com"]).unwrap();
        (folder, ca)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_the_addresses_of_closed_networks_can_be_signed_for(
        address in prop_oneof![
            any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
            any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
            (any::<u16>(), prop_oneof![Just([10, 0]), Just([192, 168]), Just([172, 31]), Just([100, 127]), Just([169, 254])])
                .prop_map(|(low, [a, b])| IpAddr::V4(Ipv4Addr::new(a, b, low.to_be_bytes()[0], low.to_be_bytes()[1]))),
            any::<u64>().prop_map(|low| IpAddr::V6(Ipv6Addr::from_bits(0xfd00 << 112 | u128::from(low)))),
        ]
    ) {
        let issued = shared().1.issue(&[ServerName::from(address)], NOW);
        let is_closed = CLOSED_NETWORKS.iter().any(|network| network.contains(address));
        prop_assert_eq!(issued.is_ok(), is_closed, "{}", address);
    }
}

#[test]
fn any_moment_gets_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let ca = open(folder.path(), &["builds.local"]).unwrap();
    for now in [UtcDateTime::MIN, UtcDateTime::UNIX_EPOCH - Duration::seconds(1), UtcDateTime::MAX] {
        assert!(
            matches!(ca.issue(&names(&["builds.local"]), now), Err(TlsError::OutsideValidity { .. })),
            "{now}"
        );
        assert!(LocalCa::open(folder.path(), &names(&["builds.local"]), now).is_err(), "{now}");
    }
}

#[test]
fn no_ca_is_made_before_the_clock_is_set() {
    let folder = tempfile::tempdir().unwrap();
    for now in [UtcDateTime::MIN, UtcDateTime::UNIX_EPOCH, utc_datetime!(2025-12-31 23:59:59)] {
        let error = LocalCa::open(folder.path(), &names(&["builds.local"]), now).unwrap_err();
        assert!(matches!(error, TlsError::ClockNotSet { .. }), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");
    LocalCa::open(folder.path(), &names(&["builds.local"]), utc_datetime!(2026-01-01 0:00)).unwrap();
}
