"""Company C, a studio: issued invoices as an ODS table; no ledger of what it received."""

from datetime import date
from decimal import Decimal

from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style
from odf.table import Table, TableCell, TableRow
from odf.text import P

from .common import (
    DEMO,
    MONTH,
    fate_findings,
    italian,
    money,
    plant,
    save_same_bytes,
    spare,
    split,
    text_of,
)

STUDIO_HEADING = [
    "Documento",
    "Numero fattura",
    "Data fattura",
    "Cliente",
    "Partita IVA cliente",
    "Codice fiscale",
    "Totale imponibile",
    "Totale IVA",
    "Totale fattura",
    "Rif. SdI",
]
STAMP_DUTY = ("FPR 5/26", "FPR 9/26")


def studio_books(company, invoices):
    outgoing = [one for one in invoices if one["direction"] == "outgoing"]
    incoming = [one for one in invoices if one["direction"] == "incoming"]
    fate_findings(company, outgoing)
    rows = []
    for invoice in sorted(outgoing, key=lambda one: (one["issue_date"], one["document_number"])):
        rows += studio_rows(company, invoice, outgoing)
    write_ods(DEMO / company / f"fatture-emesse-{MONTH}.ods", "Fatture emesse", STUDIO_HEADING, rows)
    total = sum(money(one["total_gross_amount"]) for one in incoming)
    plant(
        company,
        "ledger_missing",
        MONTH,
        direction="incoming",
        documents=len(incoming),
        amount=text_of(total),
    )


def studio_rows(company, invoice, outgoing):
    number = invoice["document_number"]
    gross = money(invoice["total_gross_amount"])
    issue_date = date.fromisoformat(invoice["issue_date"])
    party = invoice["recipient"]
    sdi_id = invoice["details"]["sdi_id"]
    written = written_otherwise(number)
    base = {"direction": "outgoing", "invoice_id": invoice["id"], "sdi_id": sdi_id}
    if number == "16/2026":
        plant(company, "missing_in_ledger", number, **base, amount=text_of(gross))
        return []
    if number == "FPR 7":
        return []
    if number == "7/2026":
        other = next(one for one in outgoing if one["document_number"] == "FPR 7")
        written, sdi_id = "7", ""
        plant(
            company,
            "ambiguous",
            "7",
            direction="outgoing",
            provider_numbers=["7/2026", "FPR 7"],
            invoice_ids=[invoice["id"], other["id"]],
            amount=text_of(gross),
        )
    if number == "18/2026":
        written = "81/2026"
        plant(company, "number_differs", number, **base, provider=number, ledger_number=written)
    if number == "11/2026":
        party = next(one for one in outgoing if one["document_number"] == "12/2026")["recipient"]
        plant(
            company,
            "counterparty_differs",
            number,
            **base,
            provider_counterparty=invoice["recipient"]["name"],
            provider_tax_id=invoice["recipient"]["vat_id"].removeprefix("IT"),
            ledger_counterparty=party["name"],
            ledger_tax_id=party["vat_id"].removeprefix("IT"),
        )
    if number == "FPR 6/26":
        issue_date = issue_date.replace(day=issue_date.month, month=issue_date.day)
        plant(
            company,
            "date_differs",
            number,
            **base,
            provider=invoice["issue_date"],
            ledger_date=str(issue_date),
        )
    taxable, vat = split(gross, 22)
    if number in STAMP_DUTY:
        taxable, vat = gross - 2, Decimal(0)
        spare(
            company,
            "stamp duty of 2.00 in the total only",
            number,
            total=text_of(gross),
            taxable=text_of(taxable),
        )
    name = "Nota di credito" if invoice["type"] == "TD04" else "Fattura"
    vat_id = party["vat_id"].removeprefix("IT")
    return [
        [
            name,
            written,
            issue_date,
            party["name"],
            vat_id,
            party["tax_code"],
            taxable,
            vat,
            gross,
            sdi_id,
        ]
    ]


def written_otherwise(number):
    """The same number without its year, in every other invoice of the main series."""
    running, slash, year = number.partition("/")
    return running if year == "2026" and running.isdigit() and int(running) % 2 else number


def write_ods(path, title, heading, rows):
    document = OpenDocumentSpreadsheet()
    bold = Style(name="Intestazione", family="table-cell")
    document.automaticstyles.addElement(bold)
    table = Table(name=title)
    line = TableRow()
    for one in heading:
        line.addElement(ods_cell(one, stylename=bold))
    table.addElement(line)
    for row in rows:
        line = TableRow()
        for one in row:
            line.addElement(ods_cell(one))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    save_same_bytes(path, document.write)


def ods_cell(value, **style):
    if isinstance(value, Decimal):
        cell = TableCell(valuetype="float", value=f"{value:.2f}", **style)
        shown = italian(value)
    elif isinstance(value, date):
        cell = TableCell(valuetype="date", datevalue=str(value), **style)
        shown = f"{value:%d/%m/%Y}"
    elif value:
        cell = TableCell(valuetype="string", **style)
        shown = value
    else:
        return TableCell(**style)
    cell.addElement(P(text=shown))
    return cell
