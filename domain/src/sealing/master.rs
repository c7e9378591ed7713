//! The master keys of a deployment.

use crate::shared::seal::DataKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A random key has nearly as many different bytes as it has bytes; one with fewer than this was typed.
const VARIETY: usize = 16;

/// Why keys do not serve. Says nothing of their content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error("there is no key; make one: openssl rand -base64 32")]
    None,
    /// Which one, counted from 1, is no key.
    #[error("key {0} is not 32 bytes in base64; make one: openssl rand -base64 32")]
    Form(usize),
    /// Which one, counted from 1, is not random.
    #[error("key {0} is not random, so it can be guessed; make one: openssl rand -base64 32")]
    Weak(usize),
    /// The file cannot be read.
    #[error("the file of keys, {0}, cannot be read ({1})")]
    File(String, String),
}

/// Keys by their ids. The first is the current one: what is new is wrapped with it. The others still open what they wrapped.
#[derive(Debug, Clone)]
pub struct Ring(Arc<[DataKey]>);

impl Ring {
    /// Keys in base64, each on a line or behind a comma.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace());
        let mut keys = Vec::new();
        for (at, word) in words.filter(|w| !w.is_empty()).enumerate() {
            let bytes = STANDARD.decode(word).map_err(|_| KeyError::Form(at + 1))?;
            let key = Self::key(&bytes).ok_or(KeyError::Form(at + 1))?;
            if bytes.iter().collect::<BTreeSet<_>>().len() < VARIETY {
                return Err(KeyError::Weak(at + 1));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(KeyError::None);
        }
        Ok(Self(keys.into()))
    }

    /// A key's id is the beginning of its digest: it says which key, and nothing of it.
    fn key(bytes: &[u8]) -> Option<DataKey> {
        DataKey::new(&hex::encode(&Sha256::digest(bytes)[..4]), bytes).ok()
    }

    /// The key that wraps what is new.
    #[must_use]
    pub fn current(&self) -> &DataKey {
        // `parse` lets no empty ring exist.
        &self.0[0]
    }

    /// The key of this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&DataKey> {
        self.0.iter().find(|key| key.id() == id)
    }
}

/// Where the master keys come from.
#[derive(Debug, Clone)]
pub enum MasterKeys {
    /// The configuration.
    Fixed(Ring),
    /// A file, read each time that a key is needed, which is seldom: so that keys change without a restart.
    File(PathBuf),
}

impl MasterKeys {
    /// The keys as they are now.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn ring(&self) -> Result<Ring, KeyError> {
        match self {
            Self::Fixed(ring) => Ok(ring.clone()),
            Self::File(path) => Ring::parse(&read(path)?),
        }
    }
}

fn read(path: &Path) -> Result<String, KeyError> {
    std::fs::read_to_string(path).map_err(|e| KeyError::File(path.display().to_string(), e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{KeyError, MasterKeys, Ring, STANDARD};
    use base64::Engine;
    use sha2::{Digest, Sha256};

    fn key(seed: &str) -> String {
        STANDARD.encode(Sha256::digest(seed))
    }

    #[test]
    fn the_first_key_is_the_current_one_and_the_others_are_found_by_their_ids() {
        let (new, old) = (Ring::parse(&key("new")).unwrap(), Ring::parse(&key("old")).unwrap());
        for text in [
            format!("{},{}", key("new"), key("old")),
            format!("{}\n{}\n", key("new"), key("old")),
        ] {
            let both = Ring::parse(&text).unwrap();
            assert_eq!(both.current().id(), new.current().id());
            assert!(both.find(old.current().id()).is_some() && both.find("00000000").is_none());
        }
        assert!(!format!("{new:?}").contains(&key("new")));
    }

    #[test]
    fn what_is_no_key_or_can_be_guessed_is_refused_by_its_place_and_never_shown() {
        let refused = |text: &str| Ring::parse(text).map(drop).unwrap_err();
        assert_eq!(refused(" \n"), KeyError::None);
        assert_eq!(refused(&format!("{},hunter2", key("a"))), KeyError::Form(2));
        assert_eq!(refused(&STANDARD.encode([1; 16])), KeyError::Form(1));
        assert_eq!(refused(&STANDARD.encode([7; 32])), KeyError::Weak(1));
        assert!(!refused("hunter2").to_string().contains("hunter2"));
    }

    #[test]
    fn a_file_is_read_anew_each_time() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let keys = MasterKeys::File(file.path().to_owned());
        assert_eq!(keys.ring().map(drop).unwrap_err(), KeyError::None);
        std::fs::write(file.path(), key("a")).unwrap();
        let first = keys.ring().unwrap().current().id().to_owned();
        std::fs::write(file.path(), format!("{}\n{}", key("b"), key("a"))).unwrap();
        let second = keys.ring().unwrap();
        assert!(second.current().id() != first && second.find(&first).is_some());
    }
}
