"""Company B's purchases: the tax portal's export of received invoices, to the letter."""

import csv
from datetime import date
from decimal import Decimal

from .common import (
    DEMO,
    MONTH,
    created,
    money,
    plant,
    portal,
    split,
    text_of,
    transposed,
    write_csv,
)

PORTAL_HEADING = [
    "Tipo fattura",
    "Tipo documento",
    "Numero fattura / Documento",
    "Data emissione",
    "Data trasmissione",
    "Codice fiscale fornitore",
    "Partita IVA fornitore",
    "Denominazione fornitore",
    "Codice fiscale cliente",
    "Partita IVA cliente",
    "Denominazione cliente",
    "Imponibile/Importo (totale in euro)",
    "Imposta (totale in euro)",
    "Sdi/file",
    "Fatture consegnate",
    "Data ricezione",
    "Bollo virtuale",
]
PORTAL_TYPES = {
    "TD01": "Fattura",
    "TD24": "Fattura differita (TD24)",
    "TD06": "Parcella",
    "TD04": "Nota di credito",
}


def workshop_received(company, incoming):
    incoming = sorted(incoming, key=lambda one: (one["issue_date"], one["id"]))
    plain = [one for one in incoming if one["type"] == "TD01"]
    left_out, transposed_one = plain[17], plain[31]
    # Day and month swap into another date only before the 13th and not on the 2nd.
    swapped = next(one for one in plain if one["issue_date"] == "2026-02-05")
    rows = []
    for place, invoice in enumerate(incoming):
        number = invoice["document_number"]
        gross = money(invoice["total_gross_amount"])
        base = {
            "direction": "incoming",
            "invoice_id": invoice["id"],
            "sdi_id": invoice["details"]["sdi_id"],
        }
        issue_date = date.fromisoformat(invoice["issue_date"])
        if invoice is left_out:
            plant(company, "missing_in_ledger", number, **base, amount=text_of(gross))
            continue
        booked = gross
        if invoice is transposed_one:
            booked = transposed(gross)
            plant(
                company,
                "amount_differs",
                number,
                **base,
                provider=text_of(gross),
                ledger_amount=text_of(booked),
            )
        if invoice is swapped:
            issue_date = issue_date.replace(day=issue_date.month, month=issue_date.day)
            plant(
                company,
                "date_differs",
                number,
                **base,
                provider=invoice["issue_date"],
                ledger_date=str(issue_date),
            )
        rows.append(portal_row(invoice, issue_date, booked, delivered=place != 20))
    rows.append(unknown_purchase(company, incoming[0]["recipient"]))
    path = DEMO / company / f"ricevute-{MONTH}.csv"
    write_csv(path, PORTAL_HEADING, rows, ";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")


def portal_row(invoice, issue_date, gross, delivered):
    seller, buyer = invoice["sender"], invoice["recipient"]
    # Every fifth supplier sells food: ten per cent.
    rate = 10 if int(seller["vat_id"].removeprefix("IT")[-1]) % 5 == 0 else 22
    sign = -1 if invoice["type"] == "TD04" else 1
    taxable, vat = split(gross, rate)
    arrived = f"{created(invoice):%d/%m/%Y}"
    return [
        "'Fattura tra privati'",
        PORTAL_TYPES[invoice["type"]],
        f"'{invoice['document_number']}'",
        f"{issue_date:%d/%m/%Y}",
        arrived,
        f"'{seller['tax_code']}'" if rate == 22 else "'Non presente'",
        f"'{seller['vat_id'].removeprefix('IT')}'",
        seller["name"].upper(),
        "'Non presente'",
        f"'{buyer['vat_id'].removeprefix('IT')}'",
        buyer["name"].upper(),
        portal(sign * taxable),
        portal(sign * vat),
        invoice["details"]["sdi_id"],
        "Consegnata" if delivered else "Mancata consegna/Presa visione",
        arrived,
        "",
    ]


def unknown_purchase(company, buyer):
    taxable, vat = Decimal("318.00"), Decimal("69.96")
    plant(
        company,
        "missing_at_provider",
        "2026/77",
        direction="incoming",
        sdi_id="14999000077",
        issue_date="2026-02-19",
        counterparty="VERNICIATURE LUCIDE S.N.C.",
        amount=text_of(taxable + vat),
    )
    return [
        "'Fattura tra privati'",
        "Fattura",
        "'2026/77'",
        "19/02/2026",
        "20/02/2026",
        "'Non presente'",
        "'20611155233'",
        "VERNICIATURE LUCIDE S.N.C.",
        "'Non presente'",
        f"'{buyer['vat_id']}'",
        buyer["name"].upper(),
        portal(taxable),
        portal(vat),
        "14999000077",
        "Consegnata",
        "20/02/2026",
        "",
    ]
