//! TLS 1.3 with a certificate made at start, until the node has a CA.

use std::sync::Arc;

use aws_lc_rs::digest;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::WebError;

/// Makes a self-signed certificate and the configuration that shows it: TLS 1.3 only,
/// X25519MLKEM768 preferred. Gives the certificate's SHA-256 fingerprint with it.
///
/// # Errors
/// [`WebError::Host`] when the name serves in no certificate, [`WebError::Tls`].
pub(crate) fn make(host: &str) -> Result<(String, ServerConfig), WebError> {
    let refused =
        |why: rcgen::Error| WebError::Host { host: host.to_owned(), why: why.to_string() };
    let mut names: Vec<String> =
        [host, "localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    names.dedup();
    let mut params = CertificateParams::new(names).map_err(refused)?;
    params.distinguished_name.push(DnType::CommonName, "Picket node (made at start)");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(refused)?;
    let certificate = params.self_signed(&key).map_err(refused)?;
    let fingerprint = fingerprint(certificate.der());
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // AES-256 whatever the client would like best.
    config.ignore_client_order = true;
    Ok((fingerprint, config))
}

fn fingerprint(der: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, der);
    let bytes: Vec<String> = hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefers_the_hybrid_key_exchange() {
        let (_, config) = make("localhost").unwrap();
        let first = config.crypto_provider().kx_groups.first().unwrap();
        assert_eq!(first.name(), rustls::NamedGroup::X25519MLKEM768);
    }

    #[test]
    fn a_fingerprint_is_the_sha_256_of_the_certificate() {
        // FIPS 180-4, the message "abc".
        let expected = "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD";
        assert_eq!(fingerprint(b"abc"), expected);
    }

    #[test]
    fn refuses_a_host_that_no_certificate_can_name() {
        assert!(matches!(make("höst\u{0}"), Err(WebError::Host { .. })));
    }
}
