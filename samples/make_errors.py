"""Writes the files under `samples/errors/`: each is wrong in one way, and only in that.

Most are refused whole; `bad-amount`, `impossible-date` and `heading-only` are read, with a row put
aside or no row. `QUADRA_ACCEPT=1 cargo test --test it ledger` writes the `.expected.json` beside each.
Everything but `password.xlsx` is the same on every run; encryption takes chance by its
nature, so that one is only made when it is not there. Its password is `quadra`.
"""

import io
from datetime import date
from pathlib import Path

import openpyxl
from books.common import save_same_bytes
from msoffcrypto.format.ooxml import OOXMLFile

ERRORS = Path(__file__).resolve().parent / "errors"
HEADING = [
    "Numero documento",
    "Data documento",
    "Partita IVA",
    "Cliente",
    "Imponibile",
    "IVA",
    "Totale documento",
]
ROWS = [
    ["1/E", "03/02/2026", "20041115203", "Trattoria da Gigi S.n.c.", "100,00", "22,00", "122,00"],
    [
        "2/E",
        "06/02/2026",
        "20082225200",
        "Hotel Bellavista S.r.l.",
        "1.000,00",
        "220,00",
        "1.220,00",
    ],
    ["3/E", "11/02/2026", "20123335208", "Circolo Nautico Ponente", "50,00", "11,00", "61,00"],
]


def write(name, heading, rows):
    lines = [";".join(heading), *(";".join(row) for row in rows)]
    (ERRORS / name).write_text("\n".join(lines) + "\n")


def with_cell(row, column, value):
    rows = [list(one) for one in ROWS]
    rows[row][column] = value
    return rows


def table(sheet):
    sheet.append(HEADING)
    for number, day, vat_id, name, *amounts in ROWS:
        day = date(2026, 2, int(day[:2]))
        numbers = [float(one.replace(".", "").replace(",", ".")) for one in amounts]
        sheet.append([number, day, vat_id, name, *numbers])


def workbook(fill):
    book = openpyxl.Workbook()
    fill(book)
    return book


def two_tables(book):
    book.active.title = "Gennaio"
    table(book.active)
    table(book.create_sheet("Febbraio"))


def no_table(book):
    book.active.title = "Copertina"
    book.active.append(["Registro IVA vendite"])
    book.active.append(["Stampato il 02/03/2026"])
    book.create_sheet("Note").append(["Nessun movimento nel periodo"])


def wrong_sheet(book):
    book.active.append(["Nome", "Cognome", "Telefono"])
    book.create_sheet("Ferie").append(["Giorno", "Persona"])


def main():
    ERRORS.mkdir(exist_ok=True)
    unreadable = bytes((place * place * 31 + place * 7) % 256 for place in range(2048))
    (ERRORS / "unreadable.xlsx").write_bytes(unreadable)
    (ERRORS / "empty.csv").write_bytes(b"")
    write("heading-only.csv", HEADING, [])
    write(
        "unknown-heading.csv",
        ["Colonna A", "Colonna B", "Colonna C"],
        [["x", "y", "z"], ["1", "2", "3"]],
    )
    write("bad-amount.csv", HEADING, with_cell(1, 6, "1.234,5x"))
    write("impossible-date.csv", HEADING, with_cell(1, 1, "31/02/2026"))
    (ERRORS / "blank.csv").write_bytes(b"\r\n")
    (ERRORS / "misspelt-heading.csv").write_text("Data;Aliquota IV;Imponibil;Imposta\n01/02/2026;22;1,00;0,22\n")
    (ERRORS / "page-with-a-word.xls").write_text("<html><body><table><tr><td>Data</td></tr></table></body></html>")
    save_same_bytes(ERRORS / "wrong-sheet.xlsx", workbook(wrong_sheet).save)
    save_same_bytes(ERRORS / "two-tables.xlsx", workbook(two_tables).save)
    save_same_bytes(ERRORS / "no-table.xlsx", workbook(no_table).save)
    (ERRORS / "truncated.xlsx").write_bytes((ERRORS / "two-tables.xlsx").read_bytes()[:2500])
    web_page = "<html><body><h1>Sessione scaduta</h1><p>Effettuare di nuovo l'accesso.</p></body></html>\n"
    (ERRORS / "web-page.xls").write_text(web_page)
    protected = ERRORS / "password.xlsx"
    if not protected.exists():
        plain = io.BytesIO()
        workbook(lambda book: table(book.active)).save(plain)
        with open(protected, "wb") as target:
            OOXMLFile(plain).encrypt("quadra", target)
    print(f"{len(list(ERRORS.iterdir()))} files in {ERRORS}")


if __name__ == "__main__":
    main()
