//! An electronic invoice in the house's words: what the issuer wrote, typed.
//!
//! Nothing is derived here and no sign is turned: amounts are as the file has them, and a
//! value that the file lacks, or that cannot be read, is `None` (the second with a warning).

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::einvoice::party::{Party, VatNumber};
use crate::fiscal::{Currency, DocumentType, VatRate, words};

words! {
    /// Names the transmission format of an invoice file.
    Format {
        /// Ordinary invoice between private parties.
        Fpr12 = "FPR12",
        /// Ordinary invoice to a public body.
        Fpa12 = "FPA12",
        /// Simplified invoice.
        Fsm10 = "FSM10",
        /// The form in use until 2016.
        V11 = "1.1",
        /// The first form, of 2014.
        V10 = "1.0",
        /// A format that nobody knows; read as an ordinary invoice.
        Unknown = "unknown",
    }
}

words! {
    /// Tells who made a document.
    Maker {
        /// Who sells: as a rule.
        Seller = "seller",
        /// Who buys: self-invoices, integrations, notices, and invoices made in the seller's name.
        Buyer = "buyer",
        /// Somebody else, in the seller's name.
        ThirdParty = "third_party",
    }
}

/// Holds one document of an invoice file.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    /// The format of the file.
    pub format: Format,
    /// The format as the root element states it, for the check against `format`.
    pub stated_version: Option<String>,
    /// Position of the document in its file, from 1.
    pub body: usize,
    /// Who sent the file, and to whom.
    pub transmission: Transmission,
    /// Who sells; in a self-invoice this is still the supplier.
    pub seller: Party,
    /// Who represents the seller for VAT.
    pub representative: Option<Party>,
    /// Who buys.
    pub buyer: Party,
    /// Who issues the document in the seller's place.
    pub issuer: Option<Party>,
    /// `CC` when the buyer issued it, `TZ` when a third party did.
    pub issued_by: Option<String>,
    /// `TD01` to `TD29`.
    pub document_type: Option<DocumentType>,
    /// The number as written.
    pub number: Option<String>,
    /// The day of the document.
    pub issue_date: Option<NaiveDate>,
    /// The currency; amounts should be euro even where another is named.
    pub currency: Currency,
    /// Whether the issuer numbers freely within the year (art. 73 DPR 633/72).
    pub is_art73: bool,
    /// Free text about the document.
    pub reasons: Vec<String>,
    /// What was sold. Empty for a simplified invoice.
    pub lines: Vec<Line>,
    /// Totals by VAT rate or nature, as the issuer states them. Empty for a simplified invoice.
    pub vat_summaries: Vec<VatSummary>,
    /// What was sold, of a simplified invoice.
    pub simplified_lines: Vec<SimplifiedLine>,
    /// The document's total, as the issuer states it: anybody's guess what it includes.
    pub declared_total_cents: Option<i64>,
    /// Rounding of the document's total.
    pub rounding_cents: Option<i64>,
    /// Taxes and contributions that the buyer keeps back.
    pub withholdings: Vec<Withholding>,
    /// Contributions to a professional's pension fund.
    pub funds: Vec<Fund>,
    /// The stamp duty (*bollo*).
    pub stamp_duty: Option<StampDuty>,
    /// Discounts and surcharges on the whole document.
    pub adjustments: Vec<Adjustment>,
    /// How and when to pay.
    pub payments: Vec<Payment>,
    /// Orders, contracts, deliveries, and the invoices that this one corrects.
    pub linked_documents: Vec<LinkedDocument>,
    /// Files enclosed; their content is never kept.
    pub attachments: Vec<Attachment>,
}

/// Holds how a file travels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transmission {
    /// Who transmits the file, often an intermediary.
    pub transmitter: Option<VatNumber>,
    /// The transmitter's own running number.
    pub sequence: Option<String>,
    /// Six characters for public bodies, seven for others, `XXXXXXX` for foreign buyers.
    pub recipient_code: Option<String>,
    /// The buyer's certified mail address.
    pub recipient_mail: Option<String>,
}

/// Holds a VAT rate and the nature that explains a rate of zero.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Vat {
    /// Hundredths of a per cent: 2200 is 22 %.
    pub rate: Option<u32>,
    /// `N1` to `N7`.
    pub nature: Option<String>,
}

/// Holds one line of an ordinary invoice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// The line's own number.
    pub number: Option<u32>,
    /// `SC` discount, `PR` premium, `AB` allowance, `AC` ancillary cost.
    pub kind: Option<String>,
    /// What was sold.
    pub description: Option<String>,
    /// How much of it; absent means one.
    pub quantity: Option<Decimal>,
    /// The unit of the quantity.
    pub unit: Option<String>,
    /// First day of the service.
    pub from: Option<NaiveDate>,
    /// Last day of the service.
    pub to: Option<NaiveDate>,
    /// Price of one unit, VAT not included.
    pub unit_price: Option<Decimal>,
    /// Discounts and surcharges, applied one after the other to the unit price.
    pub adjustments: Vec<Adjustment>,
    /// Price of the line, VAT not included, two to eight decimals.
    pub total: Option<Decimal>,
    /// Rate and nature.
    pub vat: Vat,
    /// Whether the line is subject to withholding.
    pub is_withheld: bool,
}

/// Holds one line of a simplified invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimplifiedLine {
    /// What was sold.
    pub description: Option<String>,
    /// The price, VAT included.
    pub gross_cents: Option<i64>,
    /// The VAT, where the issuer states it.
    pub vat_cents: Option<i64>,
    /// Rate and nature; without a rate the VAT is stated.
    pub vat: Vat,
}

/// Holds the totals of one VAT rate or nature.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VatSummary {
    /// Rate and nature.
    pub vat: Vat,
    /// The taxable amount.
    pub taxable_cents: Option<i64>,
    /// The VAT.
    pub vat_cents: Option<i64>,
    /// Rounding, which some issuers include in the taxable amount and some do not.
    pub rounding: Option<Decimal>,
    /// When the VAT falls due, and who pays it.
    pub chargeability: Option<Chargeability>,
    /// The provision of law behind a nature.
    pub law: Option<String>,
}

words! {
    /// Tells when VAT falls due and who pays it to the State.
    Chargeability {
        /// At once.
        Immediate = "immediate",
        /// When the invoice is paid.
        Deferred = "deferred",
        /// Paid by the buyer (*scissione dei pagamenti*, art. 17-ter DPR 633/72).
        Split = "split",
    }
}

/// Holds an amount that the buyer keeps back and pays for the seller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Withholding {
    /// `RT01`, `RT02` income tax; `RT03` to `RT06` pension contributions.
    pub kind: Option<String>,
    /// The amount kept back.
    pub amount_cents: Option<i64>,
    /// Hundredths of a per cent.
    pub rate: Option<u32>,
    /// The reason's letter in the yearly certificate.
    pub reason: Option<String>,
}

impl Withholding {
    /// Tells whether this is a pension contribution rather than income tax.
    #[must_use]
    pub fn is_pension(&self) -> bool {
        matches!(self.kind.as_deref(), Some("RT03" | "RT04" | "RT05" | "RT06"))
    }
}

/// Holds a contribution to a professional's pension fund, charged to the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fund {
    /// `TC01` to `TC22`.
    pub kind: Option<String>,
    /// Hundredths of a per cent.
    pub rate: Option<u32>,
    /// The contribution.
    pub amount_cents: Option<i64>,
    /// What it is worked out from.
    pub base_cents: Option<i64>,
    /// Rate and nature of the VAT on the contribution.
    pub vat: Vat,
    /// Whether the contribution is subject to withholding.
    pub is_withheld: bool,
}

/// Holds the stamp duty: that it is due does not say that it is charged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StampDuty {
    /// Whether it is paid with the issuer's others (*bollo virtuale*).
    pub is_virtual: bool,
    /// The amount, where stated; by law two euros.
    pub amount_cents: Option<i64>,
}

/// Holds a discount or surcharge, as an amount, a percentage, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adjustment {
    /// Whether it is a surcharge.
    pub is_surcharge: bool,
    /// Per cent, such as 12.5.
    pub percentage: Option<Decimal>,
    /// The amount, which wins over the percentage.
    pub amount: Option<Decimal>,
}

/// Holds one instalment, or the whole sum to pay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payment {
    /// `TP01` instalments, `TP02` the whole, `TP03` advance.
    pub terms: Option<String>,
    /// `MP01` cash to `MP23` PagoPA.
    pub method: Option<String>,
    /// The day by which to pay.
    pub due_date: Option<NaiveDate>,
    /// The sum: the total, the net, or an instalment.
    pub amount_cents: Option<i64>,
    /// The account to pay to.
    pub iban: Option<String>,
}

/// Holds a document that this one refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedDocument {
    /// What it is.
    pub kind: LinkKind,
    /// Its number.
    pub number: Option<String>,
    /// Its day.
    pub date: Option<NaiveDate>,
    /// The project code of a public purchase.
    pub cup: Option<String>,
    /// The tender code of a public purchase.
    pub cig: Option<String>,
}

words! {
    /// Names what a linked document is.
    LinkKind {
        /// A purchase order.
        Order = "order",
        /// A contract.
        Contract = "contract",
        /// A framework agreement.
        Agreement = "agreement",
        /// A receipt of goods.
        Receipt = "receipt",
        /// An invoice, such as the one that a credit note corrects.
        Invoice = "invoice",
        /// A delivery note.
        Delivery = "delivery",
        /// The main invoice of an ancillary one.
        MainInvoice = "main_invoice",
    }
}

/// Holds what is known of an enclosed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: Option<String>,
    /// Its format, such as `PDF`.
    pub format: Option<String>,
    /// Characters of base64 text, about four for three bytes.
    pub encoded_bytes: u64,
}

impl Vat {
    /// Returns the nature, or else the rate; `None` when the file has neither.
    #[must_use]
    pub fn key(&self) -> Option<VatRate> {
        match (&self.nature, self.rate) {
            (Some(nature), _) => Some(VatRate::Nature(nature.clone())),
            (None, rate) => rate.map(VatRate::Rate),
        }
    }
}

impl Invoice {
    /// Returns the type, an empty one when the file has none.
    #[must_use]
    pub fn type_or_unknown(&self) -> DocumentType {
        self.document_type.clone().unwrap_or_else(|| DocumentType::new(""))
    }

    /// Returns who made the document and sends it, by its type and what the header says.
    #[must_use]
    pub fn made_by(&self) -> Maker {
        let kind = self.type_or_unknown();
        let by_buyer = kind.is_self_invoice() || kind.is_notice();
        match self.issued_by.as_deref() {
            _ if by_buyer => Maker::Buyer,
            Some("CC") => Maker::Buyer,
            Some("TZ") => Maker::ThirdParty,
            _ => Maker::Seller,
        }
    }

    /// Returns the first day of the deliveries that the document names.
    #[must_use]
    pub fn delivered_on(&self) -> Option<NaiveDate> {
        let deliveries = self.linked_documents.iter().filter(|one| one.kind == LinkKind::Delivery);
        deliveries.filter_map(|one| one.date).min()
    }

    /// Tells whether the amounts are those of a simplified invoice.
    #[must_use]
    pub fn is_simplified(&self) -> bool {
        self.format == Format::Fsm10
    }
}
