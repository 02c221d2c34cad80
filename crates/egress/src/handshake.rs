use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, Error as TlsError, PeerIncompatible,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Handshake, HandshakeError};

/// Speaks TLS with whoever answers, and keeps what it sends of itself.
pub(crate) async fn shake_hands(
    stream: TcpStream,
    name: &str,
    provider: &Arc<CryptoProvider>,
    limit: Duration,
) -> Result<(TlsStream<TcpStream>, Handshake), HandshakeError> {
    let server =
        ServerName::try_from(name.to_owned()).map_err(|_| HandshakeError::Name { name: name.to_owned() })?;
    let recorder = Arc::new(Recorder { seen: Mutex::default(), provider: Arc::clone(provider) });
    let config = config(&recorder).map_err(|error| reason(&error))?;
    let begun = Instant::now();
    let shaken = timeout(limit, TlsConnector::from(Arc::new(config)).connect(server, stream)).await;
    let Seen { chain, stapled, asks_for_certificate } = recorder.take();
    let stream = match shaken {
        Ok(Ok(stream)) => stream,
        // What is said after the certificate is no word on suites any more.
        Ok(Err(_)) if asks_for_certificate => return Err(HandshakeError::CertificateWanted),
        Ok(Err(error)) => return Err(io_reason(&error)),
        Err(_) => return Err(HandshakeError::Silent { after: limit }),
    };
    let connection = stream.get_ref().1;
    let spoken = connection.protocol_version().zip(connection.negotiated_cipher_suite());
    let Some((version, suite)) = spoken else {
        return Err(HandshakeError::NotTls);
    };
    let (suite, after) = (suite.suite(), begun.elapsed());
    let handshake = Handshake { version, suite, chain, stapled, asks_for_certificate, after };
    Ok((stream, handshake))
}

fn config(recorder: &Arc<Recorder>) -> Result<ClientConfig, TlsError> {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&recorder.provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(recorder) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(recorder) as Arc<dyn ResolvesClientCert>);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A resumed session shows no certificate.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Accepts every certificate, and keeps it.
#[derive(Debug)]
struct Recorder {
    seen: Mutex<Seen>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug, Default)]
struct Seen {
    chain: Vec<CertificateDer<'static>>,
    stapled: Vec<u8>,
    asks_for_certificate: bool,
}

impl Recorder {
    fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        let chain = chain.map(|certificate| certificate.clone().into_owned()).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.chain, seen.stapled) = (chain, ocsp_response.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// Those of devices, and older ones: a server with a weak key is to show it.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.provider.signature_verification_algorithms.supported_schemes();
        schemes.extend([
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1_Legacy,
        ]);
        schemes
    }
}

/// Has no certificate, and notes that one is asked for.
impl ResolvesClientCert for Recorder {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).asks_for_certificate = true;
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

fn io_reason(error: &io::Error) -> HandshakeError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    match (tls, error.kind()) {
        (Some(tls), _) => reason(tls),
        (
            None,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe,
        ) => HandshakeError::Dropped,
        (None, _) => HandshakeError::Other { reason: error.to_string() },
    }
}

fn reason(error: &TlsError) -> HandshakeError {
    let other = |reason: &str| HandshakeError::Other { reason: reason.to_owned() };
    match error {
        TlsError::InvalidMessage(_) => HandshakeError::NotTls,
        TlsError::AlertReceived(AlertDescription::ProtocolVersion)
        | TlsError::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13,
        ) => HandshakeError::OldVersion,
        TlsError::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
        )
        | TlsError::PeerIncompatible(
            PeerIncompatible::NoCipherSuitesInCommon | PeerIncompatible::NoKxGroupsInCommon,
        ) => HandshakeError::NoCommonSuite,
        TlsError::AlertReceived(AlertDescription::UnrecognisedName) => {
            other("the server knows no such name (alert unrecognized_name)")
        }
        TlsError::AlertReceived(AlertDescription::CertificateRequired) => HandshakeError::CertificateWanted,
        error => other(&error.to_string()),
    }
}
