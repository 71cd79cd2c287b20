"""Writes `samples/ledgers/portal/`: each form in which the tax portal exports invoices and takings.

The forms are those of "Fatture e Corrispettivi": fields in quotes (a missing one is bare),
CRLF, UTF-8 without byte order mark, amounts padded with zeros, identifiers in apostrophes.
`totals.json` has the control totals of each file, computed here and not by Quadra.
"""

import json
from decimal import Decimal

from books.common import SAMPLES, portal, split
from books.received import PORTAL_HEADING

FOLDER = SAMPLES / "ledgers" / "portal"
OWN = ("21177305022", "OFFICINE MECCANICHE VALDARNO S.P.A.")
ABSENT = "'Non presente'"

CROSS_BORDER_ISSUED = (
    "Codice fiscale fornitore;Partita IVA fornitore;Denominazione fornitore;Tipo documento;"
    "Numero fattura/Documento;Data emissione fattura;Data trasmissione fattura;"
    "Codice fiscale cliente estero;Paese cliente estero;Partita IVA cliente estero;"
    "Denominazione cliente estero;Imponibile/Importo (totale in euro);Imposta (totale in euro);"
    "Trasmessa da;Stato;Sdi/file"
).split(";")
CROSS_BORDER_RECEIVED = (
    "Codice fiscale fornitore estero;Paese fornitore estero;Partita IVA fornitore estero;"
    "Denominazione fornitore estero;Tipo documento;Numero fattura/Documento;Data emissione fattura;"
    "Data trasmissione fattura;Data registrazione fattura;Codice fiscale cliente;Partita IVA cliente;"
    "Denominazione cliente;Imponibile/Importo (totale in euro);Imposta (totale in euro);Stato;Sdi/File"
).split(";")
TAKINGS = (
    "Id invio;Matricola dispositivo;Data e ora rilevazione;Data e ora trasmissione;"
    "Ammontare delle vendite (totale in euro);Imponibile vendite (totale in euro);"
    "Imposta vendite (totale in euro);Periodo di inattivita' da;Periodo di inattivita' a"
).split(";")

# Type, number, day of issue, day of transmission, other side, its id, taxable, VAT, status.
ISSUED = [
    ("Fattura", "301", "02/02/2026", "02/02/2026", "ALFA SERRAMENTI S.R.L.", "20041115609", "1689.50", "371.69", "Consegnata"),
    ("Fattura", "302/A", "05/02/2026", "06/02/2026", "BETA \"LEGNO\" S.N.C.", "20082225606", "120.00", "26.40", "Consegnata"),
    ("Fattura differita (TD24)", "303", "10/02/2026", "12/02/2026", "GAMMA; FIGLI S.R.L.", "20123335604", "43.81", "9.64", "Mancata consegna"),
    ("Nota di credito", "304", "11/02/2026", "11/02/2026", "ALFA SERRAMENTI S.R.L.", "20041115609", "-43.55", "-9.58", "Consegnata"),
    ("Fattura", "PA 21", "16/02/2026", "16/02/2026", "COMUNE DI VALDOMBROSA", "20041115229", "2500.00", "550.00", "Rifiutata"),
    ("Fattura", "PA 21", "19/02/2026", "19/02/2026", "COMUNE DI VALDOMBROSA", "20041115229", "2500.00", "550.00", "Consegnata"),
]  # fmt: skip
ABROAD = [
    ("Fattura", "EX-7", "03/02/2026", "04/02/2026", "NORDLICHT SOFTWARE GMBH", "DE", "299999902", "4200.00", "0.00"),
    ("Fattura", "EX-8", "18/02/2026", "20/02/2026", "ATELIER DES PONTS SARL", "FR", "00900000017", "780.00", "0.00"),
    ("Integrazione/autofattura (TD17)", "SM03473", "25/02/2026", "26/02/2026", "TITANO SERVIZI S.R.L.", "SM", "00099", "310.00", "68.20"),
]  # fmt: skip


def write(name, heading, rows):
    def field(value):
        return "" if value is None else '"' + value.replace('"', '""') + '"'

    lines = [";".join(map(field, row)) for row in [heading, *rows]]
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_bytes("".join(line + "\r\n" for line in lines).encode())


def issued_rows():
    for place, row in enumerate(ISSUED):
        kind, number, issued, sent, name, tax_id, taxable, vat, status = row
        public = name.startswith("COMUNE")
        yield [
            "'Fattura alla pubblica amministrazione'" if public else "'Fattura tra privati'",
            kind,
            f"'{number}'",
            issued,
            sent,
            f"'{OWN[0]}'",
            f"'{OWN[0]}'",
            OWN[1],
            f"'{tax_id}'" if place % 2 else ABSENT,
            f"'{tax_id}'",
            name,
            portal(Decimal(taxable)),
            portal(Decimal(vat)),
            str(15_100_000_301 + place),
            status,
            sent if status == "Consegnata" else None,
            "SI" if place == 0 else None,
        ]


def made_available_rows():
    """Received but never delivered: the same form without the date of reception."""
    for place, row in enumerate(ISSUED[:3]):
        kind, number, issued, sent, name, tax_id, taxable, vat, _ = row
        seller = [ABSENT, f"'{tax_id}'", name]
        buyer = [f"'{OWN[0]}'", f"'{OWN[0]}'", OWN[1]]
        amounts = [portal(Decimal(taxable)), portal(Decimal(vat))]
        sdi_id = str(15_200_000_301 + place)
        yield [
            "'Fattura tra privati'",
            kind,
            f"'{number}'",
            issued,
            sent,
            *seller,
            *buyer,
            *amounts,
            sdi_id,
            "Mancata consegna",
            None,
        ]


def cross_border_issued_rows():
    for place, row in enumerate(ABROAD[:2]):
        kind, number, issued, sent, name, country, tax_id, taxable, vat = row
        own = [f"'{OWN[0]}'", f"'{OWN[0]}'", OWN[1]]
        other = [ABSENT, country, f"'{tax_id}'", name]
        amounts = [portal(Decimal(taxable)), portal(Decimal(vat))]
        yield [
            *own,
            kind,
            f"'{number}'",
            issued,
            sent,
            *other,
            *amounts,
            "Soggetto obbligato",
            "Accettata",
            str(15_300_000_001 + place),
        ]


def cross_border_received_rows():
    for place, row in enumerate(ABROAD):
        kind, number, issued, sent, name, country, tax_id, taxable, vat = row
        own = [f"'{OWN[0]}'", f"'{OWN[0]}'", OWN[1]]
        other = [ABSENT, country, f"'{tax_id}'", name]
        amounts = [portal(Decimal(taxable)), portal(Decimal(vat))]
        yield [
            *other,
            kind,
            f"'{number}'",
            issued,
            sent,
            sent,
            *own,
            *amounts,
            "Accettata",
            str(15_400_000_001 + place),
        ]


def takings_rows():
    """A closing a day, two on the 4th, none on the 6th: the shop was shut, and said so."""
    days = ["02", "03", "04", "04", "05", "07"]
    for place, day in enumerate(days):
        gross = Decimal(1830 + place * 61)
        taxable, vat = split(gross, 22)
        hour = "13:05:12" if (place, day) == (2, "04") else "20:15:40"
        quiet = ("06/02/2026 00:00:00", "06/02/2026 23:59:59") if day == "07" else (None, None)
        yield [
            str(9_100_000_001 + place),
            "99IEC000123",
            f"{day}/02/2026 {hour}",
            f"{day}/02/2026 {hour[:6]}59",
            # As the portal does: the "amount of sales" is the taxable amount.
            portal(taxable),
            portal(taxable),
            portal(vat),
            *quiet,
        ]


def main():
    issued = list(issued_rows())
    made_available = [name for name in PORTAL_HEADING if name != "Data ricezione"]
    issued_heading = [
        "Data consegna/Presa visione" if one == "Data ricezione" else one for one in PORTAL_HEADING
    ]
    files = {
        "emesse.csv": (issued_heading, issued),
        "messe-a-disposizione.csv": (made_available, list(made_available_rows())),
        "transfrontaliere-emesse.csv": (CROSS_BORDER_ISSUED, list(cross_border_issued_rows())),
        "transfrontaliere-ricevute.csv": (CROSS_BORDER_RECEIVED, list(cross_border_received_rows())),
        "corrispettivi.csv": (TAKINGS, list(takings_rows())),
    }
    totals = {}
    for name, (heading, rows) in files.items():
        assert all(len(row) == len(heading) for row in rows), name
        write(name, heading, rows)
        totals[name] = {"rows": len(rows)}
        for key, part in (("taxable", "Imponibile"), ("vat", "Imposta")):
            place = next(place for place, one in enumerate(heading) if one.startswith(part))
            cents = sum(Decimal(row[place].replace(",", ".")) for row in rows)
            totals[name][key] = f"{cents:.2f}"
    (FOLDER / "totals.json").write_text(json.dumps(totals, indent=2) + "\n")
    print(f"{len(files)} files in {FOLDER}")


if __name__ == "__main__":
    main()
