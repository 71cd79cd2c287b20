"""Recomputes every difference between the API's documents and the ledgers of the demo.

Knows nothing of how they were made: it reads `samples/api/demo-*.json` and the files under
`samples/ledgers/demo/`, pairs and compares them by simple rules of its own, and fails
when what it finds is not exactly what `planted.json` says, amounts included.
"""

import csv
import json
import re
import sys
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
from odf import opendocument, table, teletype

SAMPLES = Path(__file__).resolve().parent
DEMO = SAMPLES / "ledgers" / "demo"
CREDIT = ("TD04", "TD08", "Nota di credito")


def main():
    receipts, invoices = (load(SAMPLES / "api" / f"demo-{one}.json") for one in ("receipts", "invoices"))
    found = {}
    for company in sorted({one["fiscal_id"] for one in invoices}):
        mine = [one for one in receipts if one["fiscal_id"] == company]
        if mine:
            check_takings(found, company, mine)
            check_orders(found, company, mine)
            check_receipts(found, company, mine)
        check_invoices(found, company, [one for one in invoices if one["fiscal_id"] == company])
    check_numbers_hold(receipts, invoices)
    planted = {}
    for one in load(DEMO / "planted.json"):
        key = (one["company"], one["kind"], one["document"])
        assert key not in planted, f"planted twice: {key}"
        planted[key] = amounts_of(one["detail"])
    wrong = [f"not planted: {key} {value}" for key, value in found.items() if key not in planted]
    wrong += [f"not found: {key} {value}" for key, value in planted.items() if key not in found]
    wrong += [
        f"differs: {key}: found {found[key]}, planted {planted[key]}"
        for key in found.keys() & planted.keys()
        if found[key] != planted[key]
    ]
    print("\n".join(sorted(wrong)) or f"{len(found)} differences, all planted and no other")
    return bool(wrong)


def load(path):
    return json.loads(path.read_text(), parse_float=Decimal)


def amounts_of(detail):
    """Returns what a planted detail says in numbers and dates, in one order."""
    if "cells" in detail:
        return sorted((one["name"], one["provider"], one["ledger"]) for one in detail["cells"])
    names = (
        "amount",
        "provider",
        "ledger_amount",
        "ledger_date",
        "ledger_number",
        "provider_tax_id",
        "ledger_tax_id",
    )
    return [detail[name] for name in names if name in detail]


def two(value):
    return f"{Decimal(value):.2f}"


def rome(text):
    at = datetime.fromisoformat(re.sub(r" \+", "+", text.replace("Z", "+00:00")))
    return at.astimezone(ZoneInfo("Europe/Rome"))


def decimal(text):
    return Decimal(text.replace(".", "").replace(",", "."))


def day(text):
    return datetime.strptime(text, "%d/%m/%Y").date()


def read_csv(company, name, delimiter=";"):
    with open(DEMO / company / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


# ---------------------------------------------------------------- receipts


def check_takings(found, company, receipts):
    api, ledger = defaultdict(Decimal), defaultdict(Decimal)
    for one in receipts:
        if not one["document_date"]:
            continue
        sign = -1 if one["type"] in ("void", "return") else 1
        on = rome(one["document_date"]).date()
        for item in one["items"]:
            api[on, item["vat_rate"]] += sign * item["total_amount"]
        api[on, "cash"] += sign * one["cash_payment_amount"]
        api[on, "electronic"] += sign * one["electronic_payment_amount"]
        api[on, "vouchers"] += sign * one["ticket_restaurant_payment_amount"]
        api[on, "uncollected"] += sign * one["total_uncollected_amount"]
    for row in read_csv(company, "corrispettivi-2026-02.csv"):
        parts = decimal(row["Imponibile"]) + decimal(row["Imposta"])
        assert parts == decimal(row["Totale corrispettivi"]), row
        ledger[day(row["Data"]), row["Aliquota IVA"]] += parts
    tenders = {
        "Contanti": "cash",
        "Pagamento elettronico": "electronic",
        "Buoni pasto": "vouchers",
        "Non riscosso": "uncollected",
    }
    for row in read_csv(company, "incassi-2026-02.csv"):
        assert sum(decimal(row[name]) for name in tenders) == decimal(row["Totale"]), row
        for name, tender in tenders.items():
            ledger[day(row["Data"]), tender] += decimal(row[name])
    cells = defaultdict(list)
    for on, name in api.keys() | ledger.keys():
        if api[on, name] != ledger[on, name]:
            cells[on].append((name, two(api[on, name]), two(ledger[on, name])))
    for on, differing in cells.items():
        found[company, "takings_differ", str(on)] = sorted(differing)


def order_name(receipt):
    names = re.findall(r'"(#\d+)"', json.dumps(receipt.get("tags")))
    return names[0] if names else None


def check_orders(found, company, receipts):
    orders = {one["Name"]: one for one in read_csv(company, "ordini-shop-2026-02.csv", ",") if one["Total"]}
    tagged = {order_name(one): one for one in receipts if order_name(one)}
    children = {one["parent_receipt_id"]: one for one in receipts if "parent_receipt_id" in one}
    for name in orders.keys() | tagged.keys():
        order, receipt = orders.get(name), tagged.get(name)
        if receipt is None:
            found[company, "missing_at_provider", name] = [two(order["Total"])]
            continue
        total = two(receipt["total_amount"])
        if order is None:
            found[company, "missing_in_ledger", name] = [total]
            continue
        if two(order["Total"]) != total:
            found[company, "amount_differs", name] = [total, two(order["Total"])]
        child = children.get(receipt["id"])
        if child and Decimal(order["Refunded Amount"]) != child["total_amount"]:
            kind = "voided_but_booked" if child["type"] == "void" else "returned_but_booked"
            found[company, kind, name] = [two(child["total_amount"])]


def check_receipts(found, company, receipts):
    kinds = {"failed": "receipt_failed", "retry": "receipt_stuck", "new": "receipt_stuck"}
    for one in receipts:
        if one["status"] in kinds:
            paid = one["cash_payment_amount"] + one["electronic_payment_amount"]
            found[company, kinds[one["status"]], one["id"]] = [two(paid)]


# ---------------------------------------------------------------- ledgers of invoices


def ledger_entries(company):
    """Returns all rows of invoices as one kind of dictionary, and whether each way has a ledger."""
    entries, ways = [], set()
    for path in sorted((DEMO / company).iterdir()):
        rows, way = [], "outgoing"
        if path.suffix == ".xlsx":
            rows = sales_workbook(path)
        elif path.suffix == ".ods":
            rows = sales_ods(path)
        elif path.name.startswith("ricevute"):
            rows, way = portal_rows(company, path.name), "incoming"
        elif path.name.startswith("registro"):
            rows = plain_register(company, path.name)
        if rows:
            ways.add(way)
        entries += [{**row, "way": way} for row in rows]
    return entries, ways


def entry(kind, number, on, party, parts, total, sdi_id=""):
    sign = -1 if kind in CREDIT and total > 0 else 1
    return {
        "number": str(number),
        "date": on,
        "party": str(party),
        "gross": sign * total,
        "parts": sign * parts,
        "sdi_id": sdi_id,
    }


def sales_workbook(path):
    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert rows.pop()[0] == "TOTALI"
    result = []
    for kind, number, on, _, party, _, taxable, vat, total in rows:
        money = [Decimal(str(one)) for one in (taxable, vat, total)]
        result.append(entry(kind, number, on.date(), party, money[0] + money[1], money[2]))
    return result


def sales_ods(path):
    document = opendocument.load(path)
    result = []
    for line in document.spreadsheet.getElementsByType(table.TableRow)[1:]:
        cells = line.getElementsByType(table.TableCell)
        kind, number, _, _, party, tax_code, _, _, _, sdi_id = map(teletype.extractText, cells)
        on = datetime.fromisoformat(cells[2].getAttribute("datevalue")).date()
        taxable, vat, total = (Decimal(cells[place].getAttribute("value")) for place in (6, 7, 8))
        result.append(entry(kind, number, on, party or tax_code, taxable + vat, total, sdi_id))
    return result


def portal_rows(company, name):
    raw = (DEMO / company / name).read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n") and not raw.startswith(b"\xef\xbb\xbf")
    assert all(len(line.split(b";")) == 17 for line in raw.splitlines())
    result = []
    for row in read_csv(company, name):
        number = row["Numero fattura / Documento"].strip("'")
        party = row["Partita IVA fornitore"].strip("'")
        parts = [row[f"{one} (totale in euro)"] for one in ("Imponibile/Importo", "Imposta")]
        assert all(re.fullmatch(r"-?\d{12},\d\d", one) for one in parts), row
        gross = sum(map(decimal, parts))
        kind, on = row["Tipo documento"], day(row["Data emissione"])
        result.append(entry(kind, number, on, party, gross, gross, row["Sdi/file"]))
    return result


def plain_register(company, name):
    result = []
    for row in read_csv(company, name):
        parts = decimal(row["Imponibile"]) + decimal(row["IVA"])
        on, total = day(row["Data documento"]), decimal(row["Totale documento"])
        result.append(entry("", row["Numero documento"], on, row["Partita IVA"], parts, total))
    return result


# ---------------------------------------------------------------- pairing invoices


def plain_number(number):
    return re.sub(r"/(20)?26$", "", re.sub(r"^FPR ", "", number)).lstrip("0")


def api_entries(invoices):
    """Returns what of the API counts: no notice, no self-invoice twice."""
    result, seen = [], set()
    for one in sorted(invoices, key=lambda one: one["direction"], reverse=True):
        sdi_id = one["details"]["sdi_id"] or ""
        if one["type"] == "TD29" or sdi_id and sdi_id in seen:
            continue
        seen.add(sdi_id)
        own = one["fiscal_id"] in one["sender"]["vat_id"]
        party = one["recipient"] if own else one["sender"]
        sign = -1 if one["type"] in CREDIT else 1
        result.append(
            {
                "number": one["document_number"],
                "date": datetime.fromisoformat(one["issue_date"]).date(),
                "party": re.sub("^IT", "", party["vat_id"]) or party["tax_code"],
                "gross": sign * Decimal(one["total_gross_amount"]),
                "sdi_id": sdi_id,
                "status": one["details"]["sdi_status"],
                "way": one["direction"],
            }
        )
    return result


def check_invoices(found, company, invoices):
    ours, (theirs, ways) = api_entries(invoices), ledger_entries(company)
    for way in {one["way"] for one in ours} - ways:
        left_alone = [one for one in ours if one["way"] == way]
        total = sum(one["gross"] if one["gross"] > 0 else -one["gross"] for one in left_alone)
        found[company, "ledger_missing", "2026-02"] = [two(total)]
        ours = [one for one in ours if one["way"] != way]
    ours = without_twins(found, company, ours)
    theirs = without_double_rows(found, company, theirs)
    rules = [
        lambda one: one["sdi_id"] and (one["way"], one["sdi_id"]),
        lambda one: (one["way"], one["party"], one["number"]),
        lambda one: (one["way"], one["party"], plain_number(one["number"])),
    ]
    for rule in rules:
        groups = defaultdict(lambda: ([], []))
        for side, rows in enumerate((ours, theirs)):
            for one in rows:
                if rule(one):
                    groups[rule(one)][side].append(one)
        for left, right in groups.values():
            if not left or not right:
                continue
            if len(left) == len(right) == 1:
                compare(found, company, left[0], right[0])
            else:
                found[company, "ambiguous", right[0]["number"]] = [two(right[0]["gross"])]
            ours = [one for one in ours if not any(one is other for other in left)]
            theirs = [one for one in theirs if not any(one is other for other in right)]
    for one in ours:
        if one["status"] == "NOT_DELIVERED":
            found[company, "not_delivered", one["number"]] = [two(abs(one["gross"]))]
        if one["status"] != "ERROR":
            found[company, "missing_in_ledger", one["number"]] = [two(abs(one["gross"]))]
    for one in theirs:
        found[company, "missing_at_provider", one["number"]] = [two(abs(one["gross"]))]


def without_twins(found, company, ours):
    """Drops the same invoice under a second id, which has no SdI id of its own."""
    kept = {}
    for one in sorted(ours, key=lambda one: one["sdi_id"], reverse=True):
        key = (one["way"], one["party"], one["number"], one["date"], one["gross"])
        if key in kept:
            found[company, "duplicate_at_provider", one["number"]] = [two(abs(one["gross"]))]
        kept.setdefault(key, one)
    return list(kept.values())


def without_double_rows(found, company, theirs):
    kept = []
    for one in theirs:
        if one in kept:
            found[company, "duplicate_in_ledger", one["number"]] = [two(abs(one["gross"]))]
        else:
            kept.append(one)
    return kept


def compare(found, company, api, ledger):
    number = api["number"]
    fate = {
        "ERROR": "discarded_by_sdi_but_booked",
        "REJECTED": "refused_by_buyer_but_booked",
        "NOT_DELIVERED": "not_delivered",
    }.get(api["status"])
    if fate:
        found[company, fate, number] = [two(abs(api["gross"]))]
    # A stamp duty of 2.00 may be in the total and in neither part.
    assert ledger["gross"] - ledger["parts"] in (0, 2), ledger
    if api["gross"] == -ledger["gross"]:
        found[company, "sign_differs", number] = [two(api["gross"]), two(ledger["gross"])]
    elif api["gross"] != ledger["gross"]:
        found[company, "amount_differs", number] = [
            two(abs(api["gross"])),
            two(abs(ledger["gross"])),
        ]
    if api["date"] != ledger["date"]:
        found[company, "date_differs", number] = [str(api["date"]), str(ledger["date"])]
    if plain_number(api["number"]) != plain_number(ledger["number"]):
        found[company, "number_differs", number] = [api["number"], ledger["number"]]
    if api["party"] != ledger["party"]:
        found[company, "counterparty_differs", number] = [api["party"], ledger["party"]]


# ---------------------------------------------------------------- the documents themselves


def check_numbers_hold(receipts, invoices):
    """Every receipt adds up and every Italian id has its check digit."""
    for one in receipts:
        paid = sum(one[f"{name}_payment_amount"] for name in ("cash", "electronic", "ticket_restaurant"))
        paid += one["goods_uncollected_amount"] + one["services_uncollected_amount"]
        if one["document_date"]:
            assert paid == one["total_amount"] - one["discount"], one["id"]
            assert sum(item["total_amount"] for item in one["items"]) == one["total_amount"], one["id"]
            parts = one["total_taxable_amount"] + one["total_vat_amount"]
            assert abs(parts - one["total_amount"]) < Decimal("0.0000001"), one["id"]
        else:
            assert one["total_amount"] == 0 and one["document_number"] == "", one["id"]
    ids = {
        party["vat_id"].removeprefix("IT")
        for one in invoices
        for party in (one["sender"], one["recipient"])
        if party["country_code"] == "IT" and party["vat_id"]
    }
    for one in ids:
        doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(one)]
        assert len(one) == 11 and sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0, one
    everything = [one["id"] for one in receipts + invoices]
    assert len(everything) == len(set(everything))


if __name__ == "__main__":
    sys.exit(main())
