"""What the books of all three companies share: reading the API, writing numbers and files."""

import csv
import io
import json
import re
import urllib.request
import zipfile
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

SAMPLES = Path(__file__).resolve().parent.parent
DEMO = SAMPLES / "ledgers" / "demo"
ROME = ZoneInfo("Europe/Rome")
CENT = Decimal("0.01")
MONTH = "2026-02"

planted = []
harmless = []


def plant(company, kind, document, **detail):
    """Notes a difference that a reconciliation must find."""
    planted.append({"company": company, "kind": kind, "document": document, "detail": detail})


def spare(company, what, document, **detail):
    """Notes what looks odd and must not become a finding."""
    harmless.append({"company": company, "what": what, "document": document, "detail": detail})


def read_api(url):
    """Returns receipts and invoices, amounts as Decimal."""
    if url is None:
        return [
            json.loads((SAMPLES / "api" / f"demo-{name}.json").read_text(), parse_float=Decimal)
            for name in ("receipts", "invoices")
        ]
    return [read_list(f"{url}/IT-{name}") for name in ("receipts", "invoices")]


def read_list(url):
    rows = []
    while True:
        request = urllib.request.Request(
            f"{url}?limit=100&skip={len(rows)}", headers={"Authorization": "Bearer demo"}
        )
        with urllib.request.urlopen(request) as answer:
            page = json.loads(answer.read(), parse_float=Decimal)["data"]
        rows += page
        if len(page) < 100:
            return rows


def moment(text):
    """Reads either form of a moment and returns it in Italy."""
    text = text.replace("Z", "+00:00").replace(" +", "+")
    return datetime.fromisoformat(text).astimezone(ROME)


def created(document):
    return moment(document.get("created_at") or document["create_at"])


def money(value):
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def italian(amount):
    """1234.5 -> 1.234,50"""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def portal(amount):
    """1689.5 -> 000000001689,50, the tax portal's form"""
    sign = "-" if amount < 0 else ""
    return sign + f"{abs(amount):015.2f}".replace(".", ",")


def split(gross, rate):
    """Divides a gross amount into taxable and VAT, to the cent."""
    taxable = money(gross * 100 / (100 + rate))
    return taxable, gross - taxable


def transposed(amount):
    """Swaps the first two neighbouring digits that differ, as a tired typist does."""
    digits = list(f"{amount:.2f}")
    for place in range(len(digits) - 1):
        left, right = digits[place], digits[place + 1]
        if "." not in (left, right) and left != right and not (place == 0 and right == "0"):
            digits[place], digits[place + 1] = right, left
            return Decimal("".join(digits))
    raise ValueError(f"nothing to swap in {amount}")


def text_of(amount):
    return f"{amount:.2f}"


def write_csv(path, heading, rows, delimiter, **form):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, **form)
    writer.writerow(heading)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))


def save_same_bytes(path, save):
    """Saves a zipped document without the moment at which it was made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = io.BytesIO()
    save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename in ("docProps/core.xml", "meta.xml"):
                content = re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ?", b"2026-03-02T06:00:00Z", content)
            fixed = zipfile.ZipInfo(entry.filename, (2026, 3, 2, 6, 0, 0))
            fixed.compress_type = entry.compress_type
            fixed.external_attr = 0o644 << 16
            target.writestr(fixed, content)


def fate_findings(company, outgoing):
    for invoice in outgoing:
        if invoice["details"]["sdi_status"] == "NOT_DELIVERED":
            plant(
                company,
                "not_delivered",
                invoice["document_number"],
                direction="outgoing",
                invoice_id=invoice["id"],
                amount=text_of(money(invoice["total_gross_amount"])),
            )
