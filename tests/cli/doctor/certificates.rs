//! Certificates made for the moment: X.509 (RFC 5280) with Ed25519 keys (RFC 8410), written byte by byte, since nothing more
//! is needed than a name, two dates and a signature.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::SigningKey;

/// 1.3.101.112, Ed25519.
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];
/// 2.5.4.3, a common name.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
/// 2.5.29.17, the names a certificate is for.
const NAMES: [u8; 3] = [0x55, 0x1d, 0x11];
/// 2.5.29.19, whether it may vouch for others.
const CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const TEXT: u8 = 0x0c;
const TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// One value: tag, length, content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n @ 0..128 => out.push(n as u8),
        n @ 128..256 => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(content);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der(SEQUENCE, &parts.concat())
}

fn name(common: &str) -> Vec<u8> {
    let attribute = sequence(&[der(OID, &COMMON_NAME), der(TEXT, common.as_bytes())]);
    sequence(&[der(SET, &attribute)])
}

/// A certificate with its key.
pub struct Certificate {
    der: Vec<u8>,
    key: Vec<u8>,
}

/// Somebody who vouches for others.
pub struct Authority {
    pub certificate: Certificate,
    common: &'static str,
}

/// A new key: RFC 8410's wrapping of 32 random bytes.
fn key() -> Vec<u8> {
    let mut out =
        vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    out.extend(uuid::Uuid::new_v4().as_bytes());
    out.extend(uuid::Uuid::new_v4().as_bytes());
    out
}

fn signer(key: &[u8]) -> Arc<dyn SigningKey> {
    any_eddsa_type(&PrivatePkcs8KeyDer::from(key.to_vec())).expect("a key")
}

struct Wanted<'a> {
    subject: &'a str,
    issuer: &'a str,
    dates: (&'a str, &'a str),
    vouches: bool,
}

/// The certificate for `key`, signed with `by`.
fn signed(wanted: &Wanted<'_>, key: &[u8], by: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[der(OID, &ED25519)]);
    let extension = if wanted.vouches {
        let yes = der(0x01, &[0xff]);
        sequence(&[der(OID, &CONSTRAINTS), yes.clone(), der(OCTETS, &sequence(&[yes]))])
    } else {
        let names = sequence(&[der(0x82, wanted.subject.as_bytes())]);
        sequence(&[der(OID, &NAMES), der(OCTETS, &names)])
    };
    let to_sign = sequence(&[
        der(0xa0, &der(INTEGER, &[2])),
        der(INTEGER, &[7]),
        algorithm.clone(),
        name(wanted.issuer),
        sequence(&[der(TIME, wanted.dates.0.as_bytes()), der(TIME, wanted.dates.1.as_bytes())]),
        name(wanted.subject),
        signer(key).public_key().expect("known").to_vec(),
        der(0xa3, &sequence(&[extension])),
    ]);
    let pen = signer(by).choose_scheme(&[SignatureScheme::ED25519]).expect("it signs so");
    let signature = pen.sign(&to_sign).expect("signed");
    sequence(&[to_sign, algorithm, der(BITS, &[&[0], signature.as_slice()].concat())])
}

impl Authority {
    pub fn new(common: &'static str) -> Self {
        let key = key();
        let dates = ("20200101000000Z", "20990101000000Z");
        let wanted = Wanted { subject: common, issuer: common, dates, vouches: true };
        Self { certificate: Certificate { der: signed(&wanted, &key, &key), key }, common }
    }

    /// A certificate for a host, from one moment to another (`20200101000000Z`).
    pub fn sign(&self, host: &str, from: &str, until: &str) -> Certificate {
        let key = key();
        let wanted = Wanted { subject: host, issuer: self.common, dates: (from, until), vouches: false };
        Certificate { der: signed(&wanted, &key, &self.certificate.key), key }
    }
}

impl Certificate {
    /// One that nobody vouches for but itself.
    pub fn self_signed(host: &str) -> Self {
        let key = key();
        let dates = ("20200101000000Z", "20990101000000Z");
        let wanted = Wanted { subject: host, issuer: host, dates, vouches: false };
        Self { der: signed(&wanted, &key, &key), key }
    }

    pub fn pem(&self) -> String {
        let text = BASE64_STANDARD.encode(&self.der);
        let lines: Vec<&str> =
            (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// What a server with it speaks.
    pub fn server(&self) -> rustls::ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()));
        rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(self.der.clone())], key)
            .expect("key and certificate belong together")
    }
}
