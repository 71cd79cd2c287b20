"""Company B, a workshop: its register of sales as a workbook, full of other spellings."""

from datetime import date
from decimal import Decimal

import openpyxl
from openpyxl.styles import Font

from .common import (
    DEMO,
    MONTH,
    created,
    fate_findings,
    money,
    plant,
    save_same_bytes,
    spare,
    split,
    text_of,
    transposed,
)
from .received import workshop_received

SALES_HEADING = [
    "Tipo doc.",
    "Num. documento",
    "Data doc.",
    "Data reg.",
    "P. IVA",
    "Ragione sociale",
    "Imponibile",
    "IVA",
    "Totale documento",
]
SALES_TYPES = {
    "TD01": "Fattura",
    "TD24": "Fattura differita",
    "TD04": "Nota di credito",
    "TD17": "TD17",
}
EXPORTER = "Fonderie Casentino S.p.A."


def workshop_books(company, invoices):
    outgoing = [one for one in invoices if one["direction"] == "outgoing"]
    incoming = [one for one in invoices if one["direction"] == "incoming"]
    fate_findings(company, outgoing)
    workshop_sales(company, outgoing)
    workshop_received(company, [one for one in incoming if one["type"] != "TD17"])
    spare(
        company,
        "self-invoice seen twice, outgoing and incoming, counted once",
        "AUT 1",
        type="TD17",
    )
    spare(company, "notice without VAT effect, in no ledger", "1/N", type="TD29")
    spare(company, "discarded by the SdI and not booked", "171")


def party_of(invoice):
    """Returns the other side: the buyer of what we sell, the seller of the rest."""
    own_name = invoice["fiscal_id"] in invoice["sender"]["vat_id"]
    return invoice["recipient"] if own_name else invoice["sender"]


def workshop_sales(company, outgoing):
    rows = []
    twins = [one for one in outgoing if one["document_number"] == "158"]
    first, again = sorted(twins, key=created)
    plant(
        company,
        "duplicate_at_provider",
        "158",
        direction="outgoing",
        invoice_ids=sorted([first["id"], again["id"]]),
        amount=text_of(money(first["total_gross_amount"])),
    )
    for invoice in outgoing:
        number = invoice["document_number"]
        if invoice is again or invoice["type"] == "TD29" or number == "171":
            continue
        gross = money(invoice["total_gross_amount"])
        base = {"direction": "outgoing", "invoice_id": invoice["id"]}
        if number in ("163", "PA 12"):
            plant(company, "missing_in_ledger", number, **base, amount=text_of(gross))
            continue
        name = SALES_TYPES[invoice["type"]]
        booked = gross
        if number in ("139", "187"):
            booked = transposed(gross)
            plant(
                company,
                "amount_differs",
                number,
                **base,
                provider=text_of(gross),
                ledger_amount=text_of(booked),
            )
        if number == "NC 4":
            name = "Fattura"
            plant(
                company,
                "sign_differs",
                number,
                **base,
                provider=text_of(-gross),
                ledger_amount=text_of(gross),
            )
        if number == "144":
            plant(company, "discarded_by_sdi_but_booked", number, **base, amount=text_of(gross))
        if number == "PA 9":
            plant(company, "refused_by_buyer_but_booked", number, **base, amount=text_of(gross))
        row = sales_row(invoice, name, booked)
        rows.append(row)
        if number == "176":
            rows.append(list(row))
            plant(company, "duplicate_in_ledger", number, **base, rows=2, amount=text_of(gross))
    rows.append(unknown_sale(company, outgoing))
    rows.sort(key=lambda row: (row[3], row[2], str(row[1])))
    write_sales(company, rows)


def sales_row(invoice, name, gross):
    party = party_of(invoice)
    rate = 0 if party["name"] == EXPORTER else 22
    taxable, vat = split(gross, rate)
    issue_date = date.fromisoformat(invoice["issue_date"])
    registered = max(issue_date, min(created(invoice).date(), date(2026, 2, 28)))
    vat_id = party["vat_id"].removeprefix("IT")
    number = invoice["document_number"]
    if number.isdigit() and int(number) % 25 == 11:
        # Typed into a cell that holds numbers.
        vat_id = int(vat_id)
    return [
        name,
        written_otherwise(number),
        issue_date,
        registered,
        vat_id,
        party["name"],
        taxable,
        vat,
        gross,
    ]


def written_otherwise(number):
    """The same number as another program prints it."""
    if not number.isdigit():
        return number
    match int(number) % 10:
        case 0:
            return number.zfill(6)
        case 3:
            return f"{number}/2026"
        case 5:
            return int(number)
        case 7:
            return f"FPR {number}"
    return number


def unknown_sale(company, outgoing):
    buyer = next(one for one in outgoing if one["document_number"] == "134")["recipient"]
    gross = Decimal("1220.00")
    plant(
        company,
        "missing_at_provider",
        "231",
        direction="outgoing",
        issue_date="2026-02-27",
        counterparty=buyer["name"],
        amount=text_of(gross),
    )
    day = date(2026, 2, 27)
    vat_id = buyer["vat_id"].removeprefix("IT")
    return ["Fattura", "231", day, day, vat_id, buyer["name"], *split(gross, 22), gross]


def write_sales(company, rows):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Vendite"
    sheet.append([f"Officine Meccaniche Valdarno S.p.A. - P.IVA {company}"])
    sheet.append(["Registro IVA vendite - febbraio 2026"])
    sheet.append(SALES_HEADING)
    for row in rows:
        sheet.append([float(one) if isinstance(one, Decimal) else one for one in row])
    totals = [sum(row[place] for row in rows) for place in (6, 7, 8)]
    sheet.append(["TOTALI", *[None] * 5, *map(float, totals)])
    for place in range(1, 10):
        sheet.cell(row=3, column=place).font = Font(bold=True)
    for line in sheet.iter_rows(min_row=4):
        for one in line[2:4]:
            one.number_format = "dd/mm/yyyy"
        for one in line[6:9]:
            one.number_format = "#,##0.00"
    for column, width in zip("ABCDEFGHI", (18, 16, 12, 12, 14, 36, 13, 13, 17), strict=True):
        sheet.column_dimensions[column].width = width
    save_same_bytes(DEMO / company / f"registro-iva-vendite-{MONTH}.xlsx", book.save)
