#!/usr/bin/env python3
"""Makes the invented ledger files beside this script.

Run: pip install openpyxl xlwt odfpy msoffcrypto-tool && python3 samples/ledgers/make.py
The `.expected.json` files beside the samples are written by `QUADRA_ACCEPT=1 cargo test --test it ledger`.
Every name, number and amount is invented; tax ids have right check digits unless a case says otherwise.
"""
import csv, datetime, io, pathlib, re, zipfile

HERE = pathlib.Path(__file__).parent
OURS, OURS_CF = "01234567897", "01234567897"
PARTIES = [("10000000009", "Alfa Ceramiche S.r.l."), ("10000000017", "Beta Trasporti S.p.A."),
           ("10000000025", "Gamma \"Luce\" S.n.c."), ("02345678904", "Caffè Delta di Rossi & C.")]


def put(path, data):
    target = HERE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))


def portal(rows, heading):
    """The portal's dress: every field quoted, missing ones bare, CRLF, no BOM."""
    quote = lambda value: "" if value is None else '"' + value.replace('"', '""') + '"'
    return "".join(";".join(quote(v) for v in row) + "\r\n" for row in [heading] + rows)


def amount(cents):
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:012d},{abs(cents) % 100:02d}"


def tick(text):
    return f"'{text}'"


NONE = "'Non presente'"
HEAD = ["Tipo fattura", "Tipo documento", "Numero fattura / Documento", "Data emissione", "Data trasmissione",
        "Codice fiscale fornitore", "Partita IVA fornitore", "Denominazione fornitore", "Codice fiscale cliente",
        "Partita IVA cliente", "Denominazione cliente", "Imponibile/Importo (totale in euro)",
        "Imposta (totale in euro)", "Sdi/file", "Fatture consegnate"]
DOCS = [  # type, number, issued, sent, party, taxable, vat, status, arrived, bollo
    ("Fattura", "385/A", "05/02/2026", "06/02/2026", 0, 168950, 32350, "Consegnata", "06/02/2026", ""),
    ("Fattura differita (TD24)", "FPR 12/26", "31/01/2026", "10/02/2026", 1, 37112, 4047, "Consegnata", "11/02/2026", ""),
    ("Nota di credito", "7", "12/02/2026", "12/02/2026", 0, 4355, 958, "Consegnata", "12/02/2026", ""),
    ("Nota di credito", "8", "12/02/2026", "12/02/2026", 2, -1000, -220, "Consegnata", "12/02/2026", ""),
    ("Fattura", "000123", "15/09/2025", "15/09/2025", 3, 15000, 0, "Mancata consegna/Presa visione", "10/02/2026", "SI"),
    ("Fattura", "3/24", "20/02/2026", "21/02/2026", 2, 0, 0, "Rifiutata", "21/02/2026", ""),
]


def portal_row(doc, ours_is_supplier):
    kind, number, issued, sent, party, taxable, vat, status, arrived, bollo = doc
    tax_id, name = PARTIES[party]
    other, us = [NONE, tick(tax_id), name], [tick(OURS_CF), tick(OURS), "Quadrato S.r.l."]
    supplier, customer = (us, other) if ours_is_supplier else (other, us)
    return (["'Fattura tra privati'", kind, tick(number), issued, sent] + supplier + customer
            + [amount(taxable), amount(vat), tick(f"98765{party}{issued[:2]}4"), status, arrived, bollo])


def portal_files():
    received = [portal_row(doc, False) for doc in DOCS]
    issued = [portal_row(doc, True) for doc in DOCS]
    put("portale-ricevute/ricevute.csv", portal(received, HEAD + ["Data ricezione", "Bollo virtuale"]))
    put("portale-emesse/emesse.csv", portal(issued, HEAD + ["Data consegna/Presa visione", "Bollo virtuale"]))
    waiting = [row[:14] + ["Mancata consegna", ""] for row in received[:2]]
    put("portale-messe-a-disposizione/messe.csv", portal(waiting, HEAD + ["Bollo virtuale"]))
    bad = [list(row) for row in received[:4]]
    bad[0][11] = "1.234,5x"
    bad[1][3] = "31/02/2026"
    bad[2][2] = "1,00918E+11"
    bad[3][6] = "'10000000008'"
    text = portal(bad, HEAD + ["Data ricezione", "Bollo virtuale"])
    cut = portal([received[4]], HEAD)[len(portal([], HEAD)):]
    put("portale-ricevute/guasti.csv", text + cut[:180] + "\r\n")
    head = ["Codice fiscale fornitore", "Partita IVA fornitore", "Denominazione fornitore", "Tipo documento",
            "Numero fattura/Documento", "Data emissione fattura", "Data trasmissione fattura", "Codice fiscale cliente estero",
            "Paese cliente estero", "Partita IVA cliente estero", "Denominazione cliente estero",
            "Imponibile/Importo (totale in euro)", "Imposta (totale in euro)", "Trasmessa da", "Stato", "Sdi/file"]
    rows = [[tick(OURS_CF), tick(OURS), "Quadrato S.r.l.", "Fattura", tick("E/1"), "03/02/2026", "04/02/2026", NONE, "DE",
             tick("DE811907980"), "Müller GmbH", amount(250000), amount(0), "Trasmittente", "Consegnata", tick("1100001")],
            [tick(OURS_CF), tick(OURS), "Quadrato S.r.l.", "Nota di credito", tick("E/2"), "13/02/2026", "14/02/2026", NONE,
             "SM", tick("SM03473"), "Titano S.A.", amount(10000), amount(0), "Trasmittente", "Consegnata", tick("1100002")]]
    put("portale-transfrontaliere-emesse/estere.csv", portal(rows, head))
    head = ["Codice fiscale fornitore estero", "Paese fornitore estero", "Partita IVA fornitore estero",
            "Denominazione fornitore estero", "Tipo documento", "Numero fattura/Documento", "Data emissione fattura",
            "Data trasmissione fattura", "Data registrazione fattura", "Codice fiscale cliente", "Partita IVA cliente",
            "Denominazione cliente", "Imponibile/Importo (totale in euro)", "Imposta (totale in euro)", "Stato", "Sdi/File"]
    rows = [[NONE, "IE", tick("IE3668997OH"), "Cloud Ltd", "Integrazione/autofattura per acquisto servizi dall'estero (TD17)",
             tick("4711"), "28/02/2026", "05/03/2026", "05/03/2026", tick(OURS_CF), tick(OURS), "Quadrato S.r.l.",
             amount(9900), amount(2178), "Consegnata", tick("1200001")]]
    put("portale-transfrontaliere-ricevute/estere.csv", portal(rows, head))


def takings_files():
    head = ("Id invio;Matricola dispositivo;Data e ora rilevazione;Data e ora trasmissione;Ammontare delle vendite (totale in euro);"
            "Imponibile vendite (totale in euro);Imposta vendite (totale in euro);Periodo di inattivita' da;Periodo di inattivita' a")
    rows = ["5000001;'99MEX012345';01/02/2026 23:58:10;02/02/2026 00:01:00;\"000000004194,18\";\"000000004194,18\";\"000000000419,42\";;",
            "5000002;'99MEX012345';02/02/2026 13:00:00;02/02/2026 13:00:40;\"000000000100,00\";\"000000000100,00\";\"000000000022,00\";;",
            "5000003;'99MEX012345';02/02/2026 23:50:00;02/02/2026 23:50:30;\"-000000000043,55\";\"-000000000043,55\";\"-000000000009,58\";;",
            "5000004;'99MEX012345';06/02/2026 09:00:00;06/02/2026 09:00:10;;;;03/02/2026;05/02/2026"]
    put("portale-corrispettivi/corrispettivi.csv", "\r\n".join([head] + rows) + "\r\n")
    put("registro-corrispettivi/febbraio.csv",
        ("\ufeffData;Aliquota IVA;Imponibile;Imposta;Totale corrispettivi\r\n"
         "01/02/2026;22%;1.000,00;220,00;1.220,00\r\n01/02/2026;10%;500,00;50,00;550,00\r\n"
         "02/02/2026;Esente;80,00;0,00;80,00\r\n02/02/2026;22%;€ 12,30;2,70;15,00\r\n"
         "03/02/2026;ventilazione;10,00;1,00;11,00\r\n;;;;\r\nTOTALE;;1.592,30;272,70;1.865,00\r\n"))
    put("incassi-giornalieri/febbraio.csv",
        ("Incassi febbraio 2026\nNegozio di Torino\n\nData\tContanti\tPagamento elettronico\tBuoni pasto\tNon riscosso\tTotale\n"
         "2026-02-01\t600,00\t1.100,00\t70,00\t\t1.770,00\n2026-02-02\t15,00\t80,00\t\t0,00\t96,00\n"
         "Totale\t615,00\t1.180,00\t70,00\t0,00\t1.866,00\n"))


REGISTER_HEAD = ["Prot.", "Data reg.", "Data doc.", "N. doc.", "Tipo doc.", "Fornitore", "P.IVA", "Imponibile", "IVA", "Totale documento"]
REGISTER = [
    (1, (2026, 2, 6), (2026, 2, 5), "385/A", "Fattura", 0, 168950, 32350),
    (2, (2026, 2, 11), (2026, 1, 31), "12", "Fattura differita", 1, 37112, 4047),
    (3, (2026, 2, 12), (2026, 2, 12), "7", "NC", 0, 4355, 958),
    (4, (2026, 2, 12), (2026, 2, 12), "8", "Nota di credito", 2, -1000, -220),
    (5, (2026, 2, 20), (2026, 2, 18), "55", "Bolla doganale", 3, 120033, 26407),
]


def register_files():
    day = lambda d: f"{d[2]:02d}/{d[1]:02d}/{d[0]}"
    money = lambda cents: f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}".replace(",", ".") + f",{abs(cents) % 100:02d}"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Registro IVA acquisti", "", "", "", "", "", "", "", "", ""])
    writer.writerow(REGISTER_HEAD)
    for prot, reg, doc, number, kind, party, taxable, vat in REGISTER:
        tax_id, name = PARTIES[party]
        writer.writerow([prot, day(reg), day(doc), number, kind, name, tax_id, money(taxable), money(vat), money(taxable + vat)])
    writer.writerow(["Totali", "", "", "", "", "", "", money(sum(r[6] for r in REGISTER)), "", ""])
    put("registro-iva/acquisti.csv", out.getvalue().encode("cp1252"))
    english = io.StringIO()
    writer = csv.writer(english, lineterminator="\n")
    writer.writerow(["Invoice number", "Invoice date", "Cliente", "Partita IVA", "Net amount", "VAT amount", "Gross amount", "Currency"])
    writer.writerow(["V/1", "2026-02-01", PARTIES[0][1], "IT" + PARTIES[0][0], "1,000.00", "220.00", "1,220.00", "EUR"])
    writer.writerow(["V/2", "2026-02-02", "Acme Inc.", "OO99999999999", "1,234", "0", "1,234", "USD"])
    writer.writerow(["V/3", "2026-02-03", PARTIES[1][1], PARTIES[1][0], "(50.00)", "11.00-", "-61.00", "EUR"])
    put("registro-iva/vendite-inglese.csv", english.getvalue())
    workbook_files()


def cells():
    """The register as a workbook holds it: numbers, days, lost zeros, a number that became a date."""
    date = lambda d: datetime.date(*d)
    for prot, reg, doc, number, kind, party, taxable, vat in REGISTER:
        tax_id, name = PARTIES[party]
        yield [prot, date(reg), date(doc), int(number) if number.isdigit() else number, kind, name, int(tax_id),
               taxable / 100, vat / 100, (taxable + vat) / 100]
    yield [6, date((2026, 2, 21)), date((2026, 2, 21)), date((2024, 3, 1)), "Fattura", PARTIES[2][1], int(PARTIES[2][0]),
           0.1 + 0.2, 0.066, 0.37]
    yield [7, date((2026, 2, 22)), "31/02/2026", "99", "Fattura", PARTIES[2][1], "10000000025", 10, 2.2, 12.2]
    yield [8, 46075, 46075, 100, "Fattura", PARTIES[2][1], "10000000025", "1.000,00", "220,00", "1.220,00"]


def workbook_files():
    import openpyxl
    book = openpyxl.Workbook()
    stamp = datetime.datetime(2026, 3, 1)
    book.properties.created = book.properties.modified = stamp
    sheet = book.active
    sheet.title = "Acquisti"
    sheet.append(["Quadrato S.r.l. - Registro IVA acquisti"])
    sheet.append([])
    sheet.append(REGISTER_HEAD)
    for row in cells():
        sheet.append(row)
    sheet.append([])
    sheet.append(["TOTALI", None, None, None, None, None, None, 4217.7, 838.53, None])
    summary = book.create_sheet("Riepilogo IVA")
    summary.append(["Aliquota", "Imponibile", "IVA"])
    summary.append([22, 4217.7, 838.53])
    save(book, "registro-iva/acquisti.xlsx")

    import xlwt
    book = xlwt.Workbook()
    sheet = book.add_sheet("Acquisti")
    style = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for index, row in enumerate([REGISTER_HEAD] + list(cells())):
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write(index, column, value, style)
            else:
                sheet.write(index, column, value)
    out = io.BytesIO()
    book.save(out)
    put("registro-iva/acquisti.xls", out.getvalue())

    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P
    document = OpenDocumentSpreadsheet()
    table = Table(name="Acquisti")
    for row in [REGISTER_HEAD] + list(cells()):
        line = TableRow()
        for value in row:
            if isinstance(value, datetime.date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
                text = value.strftime("%d/%m/%Y")
            elif isinstance(value, (int, float)):
                cell = TableCell(valuetype="float", value=repr(value))
                text = str(value).replace(".", ",")
            else:
                cell = TableCell(valuetype="string")
                text = value
            cell.addElement(P(text=text))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.write(out)
    put("registro-iva/acquisti.ods", without_times(out))


def save(book, path):
    out = io.BytesIO()
    book.save(out)
    put(path, without_times(out))


def without_times(out):
    """The same zip with one time for every member, so that a second run gives the same bytes."""
    again = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(again, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename in ("docProps/core.xml", "meta.xml"):
                data = re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-03-01T00:00:00Z", data)
            info = zipfile.ZipInfo(member.filename, (2026, 3, 1, 0, 0, 0))
            info.compress_type = member.compress_type
            new.writestr(info, data)
    return again.getvalue()


def shop_files():
    head = ["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing", "Currency",
            "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method", "Created at",
            "Lineitem quantity", "Lineitem name", "Lineitem price", "Cancelled at", "Payment Method", "Payment Reference",
            "Refunded Amount", "Id", "Tags", "Tax 1 Name", "Tax 1 Value"]
    order = lambda name, status, taxes, total, at, cancelled, refunded, number, item: [
        name, "cliente@example.com", status, at, "fulfilled", at, "no", "EUR", total, "0.00", taxes, total, "", "0.00", "Standard",
        at, "1", item, total, cancelled, "Carta", f"pay-{number}", refunded, number, "", "IT IVA 22%", taxes]
    more = lambda name, item: [name, "cliente@example.com"] + [""] * 13 + ["2026-02-03 10:00:00 +0100", "2", item, "5.00"] + [""] * 8
    rows = [order("#1001", "paid", "22.00", "122.00", "2026-02-03 10:00:00 +0100", "", "0.00", "6001", "Tazza"),
            more("#1001", "Piattino"), more("#1001", "Cucchiaio, piccolo"),
            order("#1002", "partially_refunded", "9.02", "50.00", "2026-02-28 23:30:00 +0000", "", "10.00", "6002", "Vaso"),
            order("#1003", "voided", "1.80", "10.00", "2026-02-04 09:00:00 +0100", "2026-02-05 09:00:00 +0100", "0.00", "6003", "Lume"),
            order("#1004", "paid", "1.80", "ten", "2026-02-06 09:00:00 +0100", "", "0.00", "6004", "Sedia")]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    put("ordini-shop/ordini.csv", out.getvalue())


portal_files()
takings_files()
register_files()
shop_files()
