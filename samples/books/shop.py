"""Company A, a shop: daily takings by VAT rate and by tender, and a few invoices."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from .common import (
    CENT,
    DEMO,
    MONTH,
    italian,
    moment,
    money,
    plant,
    spare,
    split,
    text_of,
    write_csv,
)
from .orders import order_of, orders


def issued(receipt):
    return receipt["status"] in ("ready", "voided")


def shop_books(company, receipts, invoices):
    folder = DEMO / company
    void = next(r for r in receipts if r["type"] == "void" and not order_of(parent(receipts, r)))
    takings(company, folder, receipts, void)
    orders(company, folder, receipts)
    for receipt in receipts:
        kind = {"failed": "receipt_failed", "retry": "receipt_stuck"}.get(receipt["status"])
        if kind:
            paid = receipt["cash_payment_amount"] + receipt["electronic_payment_amount"]
            plant(
                company,
                kind,
                receipt["id"],
                status=receipt["status"],
                created_at=receipt["created_at"],
                amount=text_of(money(paid)),
            )
    rows = []
    for invoice in sorted(invoices, key=lambda one: one["issue_date"]):
        gross = money(invoice["total_gross_amount"])
        taxable, vat = split(gross, 22)
        day = date.fromisoformat(invoice["issue_date"])
        buyer = invoice["recipient"]
        rows.append(
            [
                invoice["document_number"],
                f"{day:%d/%m/%Y}",
                buyer["name"],
                buyer["vat_id"].removeprefix("IT"),
                italian(taxable),
                italian(vat),
                italian(gross),
            ]
        )
    heading = "Numero documento;Data documento;Cliente;Partita IVA;Imponibile;IVA;Totale documento"
    write_csv(folder / f"registro-iva-vendite-{MONTH}.csv", heading.split(";"), rows, ";")


def parent(receipts, child):
    return next(r for r in receipts if r["id"] == child["parent_receipt_id"])


def takings(company, folder, receipts, forgotten_void):
    """Two registers of daily takings: by VAT rate, and by tender."""
    by_rate = defaultdict(Decimal)
    by_tender = defaultdict(lambda: [Decimal(0)] * 4)
    for receipt in receipts:
        if not issued(receipt):
            continue
        sign = 1 if receipt["type"] == "sale" else -1
        day = moment(receipt["document_date"]).date()
        for item in receipt["items"]:
            by_rate[day, int(item["vat_rate"])] += sign * item["total_amount"]
        paid = tenders(receipt)
        by_tender[day] = [old + sign * new for old, new in zip(by_tender[day], paid, strict=True)]

    # Two days on which somebody typed a wrong amount at one rate.
    for day, rate, change in [
        (date(2026, 2, 4), 10, Decimal(9)),
        (date(2026, 2, 11), 22, Decimal(-20)),
    ]:
        right = by_rate[day, rate]
        by_rate[day, rate] += change
        plant(
            company,
            "takings_differ",
            str(day),
            by="vat_rate",
            cells=[cell(f"{rate}", right, by_rate[day, rate])],
            reason="wrong amount typed at one rate",
        )
    # A day on which fifty euros of cash were booked as paid by card.
    day = date(2026, 2, 18)
    right = list(by_tender[day])
    by_tender[day][0] -= 50
    by_tender[day][1] += 50
    plant(
        company,
        "takings_differ",
        str(day),
        by="tender",
        cells=[
            cell("cash", right[0], by_tender[day][0]),
            cell("electronic", right[1], by_tender[day][1]),
        ],
        reason="cash booked as electronic",
    )
    # A day on which a sale was voided and only the sale was booked.
    day = moment(forgotten_void["document_date"]).date()
    cells = []
    back = defaultdict(Decimal)
    for item in forgotten_void["items"]:
        back[int(item["vat_rate"])] += item["total_amount"]
    for rate, gross in sorted(back.items()):
        cells.append(cell(f"{rate}", by_rate[day, rate], by_rate[day, rate] + gross))
        by_rate[day, rate] += gross
    names = ("cash", "electronic", "vouchers", "uncollected")
    for place, (name, paid) in enumerate(zip(names, tenders(forgotten_void), strict=True)):
        if paid:
            cells.append(cell(name, by_tender[day][place], by_tender[day][place] + paid))
            by_tender[day][place] += paid
    plant(
        company,
        "takings_differ",
        str(day),
        by="vat_rate and tender",
        cells=cells,
        reason="voided sale booked without its void",
        void_id=forgotten_void["id"],
        parent_id=forgotten_void["parent_receipt_id"],
    )

    drift = date(2026, 2, 25)
    rows = []
    for (day, rate), gross in sorted(by_rate.items()):
        taxable, vat = split(money(gross), rate)
        if (day, rate) == (drift, 22):
            taxable, vat = taxable + CENT, vat - CENT
            spare(
                company,
                "rounding drift: gross equal, taxable 0.01 more and VAT 0.01 less",
                str(day),
                vat_rate="22",
            )
        rows.append([f"{day:%d/%m/%Y}", rate, italian(taxable), italian(vat), italian(money(gross))])
    heading = "Data;Aliquota IVA;Imponibile;Imposta;Totale corrispettivi"
    write_csv(folder / f"corrispettivi-{MONTH}.csv", heading.split(";"), rows, ";")
    rows = [
        [f"{day:%d/%m/%Y}", *(italian(money(paid)) for paid in [*paid, sum(paid)])]
        for day, paid in sorted(by_tender.items())
    ]
    heading = "Data;Contanti;Pagamento elettronico;Buoni pasto;Non riscosso;Totale"
    write_csv(folder / f"incassi-{MONTH}.csv", heading.split(";"), rows, ";")


def cell(name, provider, ledger):
    return {
        "name": name,
        "provider": text_of(provider),
        "ledger": text_of(ledger),
        "difference": text_of(ledger - provider),
    }


def tenders(receipt):
    return [
        receipt["cash_payment_amount"],
        receipt["electronic_payment_amount"],
        receipt["ticket_restaurant_payment_amount"],
        receipt["goods_uncollected_amount"] + receipt["services_uncollected_amount"],
    ]
