//! Issuers that people meet without having meant to, known by their names.

use signed_data::{Certificate, Name};

/// What stands in the names of an issuer or of a certificate, in lower case, and what to do about it.
const KNOWN: [(&[&str], &str); 9] = [
    (
        &["(staging)"],
        "get the certificate from Let's Encrypt's real service: this one is from the one for trials",
    ),
    (
        &["cloudflare origin"],
        "switch on Cloudflare's proxy for this name, or use a public certificate: an origin certificate is for Cloudflare alone",
    ),
    (
        &["kubernetes ingress controller fake certificate"],
        "give the ingress a certificate for this name: the controller answers with its own where it has none",
    ),
    (
        &["traefik default cert"],
        "give the router a certificate for this name: Traefik answers with its own where it has none",
    ),
    (
        &["caddy local authority"],
        "let Caddy get a public certificate: the site's address must be a public name, without `tls internal`",
    ),
    (
        &["mkcert"],
        "install mkcert's root on each device and switch on trust for it, or use a public certificate; `mkcert -CAROOT` tells where it is",
    ),
    (
        &["mitmproxy", "charles proxy", "portswigger", "do_not_trust_fiddler", "proxyman"],
        "switch off the proxy that looks into this computer's connections, and look again",
    ),
    (
        &[
            "zscaler",
            "netskope",
            "fortinet",
            "fortigate",
            "blue coat",
            "bluecoat",
            "cisco umbrella",
            "sophos ssl",
        ],
        "look again from another network: this one looks into connections, and devices elsewhere get another certificate",
    ),
    (
        &["avast", "avg web/mail shield", "kaspersky", "eset ssl filter", "bitdefender", "norton web"],
        "switch off the virus scanner's look into connections on this computer, and look again",
    ),
];

/// What to do about a certificate that has a known issuer above it, or is such a one.
pub(super) fn advice(certificate: &Certificate) -> Option<&'static str> {
    [certificate.subject(), certificate.issuer()].into_iter().find_map(advice_on)
}

/// What to do about what a known issuer issued.
pub(super) fn advice_on(name: &Name) -> Option<&'static str> {
    let texts: Vec<_> = name.attributes().iter().map(|part| part.text.to_lowercase()).collect();
    let is_in = |marks: &[&str]| texts.iter().any(|text| marks.iter().any(|mark| text.contains(mark)));
    KNOWN.iter().find(|(marks, _)| is_in(marks)).map(|(_, advice)| *advice)
}
