//! Who sells, who buys, who transmits: identifiers, recipient codes, roles by type.

use super::Checks;
use crate::einvoice::{Format, Invoice, Party, VatNumber, tax_code_fault};
use crate::fiscal::CheckDigits;

/// Types in which seller and buyer are two.
const DIFFERENT: [&str; 13] = [
    "TD01", "TD02", "TD03", "TD06", "TD16", "TD17", "TD18", "TD19", "TD20", "TD24", "TD25", "TD28",
    "TD29",
];
/// Types in which seller and buyer are one.
const SAME: [&str; 2] = ["TD21", "TD27"];
/// Types whose seller is foreign.
const FOREIGN_SELLER: [&str; 4] = ["TD17", "TD18", "TD19", "TD28"];
/// Types whose buyer needs a VAT number.
const BUYER_WITH_VAT: [&str; 8] = ["TD16", "TD17", "TD18", "TD19", "TD20", "TD22", "TD23", "TD28"];

pub(super) fn check(invoice: &Invoice, checks: &mut Checks) {
    identifiers(invoice, checks);
    recipient(invoice, checks);
    roles(invoice, checks);
}

fn identifiers(invoice: &Invoice, checks: &mut Checks) {
    if let Some(id) = &invoice.transmission.transmitter
        && id.is_italian()
    {
        let fault = id.tax_id().and_then(|id| tax_code_fault(&id));
        if let Some(fault) = fault {
            let message = format!("the transmitter's id `{}` is not valid: {fault}", id.code);
            checks.header("00300", "DatiTrasmissione/IdTrasmittente/IdCodice", message);
        }
    }
    let (seller, buyer) = ("CedentePrestatore", "CessionarioCommittente");
    party(&invoice.seller, "seller", seller, ("00301", "00302"), checks);
    if let Some(one) = &invoice.representative {
        party(one, "representative", "RappresentanteFiscale", ("00303", "00304"), checks);
    }
    party(&invoice.buyer, "buyer", buyer, ("00305", "00306"), checks);
    coherence(&invoice.seller, "seller", seller, "00320", checks);
    coherence(&invoice.buyer, "buyer", buyer, "00324", checks);
    if invoice.buyer.vat_number.is_none() && invoice.buyer.tax_code.is_none() {
        let message = "the buyer has neither VAT number nor tax code".to_owned();
        checks.header("00417", buyer, message);
    }
}

fn party(
    party: &Party,
    role: &str,
    path: &str,
    (vat_code, tax_code): (&'static str, &'static str),
    checks: &mut Checks,
) {
    if let Some(vat) = &party.vat_number
        && vat.is_italian()
    {
        let is_eleven = vat.code.len() == 11 && vat.code.bytes().all(|b| b.is_ascii_digit());
        let is_wrong = vat.tax_id().is_some_and(|id| id.check_digits() == CheckDigits::Wrong);
        let fault = match (is_eleven, is_wrong) {
            (false, _) => Some("it has not eleven digits"),
            (true, true) => Some("its check digit is wrong"),
            (true, false) => None,
        };
        if let Some(fault) = fault {
            let message = format!("the {role}'s VAT number `{}` is not valid: {fault}", vat.code);
            checks.header(vat_code, &format!("{path}/IdFiscaleIVA/IdCodice"), message);
        }
    }
    if let Some(code) = &party.tax_code
        && let Some(fault) = tax_code_fault(code)
    {
        let message = format!("the {role}'s tax code `{}` is not valid: {fault}", code.as_str());
        checks.header(tax_code, &format!("{path}/CodiceFiscale"), message);
    }
}

/// Doubts a tax code that is a number, but another one than the VAT number.
///
/// That is right inside a VAT group, and for a company that changed its number: only the
/// registry knows. Numbers that begin with 8 or 9 are those of bodies that need not be
/// subject to VAT, whose VAT number is another one by rule.
fn coherence(party: &Party, role: &str, path: &str, code: &'static str, checks: &mut Checks) {
    let (Some(vat), Some(tax_code)) = (&party.vat_number, &party.tax_code) else {
        return;
    };
    let is_number = tax_code.as_str().len() == 11;
    let is_body = tax_code.as_str().starts_with(['8', '9']);
    let is_other = vat.tax_id().is_some_and(|id| id != *tax_code);
    if vat.is_italian() && is_number && is_other && !is_body {
        let message = format!(
            "the {role}'s tax code `{tax_code}` is not the VAT number `{}`: right only for a \
             VAT group, or for a company that changed its number",
            vat.code
        );
        checks.doubt(code, &format!("{path}/CodiceFiscale"), message);
    }
}

fn recipient(invoice: &Invoice, checks: &mut Checks) {
    let path = "DatiTrasmissione/CodiceDestinatario";
    reserved_mail(invoice, checks);
    let Some(code) = invoice.transmission.recipient_code.as_deref() else {
        return;
    };
    let length = if invoice.format == Format::Fpa12 { 6 } else { 7 };
    if code.chars().count() != length {
        let message = format!(
            "`{code}` has {} characters; a recipient of {} has {length}",
            code.chars().count(),
            invoice.format
        );
        return checks.header("00427", path, message);
    }
    if !code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
        let message = format!("`{code}` is no recipient code: capital letters and digits only");
        checks.header("00311", path, message);
    }
    let is_italian = invoice.buyer.vat_number.as_ref().is_some_and(VatNumber::is_italian);
    if code == "XXXXXXX" && is_italian {
        let message = "`XXXXXXX` is for foreign buyers, and this one is Italian".to_owned();
        checks.header("00313", path, message);
    }
}

/// Checks that the invoice is not addressed to a mail box of the SdI itself.
fn reserved_mail(invoice: &Invoice, checks: &mut Checks) {
    let mail = invoice.transmission.recipient_mail.as_deref().unwrap_or_default();
    let is_reserved = mail.split_once('@').is_some_and(|(name, host)| {
        name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("sdi"))
            && host.eq_ignore_ascii_case("pec.fatturapa.it")
    });
    if is_reserved {
        let message = format!("`{mail}` is a mail box of the SdI, not of a recipient");
        checks.header("00330", "DatiTrasmissione/PECDestinatario", message);
    }
}

fn roles(invoice: &Invoice, checks: &mut Checks) {
    let Some(kind) = &invoice.document_type else {
        return;
    };
    let kind = kind.as_str();
    let (seller, buyer) = (&invoice.seller, &invoice.buyer);
    let is_same = seller.is_same_as(buyer);
    if DIFFERENT.contains(&kind) && is_same {
        let message = format!("in {kind} seller and buyer cannot be the same");
        checks.header("00471", "CedentePrestatore", message);
    }
    if SAME.contains(&kind) && !is_same {
        let message = format!("in {kind} seller and buyer have to be the same");
        checks.header("00472", "CedentePrestatore", message);
    }
    let seller_country = seller.vat_number.as_ref().map(|vat| vat.country.as_str());
    let country_path = "CedentePrestatore/IdFiscaleIVA/IdPaese";
    if FOREIGN_SELLER.contains(&kind) && seller_country == Some("IT") {
        let message = format!("in {kind} the seller cannot be Italian");
        checks.header("00473", country_path, message);
    }
    if kind == "TD29" && seller_country.is_some_and(|country| country != "IT") {
        checks.header("00473", country_path, "in TD29 the seller has to be Italian".to_owned());
    }
    if kind == "TD21" && invoice.lines.iter().any(|line| line.vat.rate == Some(0)) {
        let path = "DatiBeniServizi/DettaglioLinee/AliquotaIVA";
        checks.body("00474", path, "in TD21 no line may have a rate of zero".to_owned());
    }
    let buyer_vat = buyer.vat_number.as_ref();
    if BUYER_WITH_VAT.contains(&kind) && buyer_vat.is_none() {
        let message = format!("in {kind} the buyer needs a VAT number");
        checks.header("00475", "CessionarioCommittente/IdFiscaleIVA", message);
    }
    let is_foreign = |country: Option<&str>| country.is_some_and(|country| country != "IT");
    if is_foreign(seller_country) && is_foreign(buyer_vat.map(|vat| vat.country.as_str())) {
        let message = "seller and buyer cannot both be foreign".to_owned();
        checks.header("00476", country_path, message);
    }
}
