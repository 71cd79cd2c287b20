//! The parties of a document and their numbers.

use crate::einvoice::tax_code::plain_form;
use crate::fiscal::TaxId;

/// Holds a party of the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// The VAT number with its country.
    pub vat_number: Option<VatNumber>,
    /// The CodiceFiscale.
    pub tax_code: Option<TaxId>,
    /// The company's name, or first name and surname.
    pub name: Option<String>,
    /// The tax regime, `RF01` to `RF20`, sellers only.
    pub regime: Option<String>,
    /// The country of the address, two letters.
    pub country: Option<String>,
}

/// Holds a VAT number as the SdI takes it: a country and an opaque code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VatNumber {
    /// Two letters, upper case.
    pub country: String,
    /// The code, without blanks.
    pub code: String,
}

impl VatNumber {
    /// Returns the number as the house stores tax ids: bare if Italian, else with its country.
    #[must_use]
    pub fn tax_id(&self) -> Option<TaxId> {
        if self.country == "IT" {
            return TaxId::parse(&self.code);
        }
        // A foreign code often repeats its country; TaxId keeps what is not Italian as it is.
        if self.code.starts_with(&self.country) {
            return TaxId::parse(&self.code);
        }
        TaxId::parse(&format!("{}{}", self.country, self.code))
    }

    /// Tells whether the number is Italian.
    #[must_use]
    pub fn is_italian(&self) -> bool {
        self.country == "IT"
    }
}

impl Party {
    /// Returns the VAT number, or else the tax code.
    #[must_use]
    pub fn tax_id(&self) -> Option<TaxId> {
        self.vat_number.as_ref().and_then(VatNumber::tax_id).or_else(|| self.tax_code.clone())
    }

    /// Tells whether two parties are the same, by VAT number or else by tax code.
    ///
    /// A company's tax code is as a rule its VAT number, so one may stand for the other.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        if let (Some(left), Some(right)) = (&self.vat_number, &other.vat_number) {
            return left == right;
        }
        if let (Some(left), Some(right)) = (&self.tax_code, &other.tax_code) {
            return plain_form(left) == plain_form(right);
        }
        self.tax_id().is_some() && self.tax_id() == other.tax_id()
    }
}
