use std::path::PathBuf;

use ureq::tls::{PemItem, RootCerts};

use super::error::DownloadError;

/// Mozilla's certificates, or those of the file that `SSL_CERT_FILE` names.
pub fn root_certs() -> Result<RootCerts, DownloadError> {
    let Some(file) = std::env::var_os("SSL_CERT_FILE").filter(|name| !name.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let file = PathBuf::from(file);
    let bad = |reason: String| DownloadError::BadCertificates {
        file: file.clone(),
        reason,
    };
    let text = std::fs::read(&file).map_err(|error| bad(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| bad(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(bad("there is none in it".into()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}
