use ip_reach::CLOSED_NETWORKS;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use rustls_pki_types::ServerName;
use time::{Duration, UtcDateTime};

use super::{common_name, folder::Kept, host, offset};

/// Life of root and intermediate. The intermediate cannot be made again without the root's key.
const CA_LIFE: Duration = Duration::days(3650);

/// How far back they begin: further than the certificates under them.
const CA_BACKDATED: Duration = Duration::days(2);

/// Names every CA may sign for: multicast DNS, and this machine for trying things out.
const EVERYWHERE: [&str; 2] = ["local", "localhost"];

/// Longest common name (RFC 5280, `ub-common-name`).
const COMMON_NAME_CHARS: usize = 64;

/// Makes a root and an intermediate bound to `names`. The root's private key ends here.
pub(super) fn authority(names: &[ServerName<'_>], now: UtcDateTime) -> Result<Kept, rcgen::Error> {
    let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut root_params = authority_params(1);
    root_params.distinguished_name = common_name(&root_name(names));
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = intermediate_params();
    params.name_constraints = Some(constraints(names));
    for params in [&mut root_params, &mut params] {
        params.not_before = offset(now.saturating_sub(CA_BACKDATED));
        params.not_after = offset(now.saturating_add(CA_LIFE));
    }
    let root = root_params.self_signed(&root_key)?;
    let intermediate = params.signed_by(&key, &Issuer::from_params(&root_params, &root_key))?;
    Ok(Kept {
        root_pem: root.pem(),
        intermediate_pem: format!("{}{}", intermediate.pem(), key.serialize_pem()),
    })
}

/// What is the same in every intermediate. The name is what certificates name as their issuer, and intermediates that
/// are kept bear it: it cannot change.
pub(super) fn intermediate_params() -> CertificateParams {
    let mut params = authority_params(0);
    params.distinguished_name = common_name("Airstair local CA, intermediate");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
}

fn authority_params(below: u8) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// The name people look for in the phone's list of roots: it tells the roots of two servers apart.
fn root_name(names: &[ServerName<'_>]) -> String {
    let server = names.first().map(host).unwrap_or_default();
    format!("Airstair: {server}").chars().take(COMMON_NAME_CHARS).collect()
}

fn constraints(names: &[ServerName<'_>]) -> NameConstraints {
    let closed = CLOSED_NETWORKS.iter().map(|network| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network.first, network.prefix))
    });
    let everywhere = EVERYWHERE.into_iter().map(|name| GeneralSubtree::DnsName(name.to_owned()));
    NameConstraints {
        permitted_subtrees: names.iter().map(subtree).chain(everywhere).chain(closed).collect(),
        excluded_subtrees: Vec::new(),
    }
}

fn subtree(name: &ServerName<'_>) -> GeneralSubtree {
    match name {
        ServerName::IpAddress(address) => {
            let address = std::net::IpAddr::from(*address);
            let bits = if address.is_ipv4() { 32 } else { 128 };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits))
        }
        other => GeneralSubtree::DnsName(host(other)),
    }
}
