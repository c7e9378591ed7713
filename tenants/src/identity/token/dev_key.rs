//! The development issuer's private key: one PEM file that several processes may want to create at the same moment.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::dev_issuer::DevIssuerError;

const FILE: &str = "dev-issuer.pem";

/// The key in this folder, made if there is none yet.
pub(super) fn open_or_create(folder: &Path) -> Result<Vec<u8>, DevIssuerError> {
    let path = folder.join(FILE);
    let failed = |error| DevIssuerError::File {
        path: path.clone(),
        error,
    };
    match read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found.map_err(failed),
    }
    create_folder(folder).map_err(failed)?;
    create(folder, &path, &new_key()?).map_err(failed)?;
    read(&path).map_err(failed)
}

/// Written aside and then linked into place, which fails where another process was faster: then its key is the key.
fn create(folder: &Path, path: &Path, pem: &str) -> io::Result<()> {
    let draft = folder.join(format!(".{FILE}.{}", Uuid::new_v4()));
    let written = write_private(&draft, pem).and_then(|()| fs::hard_link(&draft, path));
    let _ = fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn new_key() -> Result<String, DevIssuerError> {
    let document = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .and_then(|pair| pair.to_pkcs8v1())
        .map_err(|_| DevIssuerError::KeyNotMade)?;
    let encoded = STANDARD.encode(document.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in encoded.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|&byte| char::from(byte)));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let pem = fs::read(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "others can read this private key; chmod 600 it, or delete it to get a new one",
            ));
        }
    }
    Ok(pem)
}
