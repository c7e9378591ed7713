//! Invented vendors.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::names::{FIRM_KINDS, FIRM_TAILS, HEADS};

/// A vendor as the product file knows it.
pub(super) struct Vendor {
    /// Three digits, leading zeros included.
    pub number: String,
    pub name: String,
    /// The word that its products carry.
    pub word: String,
    /// Five digits of its item numbers.
    pub prefix: u32,
}

pub(super) fn invent(rng: &mut ChaCha8Rng, count: u16) -> Vec<Vendor> {
    let mut words: Vec<String> = HEADS
        .iter()
        .flat_map(|head| FIRM_TAILS.iter().map(move |tail| format!("{head}{tail}")))
        .collect();
    words.shuffle(rng);
    let mut number = 20;
    words
        .into_iter()
        .take(usize::from(count))
        .enumerate()
        .map(|(at, word)| {
            number += rng.random_range(1..=2);
            Vendor {
                number: format!("{number:03}"),
                name: format!("{word}{}", FIRM_KINDS[at % FIRM_KINDS.len()]),
                word,
                prefix: 10_000 + u32::from(rng.random_range(0..100_u16)) + 200 * at as u32,
            }
        })
        .collect()
}
