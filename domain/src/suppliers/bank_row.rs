//! Bank details: their checks, their sealed form, their mask.

use super::supplier::optional;
use crate::shared::seal::{DataKey, Place};
use crate::shared::{Refusals, required_text};
use crate::words;
use quartermaster_tenants::act::Standing;
use quartermaster_tenants::policy::{ControlState, Duty};
use quartermaster_tenants::{Error, Refusal, Result};
use serde::Serialize;
use uuid::Uuid;

words! {
    /// Where a change of bank details stands.
    BankChangeStatus {
        /// Waits for somebody else to verify it by a second route.
        Pending "PENDING",
        /// Verified, and in force from that moment.
        Approved "APPROVED",
        /// Refused.
        Rejected "REJECTED",
    }
}

/// What people may do to a change of bank details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BankChangeCommand {
    /// Put it in force, checked by a second route.
    Verify,
    /// Refuse it.
    Reject,
}

impl BankChangeCommand {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Verify, Self::Reject];
    /// The duty that each exercises.
    pub const DUTY: Duty = Duty::SupBankVerify;

    /// The mutation.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Verify => "supplierBankChangeVerify",
            Self::Reject => "supplierBankChangeReject",
        }
    }
}

impl BankChangeStatus {
    /// Where a change stands for both commands.
    #[must_use]
    pub fn standing(self, versions: Option<(i32, i32)>) -> Standing {
        let permits = self == Self::Pending;
        let commands = BankChangeCommand::ALL.iter().filter(|_| permits);
        Standing {
            state: self.as_str().to_owned(),
            control: self.control(),
            permits,
            allowed: commands.map(|c| c.mutation().to_owned()).collect(),
            versions,
            ..Standing::default()
        }
    }

    /// The control state behind it.
    #[must_use]
    pub fn control(self) -> Option<ControlState> {
        match self {
            Self::Pending => Some(ControlState::Pending),
            Self::Approved => Some(ControlState::Approved),
            Self::Rejected => None,
        }
    }
}

/// Bank details as people enter them. Not `Debug`: they must not reach a log.
#[derive(Clone, Serialize)]
pub struct BankDetails {
    /// Whose account it is.
    pub account_holder: String,
    /// ISO 3166-1 alpha-2, of the bank.
    pub country: String,
    /// IBAN (ISO 13616), or the number of the account where there is none.
    pub account: String,
    /// BIC (ISO 9362), or the bank's routing number.
    pub bank: Option<String>,
}

impl BankDetails {
    /// All that is wrong, told at once. An IBAN's check digits must be right (ISO 7064, mod 97-10).
    pub(super) fn checked(&self) -> Result<Self, Vec<Refusal>> {
        let mut r = Refusals::default();
        let account: String = self
            .account
            .chars()
            .filter(|c| *c != ' ' && *c != '-')
            .collect::<String>()
            .to_uppercase();
        let country = self.country.trim().to_uppercase();
        if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
            r.push(Refusal::invalid(
                &["countryCode"],
                "A country has two letters (ISO 3166-1).",
            ));
        }
        if !(4..=34).contains(&account.len()) || !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
            r.push(Refusal::invalid(
                &["account"],
                "An account has 4 to 34 letters and digits.",
            ));
        } else if account.starts_with(|c: char| c.is_ascii_alphabetic())
            && (!account.starts_with(&country) || !iban_is_valid(&account))
        {
            r.push(Refusal::invalid(
                &["account"],
                "This IBAN is wrong: its country or its check digits do not fit.",
            ));
        }
        let holder = r.take(required_text(&["accountHolder"], &self.account_holder, 140));
        let bank = r.take(optional(&["bank"], self.bank.as_deref(), 20)).flatten();
        r.finish()?;
        Ok(Self {
            account_holder: holder.unwrap_or_default(),
            country,
            account,
            bank,
        })
    }

    /// The country and the last four characters: `DE••••••••3000`.
    pub(super) fn mask(&self) -> String {
        // Of a short number four characters would be nearly all of it.
        let shown = if self.account.len() >= 12 { 4 } else { 0 };
        let last = self.account.get(self.account.len() - shown..).unwrap_or_default();
        format!("{}••••••••{last}", self.country)
    }

    /// As it is stored: bound to tenant and supplier.
    pub(super) fn sealed(&self, key: &DataKey, tenant: Uuid, supplier: Uuid) -> Result<Vec<u8>> {
        let text = serde_json::to_string(self).map_err(|_| Error::internal("bank details"))?;
        let place = Place {
            tenant,
            document: supplier,
            field: "bank",
        };
        key.seal(place, &text).map_err(Error::internal)
    }
}

fn iban_is_valid(iban: &str) -> bool {
    let (head, tail) = iban.split_at(4);
    let rest = tail.chars().chain(head.chars()).try_fold(0_u32, |sum, c| {
        let value = c.to_digit(36)?;
        Some(if value < 10 {
            (sum * 10 + value) % 97
        } else {
            (sum * 100 + value) % 97
        })
    });
    rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(country: &str, account: &str) -> BankDetails {
        BankDetails {
            account_holder: "Acme".to_owned(),
            country: country.to_owned(),
            account: account.to_owned(),
            bank: None,
        }
    }

    #[test]
    fn published_ibans_pass_and_one_wrong_digit_does_not() {
        for (country, iban) in [
            ("DE", "DE89 3704 0044 0532 0130 00"),
            ("GB", "GB29NWBK60161331926819"),
            ("NL", "NL91ABNA0417164300"),
        ] {
            assert!(details(country, iban).checked().is_ok(), "{iban}");
        }
        assert!(details("DE", "DE89370400440532013001").checked().is_err());
        assert!(details("FR", "DE89370400440532013000").checked().is_err());
        assert!(details("US", "123").checked().is_err());
    }

    #[test]
    fn a_mask_shows_the_country_and_four_characters() {
        let shown = details("DE", "DE89370400440532013000").checked().map(|d| d.mask());
        assert_eq!(shown.ok().as_deref(), Some("DE••••••••3000"));
    }

    #[test]
    fn a_short_account_is_hidden_whole() {
        let shown = details("US", "1234").checked().map(|d| d.mask());
        assert!(!shown.unwrap_or_default().contains("1234"));
    }
}
