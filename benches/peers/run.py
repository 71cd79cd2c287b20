"""Runs `quadra compare` and its peers in turns on the same files, and prints a table."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGES = ["duckdb", "datacompy", "fastrecon", "polars", "pandas", "pyarrow"]
COLUMNS = "invoice,amount,date,vendor,dept"
RULES = """keys = ["invoice"]
[compare]
amount = "0.01"
date = "1d"
vendor = "exact"
dept = "exact"
"""

DUCKDB = """
import duckdb, sys
left, right = sys.argv[1:3]
types = "{'invoice':'VARCHAR','amount':'DECIMAL(18,2)','date':'DATE','vendor':'VARCHAR','dept':'VARCHAR'}"
print(duckdb.sql(f'''
select count(*) filter (where l.invoice is null) missing_left, count(*) filter (where r.invoice is null) missing_right,
  count(*) filter (where l.invoice is not null and r.invoice is not null and
    (abs(l.amount - r.amount) > 0.01 or abs(l.date - r.date) > 1 or l.vendor <> r.vendor or l.dept <> r.dept)) differing
from read_csv('{left}', columns={types}) l full join read_csv('{right}', columns={types}) r on l.invoice = r.invoice
''').fetchall())
"""

POLARS = """
import polars as pl, sys
types = {"invoice": pl.String, "amount": pl.Float64, "date": pl.String, "vendor": pl.String, "dept": pl.String}
read = lambda path: pl.scan_csv(path, schema=types).with_columns((pl.col("amount") * 100).round().cast(pl.Int64), pl.col("date").str.to_date())
left, right = map(read, sys.argv[1:3])
both = left.join(right, on="invoice", how="full", suffix="_r").select(
    missing_left=pl.col("invoice").is_null().sum(), missing_right=pl.col("invoice_r").is_null().sum(),
    differing=(((pl.col("amount") - pl.col("amount_r")).abs() > 1) | ((pl.col("date") - pl.col("date_r")).dt.total_days().abs() > 1)
      | (pl.col("vendor") != pl.col("vendor_r")) | (pl.col("dept") != pl.col("dept_r"))).sum())
print(both.collect().row(0))
"""

DATACOMPY = """
import sys, pandas as pd
import datacompy
read = lambda path: pd.read_csv(path, dtype={"invoice": str, "vendor": str, "dept": str}, parse_dates=["date"])
left, right = map(read, sys.argv[1:3])
Compare = getattr(datacompy, "PandasCompare", None) or datacompy.Compare
found = Compare(left, right, join_columns="invoice", abs_tol=0.01)
print((len(found.df2_unq_rows), len(found.df1_unq_rows), len(found.intersect_rows) - int(found.count_matching_rows())))
"""

FASTRECON = """
import sys, fastrecon
left, right = map(fastrecon.CsvFile, sys.argv[1:3])
found = fastrecon.compare(left, right, keys=["invoice"], tolerances={"amount": 0.01})
print((found.missing_in_left, found.missing_in_right, found.changed_rows), found.error or "")
"""


def write_files(folder, rows, seed=7):
    """Writes two files of so many rows that differ in known ways."""
    draw = random.Random(seed)

    def row(number):
        return [f"INV-2026-{number:08d}", draw.randrange(100, 10_000_000),
                f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}",
                f"Vendor {draw.randrange(5000):05d} srl", f"dept{number % 37}"]

    left, right = [row(number) for number in range(rows)], []
    for one in left:
        chance, one = draw.random(), list(one)
        if chance < 0.005:
            continue
        if chance < 0.010:
            one[1] += 1
        elif chance < 0.015:
            one[1] += draw.randrange(2, 5000)
        elif chance < 0.018:
            one[3] = one[3].upper()
        right += [one, list(one)] if chance > 0.999 else [one]
    right += [row(rows + number) for number in range(rows // 200)]
    draw.shuffle(right)
    for name, table in (("left", left), ("right", right)):
        with open(folder / f"{name}.csv", "w") as file:
            file.write(COLUMNS + "\n")
            file.writelines(f"{a},{b // 100}.{b % 100:02d},{c},{d},{e}\n" for a, b, c, d, e in table)


def measure(command):
    """Returns CPU seconds, peak megabytes and the last line of a command."""
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().strip().splitlines() or [""]
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, lines[-1], child.returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quadra", default="target/release/quadra")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--venv", default=str(Path(__file__).parent / ".venv"))
    parser.add_argument("--only", default="")
    parser.add_argument("--write", help="only write the two files into this folder")
    arguments = parser.parse_args()
    if arguments.write:
        return write_files(Path(arguments.write), arguments.rows)
    python = Path(arguments.venv) / "bin" / "python"
    if not python.exists():
        venv.create(arguments.venv, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        # Peak memory of a child begins with its parent's: the files are written by another process.
        subprocess.run([sys.executable, __file__, "--rows", str(arguments.rows), "--write", str(folder)], check=True)
        (folder / "rules.toml").write_text(RULES)
        left, right = str(folder / "left.csv"), str(folder / "right.csv")
        tools = {"quadra compare": [arguments.quadra, "compare", left, right, "--rules",
                                    str(folder / "rules.toml"), "--out", str(folder / "out"), "--config", os.devnull]}
        for name, code in (("DuckDB, one SQL statement", DUCKDB), ("Polars script", POLARS),
                           ("datacompy", DATACOMPY), ("fastrecon", FASTRECON)):
            # A script must not bear the name of the module that it imports.
            script = folder / f"peer_{name.split()[0].strip(',').lower()}.py"
            script.write_text(code)
            tools[name] = [str(python), str(script), left, right]
        if arguments.only:
            tools = {name: tools[name] for name in tools if arguments.only in name}
        best = {}
        for _ in range(arguments.rounds):
            for name, command in tools.items():
                cpu, peak, last, code = measure(command)
                known = best.get(name, (cpu, peak, last, code))
                best[name] = (min(cpu, known[0]), min(peak, known[1]), last, code)
        print(f"{arguments.rows:,} x {arguments.rows:,} rows, least of {arguments.rounds} rounds")
        print("| tool | CPU s | peak MB | says |\n|---|---|---|---|")
        for name, (cpu, peak, last, code) in best.items():
            said = last if code == 0 else f"failed with {code}: {last}"
            if name.startswith("quadra") and code == 0:
                statement = json.loads((folder / "out" / "statement.json").read_text())
                said = {side: {c: n["rows"] for c, n in statement[side]["classes"].items()} for side in ("left", "right")}
            print(f"| {name} | {cpu:.2f} | {peak:.0f} | {said} |")


if __name__ == "__main__":
    sys.exit(main())
