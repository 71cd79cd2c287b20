"""Writes the books of the demo's three companies, with planted differences.

Reads what the well-behaved demo sandbox serves (`samples/api/demo-*.json`, or a running
one with `--url http://127.0.0.1:PORT`), writes the ledgers under `samples/ledgers/demo/`,
`planted.json` (every finding a reconciliation must show, and no other) and `harmless.json`
(what looks odd and must not become one). The same input gives the same bytes.

It is written apart from the Rust code on purpose: a rule that is wrong there would
otherwise be wrong here too. Needs openpyxl and odfpy (`requirements.txt`).
"""

import argparse
import json
import shutil
from collections import defaultdict

from books.common import DEMO, harmless, planted, read_api
from books.shop import shop_books
from books.studio import studio_books
from books.workshop import workshop_books


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--url", help="base address of a running demo sandbox")
    receipts, invoices = read_api(arguments.parse_args().url)
    companies = {r["fiscal_id"] for r in receipts}
    (shop,) = companies
    owners = defaultdict(list)
    for invoice in invoices:
        owners[invoice["fiscal_id"]].append(invoice)
    workshop = max(owners, key=lambda one: len(owners[one]))
    (studio,) = owners.keys() - {shop, workshop}

    shutil.rmtree(DEMO, ignore_errors=True)
    shop_books(shop, receipts, owners[shop])
    workshop_books(workshop, owners[workshop])
    studio_books(studio, owners[studio])
    for name, rows in (("planted", planted), ("harmless", harmless)):
        rows.sort(key=lambda row: (row["company"], row.get("kind", row.get("what")), row["document"]))
        text = json.dumps(rows, indent=2, ensure_ascii=False)
        (DEMO / f"{name}.json").write_text(text + "\n")
    print(f"{len(planted)} findings planted, {len(harmless)} harmless oddities, in {DEMO}")


if __name__ == "__main__":
    main()
