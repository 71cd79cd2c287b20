"""Writes the files under `samples/einvoices/`: invoices, wrappers, notifications, refusals.

All parties are invented; their Italian ids have check digits that hold. Everything is the
same on every run but what is signed: signatures take chance and time by their nature, so
the files under `signed/` are only made when they are not there. Needs `openssl`.

`QUADRA_ACCEPT=1 cargo test --test it einvoice` writes the `.expected.json` beside them.
"""

import base64
import io
import subprocess
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent / "einvoices"
ORDINARY = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
SIMPLIFIED = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0"
OLD = "http://www.fatturapa.gov.it/sdi/fatturapa/v1.1"
MESSAGES = "http://www.fatturapa.gov.it/sdi/messaggi/v1.0"
SELLER = ("IT", "33401825030", "Studio Associato Ferri e Conti")
BUYER = ("IT", "19044175016", "Bottega del Porto S.r.l.")
PUBLIC = ("IT", "20123335208", "Comune di Ponente")
GERMAN = ("DE", "811907980", "Werkzeugbau Nord GmbH")


def tag(name, *inner):
    return f"<{name}>{''.join(inner)}</{name}>"


def person_code(stem):
    """Adds the check character of a CodiceFiscale."""
    odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
    value = lambda c: int(c) if c.isdigit() else ord(c) - 65
    total = sum(odd[value(c)] if i % 2 == 0 else value(c) for i, c in enumerate(stem))
    return stem + chr(65 + total % 26)


def party(name, who, extra="", code=None):
    country, vat, title = who
    ids = tag("IdFiscaleIVA", tag("IdPaese", country), tag("IdCodice", vat)) if vat else ""
    ids += tag("CodiceFiscale", code) if code else ""
    sede = tag("Sede", tag("Indirizzo", "Via del Molo 1"), tag("CAP", "16100"), tag("Comune", "Genova"), tag("Nazione", country))
    return tag(name, tag("DatiAnagrafici", ids, tag("Anagrafica", tag("Denominazione", title)), extra), sede)


def header(fmt="FPR12", recipient="ABC1234", seller=SELLER, buyer=BUYER, code=None, sequence="00001"):
    return tag(
        "FatturaElettronicaHeader",
        tag(
            "DatiTrasmissione",
            tag("IdTrasmittente", tag("IdPaese", "IT"), tag("IdCodice", "33401825030")),
            tag("ProgressivoInvio", sequence),
            tag("FormatoTrasmissione", fmt),
            tag("CodiceDestinatario", recipient),
        ),
        party("CedentePrestatore", seller, tag("RegimeFiscale", "RF01")),
        party("CessionarioCommittente", buyer, code=code),
    )


def line(number, price, rate, quantity=None, total=None, nature=None, withheld=False, text="Consulenza", extra=""):
    total = total if total is not None else f"{float(price) * float(quantity or 1):.2f}"
    return tag(
        "DettaglioLinee",
        tag("NumeroLinea", str(number)),
        tag("Descrizione", text),
        tag("Quantita", quantity) if quantity else "",
        tag("PrezzoUnitario", price),
        extra,
        tag("PrezzoTotale", total),
        tag("AliquotaIVA", rate),
        tag("Ritenuta", "SI") if withheld else "",
        tag("Natura", nature) if nature else "",
    )


def summary(rate, taxable, vat, nature=None, chargeability=None, rounding=None):
    return tag(
        "DatiRiepilogo",
        tag("AliquotaIVA", rate),
        tag("Natura", nature) if nature else "",
        tag("Arrotondamento", rounding) if rounding else "",
        tag("ImponibileImporto", taxable),
        tag("Imposta", vat),
        tag("EsigibilitaIVA", chargeability) if chargeability else "",
    )


def body(kind, number, date, goods, general="", total=None, linked="", rest="", rounding=None):
    return tag(
        "FatturaElettronicaBody",
        tag(
            "DatiGenerali",
            tag(
                "DatiGeneraliDocumento",
                tag("TipoDocumento", kind),
                tag("Divisa", "EUR"),
                tag("Data", date),
                tag("Numero", number),
                general,
                tag("ImportoTotaleDocumento", total) if total else "",
                tag("Arrotondamento", rounding) if rounding else "",
            ),
            linked,
        ),
        tag("DatiBeniServizi", goods),
        rest,
    )


def file(head, *bodies, version="FPR12", prefix="p", namespace=ORDINARY, declaration='<?xml version="1.0" encoding="UTF-8"?>\n'):
    name = f"{prefix}:FatturaElettronica" if prefix else "FatturaElettronica"
    where = f'xmlns:{prefix}="{namespace}"' if prefix else f'xmlns="{namespace}"'
    return f'{declaration}<{name} versione="{version}" {where}>{head}{"".join(bodies)}</{name}>'


SEAT = tag("Sede", tag("Indirizzo", "Via del Molo 1"), tag("CAP", "16100"), tag("Comune", "Genova"), tag("Nazione", "IT"))


def simplified(kind, number, date, goods, linked=""):
    ids = lambda who: tag("IdFiscaleIVA", tag("IdPaese", who[0]), tag("IdCodice", who[1]))
    head = tag(
        "FatturaElettronicaHeader",
        tag("DatiTrasmissione", tag("IdTrasmittente", tag("IdPaese", "IT"), tag("IdCodice", SELLER[1])),
            tag("ProgressivoInvio", "7"), tag("FormatoTrasmissione", "FSM10"), tag("CodiceDestinatario", "0000000")),
        tag("CedentePrestatore", ids(SELLER), tag("Denominazione", SELLER[2]), SEAT, tag("RegimeFiscale", "RF01")),
        tag("CessionarioCommittente", tag("IdentificativiFiscali", ids(BUYER)),
            tag("AltriDatiIdentificativi", tag("Denominazione", BUYER[2]), SEAT)),
    )
    content = tag("FatturaElettronicaBody",
                  tag("DatiGenerali", tag("DatiGeneraliDocumento", tag("TipoDocumento", kind), tag("Divisa", "EUR"),
                                          tag("Data", date), tag("Numero", number)), linked), goods)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<q1:FatturaElettronicaSemplificata versione="FSM10" xmlns:q1="{SIMPLIFIED}">'
            f"{head}{content}</q1:FatturaElettronicaSemplificata>")


def priced(amount, vat="", rate="", nature=""):
    return tag("DatiBeniServizi", tag("Descrizione", "Pranzo di lavoro"), tag("Importo", amount),
               tag("DatiIVA", tag("Imposta", vat) if vat else "", tag("Aliquota", rate) if rate else ""),
               tag("Natura", nature) if nature else "")


def write(name, content):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


SIMPLE = file(header(), body("TD01", "12/A", "2025-03-10", line(1, "100.00", "22.00") + summary("22.00", "100.00", "22.00"), total="122.00"))
PLAIN = body("TD01", "12/A", "2025-03-10", line(1, "100.00", "22.00") + summary("22.00", "100.00", "22.00"), total="122.00")


def invoices():
    withholding = tag("DatiRitenuta", tag("TipoRitenuta", "RT02"), tag("ImportoRitenuta", "200.00"), tag("AliquotaRitenuta", "20.00"), tag("CausalePagamento", "A"))
    fund = tag("DatiCassaPrevidenziale", tag("TipoCassa", "TC04"), tag("AlCassa", "4.00"), tag("ImportoContributoCassa", "40.00"), tag("ImponibileCassa", "1000.00"), tag("AliquotaIVA", "22.00"))
    write("IT33401825030_00001.xml", SIMPLE)
    write("IT33401825030_00002.xml", file(header(), body(
        "TD06", "13/A", "2025-03-11", line(1, "1000.00", "22.00", withheld=True) + summary("22.00", "1040.00", "228.80"),
        general=withholding + fund, total="1068.80",
        rest=tag("DatiPagamento", tag("CondizioniPagamento", "TP02"), tag("DettaglioPagamento", tag("ModalitaPagamento", "MP05"), tag("DataScadenzaPagamento", "2025-04-10"), tag("ImportoPagamento", "1068.80"), tag("IBAN", "IT60 X054 2811 1010 0000 0123 456"))))))
    lot = file(header(), PLAIN.replace("12/A", "14/A"), body(
        "TD24", "15/A", "2025-03-31", line(1, "10.00", "10.00", quantity="3.00") + summary("10.00", "30.00", "3.00")), prefix="ns2")
    write("IT33401825030_00003.xml", b"\xef\xbb\xbf\xef\xbb\xbf\r\n" + lot.encode())
    write("IT33401825030_00004.xml", file(header("FPA12", "AB12CD", buyer=PUBLIC), body(
        "TD01", "1/PA", "2025-03-12", line(1, "500.00", "22.00") + summary("22.00", "500.00", "110.00", chargeability="S"), total="500.00"), version="FPA12"))
    write("IT33401825030_00005.xml", file(header(), body(
        "TD04", "1/NC", "2025-03-15", line(1, "100.00", "22.00") + line(2, "-20.00", "22.00") + summary("22.00", "80.00", "17.60"), total="97.60",
        linked=tag("DatiFattureCollegate", tag("IdDocumento", "12/A"), tag("Data", "2025-03-10")))))
    latin = file(header(), PLAIN.replace("Consulenza", "Attivit\u00e0 \u20ac \u2013 perch\u00e9").replace("12/A", "16/A"))
    write("IT33401825030_00006.xml", latin.encode("cp1252"))
    write("IT33401825030_00007.xml", file(header(), PLAIN.replace("12/A", "  17/A\n ").replace("2025-03-10", "2025-03-10+01:00").replace("<Quantita>", "\n<!-- x --><Quantita>"), prefix="", declaration=""))
    write("IT33401825030_00008.xml", file(header(), body(
        "TD01", "18/A", "2025-03-16", line(1, "200.00", "0.00", nature="N2.2") + summary("0.00", "200.00", "0.00", nature="N2.2"),
        general=tag("DatiBollo", tag("BolloVirtuale", "SI"), tag("ImportoBollo", "2.00")), total="202.00")))
    write("IT33401825030_00009.xml", file(header(), body(
        "TD01", "19/A", "2025-03-17", line(1, "1000.00", "22.00") + summary("22.00", "1000.00", "220.00"),
        general=tag("ScontoMaggiorazione", tag("Tipo", "SC"), tag("Importo", "20.00")), total="1200.05", rounding="0.05")))
    write("IT33401825030_0000A.xml", file(header(seller=GERMAN), body(
        "TD17", "20/INT", "2025-03-18", line(1, "300.00", "22.00") + summary("22.00", "300.00", "66.00"))))
    attached = tag("Allegati", tag("NomeAttachment", "contratto.pdf"), tag("FormatoAttachment", "PDF"), tag("Attachment", base64.b64encode(bytes(3000)).decode()))
    write("IT33401825030_0000B.xml", file(header(buyer=("IT", "", "Laura Bianchi"), recipient="0000000", code=person_code("BNCLRA80A41Z99U")), PLAIN.replace("12/A", "21/A").replace("</FatturaElettronicaBody>", attached + "</FatturaElettronicaBody>")))
    write("IT33401825030_0000C.xml", file(header(recipient="ABC123", buyer=("IT", "19044175017", "Bottega del Porto S.r.l.")), body(
        "TD01", "senza", "2025-03-19",
        line(1, "100.00", "0.00") + line(2, "10.00", "22.00", nature="N4", quantity="2.00", total="25.00") + line(3, "5.00", "0.22", nature="N3", withheld=True)
        + summary("22.00", "40.00", "9.00", nature="N1") + summary("4.00", "10.00", "0.40")), version="FPA12"))
    write("IT33401825030_0000D.xml", file(header(), PLAIN.replace("12/A", "22/A").replace("<ImponibileImporto>100.00", "<ImponibileImporto>100,00").replace(">22.00</Imposta>", ">22.0</Imposta>")))
    write("IT33401825030_0000E.xml", file(header(), PLAIN, PLAIN))
    for version, name in (("1.1", "V11"), ("1.0", "V10")):
        old = file(header("SDI" + version.replace(".", ""), "AB12CD", buyer=PUBLIC), PLAIN.replace("2025-", "2015-"), version=version, namespace=OLD)
        write(f"IT33401825030_{name}.xml", old)
    write("IT33401825030_S0001.xml", simplified("TD07", "S1", "2025-03-20", priced("122.00", rate="22.00") + priced("11.00", vat="1.00") + priced("50.00", rate="0.00", nature="N4")))
    write("IT33401825030_S0002.xml", simplified("TD08", "S2", "2025-03-21", priced("61.00", rate="22.00"),
                                                tag("DatiFatturaRettificata", tag("NumeroFR", "S1"), tag("DataFR", "2025-03-20"), tag("ElementiRettificati", "Reso"))))

    write("IT33401825030_S0003.xml", simplified("TD07", "S3", "2025-03-22", priced("450.00", rate="22.00")))
    # What the schema refuses, a mail box of the SdI, and a tax code that is another number.
    shuffled = PLAIN.replace("12/A", "23/A/" + "0" * 20).replace("<Divisa>EUR</Divisa>", "")
    shuffled = shuffled.replace("<Descrizione>Consulenza</Descrizione>", "<Descrizione/>").replace("<AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>", "<Ritenuta>NO</Ritenuta><AliquotaIVA>22.00</AliquotaIVA><Colore>blu</Colore></DettaglioLinee>")
    write("IT33401825030_0000F.xml", file(header(code="20123335208").replace("</CodiceDestinatario>", "</CodiceDestinatario><PECDestinatario>sdi01@pec.fatturapa.it</PECDestinatario>"), shuffled))
    # An XML signature (XAdES) inside the invoice: read, and said not to be checked.
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/><ds:SignatureValue>AAAA</ds:SignatureValue><ds:Object><xades:SigningTime xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">2025-03-10T09:00:00Z</xades:SigningTime></ds:Object></ds:Signature>'
    write("IT33401825030_0000G.xml", SIMPLE.replace("12/A", "24/A").replace("</p:FatturaElettronica>", signature + "</p:FatturaElettronica>"))


def notices():
    folder = "notices"
    late = SIMPLE.replace("12/A", "30/A").replace("2025-03-10", "2025-05-02")
    write(f"{folder}/IT33401825030_N0001.xml", late)
    write(f"{folder}/IT33401825030_N0002.xml", SIMPLE.replace("12/A", "31/A"))
    write(f"{folder}/IT33401825030_N0003.xml", SIMPLE.replace("12/A", "31/A"))
    write(f"{folder}/IT33401825030_N0004.xml", SIMPLE.replace("12/A", "32/A").replace("<Numero>32/A", "<Numero> 32/A"))

    def notice(number, letters, root, *inner, suffix="001"):
        name = f"IT33401825030_N000{number}.xml"
        common = tag("IdentificativoSdI", f"90000{number}") + tag("NomeFile", name)
        text = f'<?xml version="1.0" encoding="UTF-8"?><types:{root} xmlns:types="{MESSAGES}" versione="1.0">{common}{"".join(inner)}</types:{root}>'
        write(f"{folder}/IT33401825030_N000{number}_{letters}_{suffix}.xml", text)

    write(f"{folder}/IT33401825030_N0005.xml", SIMPLE.replace("12/A", "32/A"))
    reference = tag("RiferimentoFattura", tag("NumeroFattura", "32/A"), tag("AnnoFattura", "2025"), tag("PosizioneFattura", "1"))
    received = tag("DataOraRicezione", "2025-05-20T10:15:00.000Z")
    message = tag("MessageId", "7700001")
    notice(1, "RC", "RicevutaConsegna", received, tag("DataOraConsegna", "2025-05-20T11:00:00.000+02:00"), tag("Destinatario", tag("Codice", "ABC1234"), tag("Descrizione", "Bottega")), message)
    notice(2, "NS", "NotificaScarto", tag("DataOraRicezione", "2025-03-12T10:00:00"), tag("ListaErrori", tag("Errore", tag("Codice", "00404"), tag("Descrizione", "Fattura duplicata"))), message)
    notice(3, "MC", "RicevutaImpossibilitaRecapito", tag("Hash", "0" * 64), tag("DataOraRicezione", "2025-03-12T12:00:00"), tag("DataMessaADisposizione", "2025-03-13"), message)
    notice(4, "NE", "NotificaEsito", tag("EsitoCommittente", tag("IdentificativoSdI", "900004"), reference, tag("Esito", "EC02"), tag("Descrizione", "Ordine non presente")), message)
    notice(4, "EC", "NotificaEsitoCommittente", reference, tag("Esito", "EC01"))
    notice(4, "SE", "ScartoEsitoCommittente", tag("Scarto", "EN00"), message)
    notice(4, "DT", "NotificaDecorrenzaTermini", reference, tag("Descrizione", "Decorsi quindici giorni"), message)
    notice(4, "AT", "AttestazioneTrasmissioneFattura", tag("DataOraRicezione", "2025-03-12T10:00:00"), tag("HashFileOriginale", "a" * 64), message)
    notice(4, "MT", "MetadatiInvioFile", tag("CodiceDestinatario", "ABC1234"), tag("Formato", "FPR12"), tag("TentativiInvio", "1"), message)
    # A deferred invoice of March for a delivery of February: due by the 15th of March.
    delivered = tag("DatiDDT", tag("NumeroDDT", "7"), tag("DataDDT", "2025-02-20"))
    write(f"{folder}/IT33401825030_N0006.xml", SIMPLE.replace("12/A", "33/A").replace("TD01", "TD24").replace("</DatiGenerali>", delivered + "</DatiGenerali>"))
    notice(6, "RC", "RicevutaConsegna", tag("DataOraRicezione", "2025-03-20T10:00:00"), message)
    notice(9, "RC", "RicevutaConsegna", received, message)


def refused():
    write("refused/empty.xml", b"")
    write("refused/no-body.xml", file(header()))
    write("refused/doctype.xml", '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "bb">]>\n<a>&b;</a>')
    write("refused/entity.xml", SIMPLE.replace("Consulenza", "&azienda;"))
    write("refused/deep.xml", "<a>" * 5000 + "</a>" * 5000)
    write("refused/cut.xml", SIMPLE[: len(SIMPLE) * 2 // 3])
    write("refused/stylesheet.xsl", '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>')
    write("refused/table.csv", "Numero;Data;Totale\r\n1;01/02/2025;122,00\r\n")
    write("refused/document.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(zipfile.ZipInfo("bomb.xml", (2025, 1, 1, 0, 0, 0)), b"<a>" + b" " * 40_000_000 + b"</a>", zipfile.ZIP_DEFLATED)
    write("refused/bomb.zip", bomb.getvalue())


def archive():
    data = io.BytesIO()
    inner = io.BytesIO()
    entry = lambda name: zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(inner, "w") as zipped:
        zipped.writestr(entry("IT33401825030_Z0003.xml"), SIMPLE.replace("12/A", "42/A"), zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(data, "w") as zipped:
        zipped.writestr(entry("marzo/IT33401825030_Z0001.xml"), SIMPLE.replace("12/A", "40/A"), zipfile.ZIP_DEFLATED)
        zipped.writestr(entry("../../IT33401825030_Z0002.xml.p7m"), base64.encodebytes(SIMPLE.replace("12/A", "41/A").encode()), zipfile.ZIP_DEFLATED)
        zipped.writestr(entry("__MACOSX/marzo/._IT33401825030_Z0001.xml"), b"\x00\x05\x16\x07", zipfile.ZIP_DEFLATED)
        zipped.writestr(entry("marzo/copia di cortesia.pdf"), b"%PDF-1.7\n", zipfile.ZIP_DEFLATED)
        zipped.writestr(entry("marzo/altri.zip"), inner.getvalue(), zipfile.ZIP_DEFLATED)
    write("marzo.zip", data.getvalue())


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], input=stdin, check=True, capture_output=True).stdout


def signed():
    folder = HERE / "signed"
    if folder.exists():
        return
    with tempfile.TemporaryDirectory() as place:
        keys = {}
        for name, subject, kind in (("rsa", "Anna Ferri", ["rsa:2048"]), ("ec", "Paolo Conti", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
            key, certificate = f"{place}/{name}.key", f"{place}/{name}.pem"
            openssl("req", "-x509", "-newkey", *kind, "-nodes", "-keyout", key, "-out", certificate, "-days", "3650", "-subj", f"/C=IT/O=Firma di prova/CN={subject}")
            keys[name] = ["-signer", certificate, "-inkey", key]
        plain = f"{place}/plain.xml"
        Path(plain).write_text(SIMPLE)
        sign = lambda content, key, *more: openssl("cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-outform", "DER", *keys[key], *more, stdin=content)
        content = SIMPLE.encode()
        der = sign(content, "rsa")
        ber = sign(content, "ec", "-stream", "-indef")
        write("signed/IT33401825030_P0001.xml.p7m", der)
        write("signed/IT33401825030_P0002_ber.xml.p7m", ber)
        write("signed/IT33401825030_P0003_nested.xml.p7m", sign(der, "ec"))
        write("signed/IT33401825030_P0004_cosigned.xml.p7m", openssl("cms", "-resign", "-inform", "DER", "-outform", "DER", "-md", "sha256", *keys["ec"], stdin=der))
        write("signed/IT33401825030_P0005_base64.xml.p7m", base64.encodebytes(der).replace(b"\n", b"\r\n"))
        write("signed/IT33401825030_P0006_thrice.xml.p7m", base64.b64encode(base64.b64encode(base64.b64encode(der).rstrip(b"="))))
        write("signed/IT33401825030_P0007_pem.xml.p7m", b"-----BEGIN PKCS7-----\n" + base64.encodebytes(der) + b"-----END PKCS7-----\n")
        write("signed/IT33401825030_P0008_trailing.xml.p7m", der + b"\r\n\0\0")
        write("signed/IT33401825030_P0009_plain.xml.p7m", content)
        write("signed/IT33401825030_P0010_altered.xml.p7m", der.replace(b"12/A", b"92/A"))
        write("signed/IT33401825030_P0011_sha1.xml.p7m", openssl("cms", "-sign", "-binary", "-nodetach", "-md", "sha1", "-outform", "DER", *keys["rsa"], stdin=content))
        write("signed/refused_detached.xml.p7m", openssl("cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", *keys["rsa"], stdin=content))
        write("signed/refused_truncated.xml.p7m", der[: len(der) // 2])
        write("signed/refused_text_mode.xml.p7m", ber.decode("cp1252", "replace").encode())
        write("signed/refused_not_invoice.txt.p7m", sign(b"Solo una prova, non una fattura.\n", "rsa"))


if __name__ == "__main__":
    invoices()
    notices()
    refused()
    archive()
    signed()
