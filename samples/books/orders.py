"""Company A's web shop: its own export of orders, several rows an order."""

from datetime import datetime, timedelta
from decimal import Decimal

from .common import (
    MONTH,
    ROME,
    created,
    moment,
    money,
    plant,
    spare,
    text_of,
    transposed,
    write_csv,
)

ORDER_HEADING = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Id,"
    "Tags,Source,Lineitem discount"
).split(",")


def order_of(receipt):
    """Returns the shop's order name among the tags, which come flat, nested or not at all."""
    tags = receipt.get("tags") or []
    flat = [tag for one in tags for tag in (one if isinstance(one, list) else [one])]
    return next((tag for tag in flat if tag.startswith("#")), None)


def orders(company, folder, receipts):
    """The web shop's own export: an order may take several rows, totals on the first only."""
    by_parent = {r.get("parent_receipt_id"): r for r in receipts if r.get("parent_receipt_id")}
    found = {order_of(r): r for r in receipts if r["type"] == "sale" and order_of(r)}
    rows = []
    for name in sorted({*found, "#1060"}, key=lambda one: int(one[1:])):
        receipt = found.get(name)
        if receipt is None:
            order = invented_order()
            plant(
                company,
                "missing_at_provider",
                name,
                ledger="orders",
                amount=text_of(order["total"]),
            )
            rows += order_rows(name, order)
            continue
        total = money(receipt["total_amount"])
        if name == "#1079":
            plant(
                company,
                "missing_in_ledger",
                name,
                ledger="orders",
                receipt_id=receipt["id"],
                amount=text_of(total),
            )
            continue
        order = {
            "total": total,
            "vat": money(receipt["total_vat_amount"]),
            "created": created(receipt) - timedelta(seconds=40),
            "status": "paid",
            "refunded": Decimal(0),
            "lines": [
                (
                    item["quantity"],
                    item["description"],
                    item["gross_price"],
                    item["sku"],
                    item["gross_discount"],
                )
                for item in receipt["items"]
            ],
        }
        child = by_parent.get(receipt["id"])
        if name == "#1083":
            order["total"] = transposed(total)
            plant(
                company,
                "amount_differs",
                name,
                ledger="orders",
                receipt_id=receipt["id"],
                provider=text_of(total),
                ledger_amount=text_of(order["total"]),
            )
        elif child and child["type"] == "void":
            plant(
                company,
                "voided_but_booked",
                name,
                ledger="orders",
                receipt_id=receipt["id"],
                void_id=child["id"],
                amount=text_of(total),
            )
        elif child and moment(child["document_date"]).day == 13:
            plant(
                company,
                "returned_but_booked",
                name,
                ledger="orders",
                receipt_id=receipt["id"],
                return_id=child["id"],
                amount=text_of(money(child["total_amount"])),
            )
        elif child:
            order["refunded"] = money(child["total_amount"])
            order["status"] = "refunded" if order["refunded"] == total else "partially_refunded"
            spare(company, "return refunded in the shop too", name, amount=text_of(order["refunded"]))
        if moment(receipt["document_date"]).date() != order["created"].date():
            spare(
                company,
                "ordered before midnight, receipt issued the next day",
                name,
                ordered=str(order["created"].date()),
                issued=str(moment(receipt["document_date"]).date()),
            )
        rows += order_rows(name, order)
    write_csv(folder / f"ordini-shop-{MONTH}.csv", ORDER_HEADING, rows, ",", lineterminator="\n")


def invented_order():
    return {
        "total": Decimal("45.30"),
        "vat": Decimal("8.17"),
        "created": datetime(2026, 2, 10, 12, 31, 7, tzinfo=ROME),
        "status": "paid",
        "refunded": Decimal(0),
        "lines": [
            (1, "Tovaglia di lino", Decimal("34.50"), "TOVA", 0),
            (2, "Birra artigianale", Decimal("5.40"), "BIRRA", 0),
        ],
    }


def order_rows(name, order):
    at = order["created"].strftime("%Y-%m-%d %H:%M:%S %z")
    paid = (order["created"] + timedelta(seconds=25)).strftime("%Y-%m-%d %H:%M:%S %z")
    number = int(name[1:])
    rows = []
    for place, (quantity, title, price, sku, discount) in enumerate(order["lines"]):
        row = dict.fromkeys(ORDER_HEADING, "")
        row.update(
            {
                "Name": name,
                "Email": f"cliente{number}@example.org",
                "Created at": at,
                "Lineitem quantity": int(quantity),
                "Lineitem name": title,
                "Lineitem price": text_of(price),
                "Lineitem sku": sku,
                "Lineitem requires shipping": "true",
                "Lineitem taxable": "true",
                "Lineitem fulfillment status": "fulfilled",
                "Vendor": "Bottega del Porto",
                "Lineitem discount": text_of(Decimal(discount)),
            }
        )
        if place == 0:
            row.update(
                {
                    "Financial Status": order["status"],
                    "Paid at": paid,
                    "Fulfillment Status": "fulfilled",
                    "Fulfilled at": paid,
                    "Accepts Marketing": "no",
                    "Currency": "EUR",
                    "Subtotal": text_of(order["total"]),
                    "Shipping": "0.00",
                    "Taxes": text_of(order["vat"]),
                    "Total": text_of(order["total"]),
                    "Discount Amount": "0.00",
                    "Shipping Method": "Ritiro in negozio",
                    "Billing Name": f"Cliente {number}",
                    "Payment Method": "Carta",
                    "Payment Reference": f"p{number}.1",
                    "Refunded Amount": text_of(order["refunded"]),
                    "Id": 5_400_000_000_000 + number * 7919,
                    "Source": "web",
                }
            )
        rows.append(list(row.values()))
    return rows
