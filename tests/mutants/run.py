#!/usr/bin/env python3
"""Breaks the pull in known ways, one at a time, and shows that its model-based test notices.

    python3 tests/mutants/run.py [NAME…]        # from the repository; all of them without a name

It works on a copy of the tree that git knows (uncommitted changes included) in a folder of its
own, so nothing here is touched; CARGO_TARGET_DIR is used if it is set. Each mutant costs one
build of the test binary. A mutant is found when the test fails and names a seed; one that lives
is printed as such, and the exit code is then 1. CASES (default 400) histories are tried each.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

TESTS = ["pull::model", "pull::movement"]
SWEEP, CATCH_UP, SPAN = "src/extract/sweep.rs", "src/extract/catch_up.rs", "src/extract/span.rs"
WINDOW, PAGES = "src/extract/window.rs", "src/worker/pages.rs"

# Name, file, what stands there, what takes its place.
MUTANTS = [
    ("drift-ignored: a page whose overlap is elsewhere counts as the next page",
     SWEEP, "if !at.continues_with(&keys) {", "if false && !at.continues_with(&keys) {"),
    ("overlap-off: pages do not overlap",
     "src/extract/checkpoint.rs", "    page_rows.div_ceil(2).min(OVERLAP_ROWS_MAX)\n",
     "    let _ = page_rows;\n    0\n"),
    ("settled-one-early: a sweep ends one page before its last",
     SWEEP, "let is_last = self.page_length.is_short(keys.len()) || !brings_more;",
     "let is_last = self.page_length.is_short(keys.len()) || !brings_more || at.skip > 0;"),
    ("settled-when-restless: a list that moved on every sweep settles all the same",
     SWEEP, "if !is_stuck && forward.different == backward {", "if !is_stuck {"),
    ("cursor-first: the checkpoint is committed before the rows it speaks of",
     PAGES, "        let now = self.clock.now();\n        let mut tx = self.store.begin(\"store_pages\").await?;\n",
     "        let now = self.clock.now();\n"
     "        for page in pages {\n"
     "            let Some(checkpoint) = page.checkpoint.as_ref() else { continue };\n"
     "            let ids = page.window.fiscal_ids.join(\",\");\n"
     "            let mut early = self.store.begin(\"early\").await?;\n"
     "            let rows_seen = signed(checkpoint.rows_seen);\n"
     "            let name = name_of(page.window, &ids);\n"
     "            early.advance_window(name, rows_seen, &checkpoint.to_json(), now).await?;\n"
     "            early.commit().await?;\n"
     "            tokio::task::yield_now().await;\n"
     "        }\n"
     "        let mut tx = self.store.begin(\"store_pages\").await?;\n"),
    ("count-trusted: as many rows as before means the same rows",
     CATCH_UP, "if page.rows == 1 && page.keys().iter().all(|key| fingerprint(key) == *last) {",
     "if page.rows == 1 {"),
    ("newest-first-only: what came is looked for at the list's beginning only",
     CATCH_UP, "                    if self.read_span(search, span).await?.is_err() {",
     "                    let span = if done.position > 0 { Span { from: span.to, ..span } } else { span };\n"
     "                    if self.read_span(search, span).await?.is_err() {"),
    ("end-unchecked: the list's end need not show as many new rows as were found",
     SPAN, "        list.filter(|_| known.next().is_none())\n",
     "        let _ = known.next();\n        list\n"),
    ("moved-neighbours: a row that stands elsewhere than before is taken as it is",
     SPAN, "            if before.is_some_and(|before| before != *key) {",
     "            if false && before.is_some_and(|before| before != *key) {"),
    ("bounds-unpadded: the filter's bounds are taken at their word",
     WINDOW, "const BOUND_PAD_DAYS: u64 = 1;", "const BOUND_PAD_DAYS: u64 = 0;"),
    ("zone-unpadded: the filter's days are taken for Rome's",
     WINDOW, "const ZONE_PAD_DAYS: u64 = 1;", "const ZONE_PAD_DAYS: u64 = 0;"),
    ("final-unread: a document that left the list of open ones is not read again",
     "src/worker/puller.rs", "self.read_final(resource, &singly, tally).await?;",
     "let _ = &singly;"),
    ("gone-at-once: one reading without a document makes it missing",
     PAGES, "            tx.note_absent(kind, &absent.into_iter().collect::<Vec<_>>(), self.began_at).await?;",
     "            let absent: Vec<&str> = absent.into_iter().collect();\n"
     "            tx.note_absent(kind, &absent, self.began_at).await?;\n"
     "            tx.note_absent(kind, &absent, self.began_at + chrono::TimeDelta::seconds(1)).await?;"),
]


def main() -> int:
    wanted = sys.argv[1:]
    cases = os.environ.get("CASES", "400")
    here = pathlib.Path(__file__).resolve().parents[2]
    lives = []
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "quadra"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=here, check=True, capture_output=True)
        for name in listed.stdout.decode().split("\0"):
            if name and (here / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).write_bytes((here / name).read_bytes())
        for name, file, old, new in MUTANTS:
            if wanted and name.split(":")[0] not in wanted:
                continue
            path = tree / file
            text = path.read_text()
            if text.count(old) != 1:
                print(f"STALE  {name}: its place in {file} is not there once")
                lives.append(name)
                continue
            path.write_text(text.replace(old, new))
            verdict = run(tree, cases)
            path.write_text(text)
            print(f"{verdict}  {name}", flush=True)
            if not verdict.startswith("FOUND"):
                lives.append(name)
    print(f"{len(lives)} not found" if lives else "every mutant was found")
    return 1 if lives else 0


def run(tree: pathlib.Path, cases: str) -> str:
    command = ["cargo", "test", "--test", "it", "--"]
    built = subprocess.run(
        ["cargo", "test", "--test", "it", "--no-run"], cwd=tree, capture_output=True, text=True)
    if built.returncode != 0:
        return "NOT BUILT (" + built.stderr.strip().splitlines()[-1] + ")"
    environment = {**os.environ, "QUADRA_MODEL_CASES": cases, "RUST_BACKTRACE": "0"}
    try:
        ran = subprocess.run(
            [*command, *TESTS], cwd=tree, capture_output=True, text=True, env=environment,
            timeout=900)
    except subprocess.TimeoutExpired:
        return "FOUND by never ending"
    if ran.returncode == 0:
        return "LIVES"
    output = ran.stdout + ran.stderr
    seeds = re.findall(r"QUADRA_MODEL_SEED=(\d+)", output)
    tests = sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED", output, re.M)))
    return "FOUND by " + ", ".join(tests) + (f" (seed {', '.join(seeds)})" if seeds else "")


if __name__ == "__main__":
    sys.exit(main())
