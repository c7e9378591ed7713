//! How the database is reached, and with which keys what is in it is sealed.

use super::{Config, ConfigError, Environment};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quartermaster_domain::sealing::{KeyError, MasterKeys, Ring};
use quartermaster_tenants::wire;
use sha2::{Digest, Sha256};

impl Config {
    /// The master keys; in development, where none is given, a public one.
    ///
    /// # Errors
    /// [`ConfigError::Refused`]: keys that do not serve.
    pub fn master_keys(&self) -> Result<MasterKeys, ConfigError> {
        let refused = |e: KeyError| ConfigError::Refused(vec![format!("data_key: {e}.")]);
        if let Some(path) = &self.data_key_file {
            let keys = MasterKeys::File(path.clone());
            keys.ring()
                .map_err(|e| ConfigError::Refused(vec![format!("data_key_file: {e}.")]))?;
            return Ok(keys);
        }
        let public = || STANDARD.encode(Sha256::digest(b"quartermaster development data key"));
        let text = self.data_key.clone().unwrap_or_else(public);
        Ring::parse(&text).map(MasterKeys::Fixed).map_err(refused)
    }

    /// The URLs of the database with their names.
    #[must_use]
    pub fn database_urls(&self) -> [(&'static str, &str); 3] {
        [
            ("DATABASE_APP_URL", &self.database_app_url),
            ("DATABASE_OWNER_URL", &self.database_owner_url),
            ("DATABASE_RELAY_URL", &self.database_relay_url),
        ]
    }

    /// Refuses URLs of databases that cannot be read, and in production those that lead over a network in plain text.
    ///
    /// # Errors
    /// [`ConfigError::Refused`]
    pub fn check_wires(&self) -> Result<(), ConfigError> {
        let mut wrong = Vec::new();
        for (name, url) in self.database_urls() {
            let plain = self.environment == Environment::Production && !self.database_plain;
            match wire::asked(url) {
                _ if url.is_empty() => {}
                Err(e) => wrong.push(format!("{name}: {e}.")),
                Ok(asked) if plain && asked.is_plain_and_remote() => wrong.push(format!(
                    "{name} leads to another machine and may be plain (database_plain): add ?sslmode=verify-full&sslrootcert=FILE to it."
                )),
                Ok(_) => {}
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Refused(wrong))
        }
    }
}
