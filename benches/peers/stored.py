"""Fills a store with so many invoices and entries, and measures `quadra reconcile` on it.

The rows are written straight into a store that `quadra store migrate` made, so that neither
the pull nor the upload is measured. One entry in a hundred is missing, changed or doubled.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import tempfile
from pathlib import Path

from run import measure

COMPANY = "01234567897"


def fill(path, rows, seed=7):
    """Writes documents of February 2026 and the books' entries, in one transaction."""
    draw = random.Random(seed)
    store = sqlite3.connect(path)
    at = "2026-04-01T00:00:00.000Z"
    store.execute("insert into companies (tax_id, name, receipts, outgoing, incoming, updated_at) values (?, 'Rossi S.r.l.', 0, 1, 0, ?)", (COMPANY, at))
    store.execute("insert into raw_documents values (1, 'invoices', 'x', 1, x'00', '{}', ?)", (at,))
    store.execute("insert into windows (resource, fiscal_ids, from_on, to_on, state, rows_total, updated_at, looked_at) "
                  "values ('invoices', ?, '2026-02-01', '2026-02-28', 'settled', ?, ?, ?)", (COMPANY, rows, at, at))
    store.execute("insert into ledger_files values (1, x'00', ?, 'vendite.csv', 'registro-iva', 'csv', ?, ?, 0, 0, "
                  "'2026-02-01', '2026-02-28', ?)", (COMPANY, rows, rows, at))

    def document(number):
        cents = draw.randrange(1_000, 5_000_000)
        party = draw.randrange(5_000)
        return number, f"2026-02-{1 + number * 28 // rows:02d}", f"{10_000_000_000 + party}", f"Cliente {party} S.r.l.", cents

    documents = [document(number) for number in range(rows)]
    store.executemany(
        "insert into documents (kind, source_id, raw_id, company, direction, document_type, status, sdi_status, lifecycle, number, "
        "issue_date, counterparty_tax_id, counterparty_name, currency, gross_cents, source_references, created_at) "
        "values ('invoice', ?, 1, ?, 'outgoing', 'TD01', 'sent', 'DELIVERED', 'issued', ?, ?, ?, ?, 'EUR', ?, '[]', ?)",
        ((f"{number:024x}", COMPANY, f"{number + 1}/A", day, party, name, cents, at)
         for number, day, party, name, cents in documents))
    entries = []
    for number, day, party, name, cents in documents:
        chance = draw.random()
        if chance < 0.004:
            continue
        entries.append((f"{number + 1:06d}/A" if chance > 0.9 else f"{number + 1}/A", day, party, name,
                        cents + 700 if chance < 0.007 else cents))
        if chance > 0.997:
            entries.append(entries[-1])
    packed = [[row, "invoice", COMPANY, "outgoing", "TD01", *entry[:4], "EUR", None, None, entry[4]]
              for row, entry in enumerate(entries, 1)]
    store.executemany(
        "insert into ledger_parts (id, file_id, content) values ((1 << 32) + ?, 1, ?)",
        ((part[0][0], json.dumps(part, ensure_ascii=False)) for part in
         (packed[start:start + 128] for start in range(0, len(packed), 128))))
    store.execute("insert into ledger_file_companies values (1, ?)", (COMPANY,))
    store.execute("update ledger_files set rows_read = ?1, rows_stored = ?1", (len(entries),))
    store.commit()
    store.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quadra", default="target/release/quadra")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", help="fill the store in this folder and measure nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(arguments.keep or scratch)
        binary = os.path.abspath(arguments.quadra)
        os.chdir(folder)
        Path("quadra.toml").write_text("")
        subprocess.run([binary, "store", "migrate", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        fill("quadra.db", arguments.rows)
        if arguments.keep:
            return
        print(f"{arguments.rows:,} invoices, as many entries, from the store")
        print("| command | CPU s | peak MB | exit |\n|---|---|---|---|")
        for command in (["reconcile", "--period", "2026-02", "--kind", "invoices", "--json"],
                        ["report", "--period", "2026-02", "--kind", "invoices", "--format", "html,csv"]):
            cpu, peak, _, code = measure([binary, *command, "--quiet"])
            print(f"| {command[0]} | {cpu:.2f} | {peak:.0f} | {code} |")


if __name__ == "__main__":
    main()
