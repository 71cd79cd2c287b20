#!/usr/bin/env python3
"""Makes the invented exports of programs beside this script: ERPs, shops, payment services; HTML, XML, zip.

Run: python3 samples/ledgers/make_programs.py   (XLSB: pip install pyxlsbwriter)
Shares no code with Quadra. Headings are those that the programs write; every value is invented.
"""
import gzip, io, pathlib, zipfile

HERE = pathlib.Path(__file__).parent


def put(path, data):
    target = HERE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))


def lines(*rows, end="\r\n"):
    return end.join(rows) + end


def erp():
    put("danea-easyfatt/documenti.csv", lines(
        "Data;Num.;Numeraz.;Tipo doc.;Cliente;Partita Iva;Tot. netto;Tot. Iva;Tot. doc.;Pagamento;Saldato",
        "03/02/2026;12;/A;Fattura;Alfa Ceramiche S.r.l.;10000000009;1.689,50;371,69;2.061,19;Bonifico;2.061,19",
        "13/02/2026;13;/A;Fattura accompagnatoria;Beta Trasporti S.p.A.;10000000017;100,00;22,00;122,00;Bonifico;",
        "20/02/2026;2;/NC;Nota di credito;Alfa Ceramiche S.r.l.;10000000009;50,00;11,00;61,00;Bonifico;",
        "Totale;;;;;;1.739,50;382,69;2.122,19;;").encode("cp1252"))
    document = lambda kind, number, series, date, name, vat, net, tax, total: (
        f"<Document><DocumentType>{kind}</DocumentType><CustomerCode>1</CustomerCode><CustomerName>{name}</CustomerName>"
        f"<CustomerVatCode>{vat}</CustomerVatCode><CustomerFiscalCode/><Date>{date}</Date><Number>{number}</Number>"
        f"<Numbering>{series}</Numbering><TotalWithoutTax>{net}</TotalWithoutTax><VatAmount>{tax}</VatAmount><Total>{total}</Total>"
        f"<Rows><Row><Code>X</Code><Total>{total}</Total></Row></Rows><Payments/></Document>")
    put("danea-easyfatt-xml/documenti.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EasyfattDocuments AppVersion=\"2\" Creator=\"Prova\"><Documents>"
        + document("I", 12, "/A", "2026-02-03", "Alfa &amp; Figli S.r.l.", "10000000009", "100.00", "22.00", "122.00")
        + document("C", 1, "", "2026-02-13", "Caff\u00e8 Delta", "02345678904", "10.00", "2.20", "12.20")
        + document("Q", 7, "", "2026-02-14", "Beta Trasporti S.p.A.", "10000000017", "500.00", "110.00", "610.00")
        + "</Documents></EasyfattDocuments>\n")
    put("fatture-in-cloud/emesse.csv", lines(
        "Data,Numero,Numerazione,Cliente,Partita IVA,Codice fiscale,Tipo documento,Netto,IVA,Lordo,Stato e-fattura,Oggetto",
        "03/02/2026,12,/FE,Alfa Ceramiche S.r.l.,10000000009,,Fattura,\"1.000,00\",\"220,00\",\"1.220,00\",Consegnata,Piastrelle",
        "14/02/2026,13,/FE,\"Gamma \"\"Luce\"\" S.n.c.\",10000000025,,Nota di credito,\"100,00\",\"22,00\",\"122,00\",Consegnata,Reso"))
    put("fatture-in-cloud/ricevute.csv", lines(
        "type,invoice_number,date,entity,amount_net,amount_vat,amount_gross,currency",
        "expense,385/A,2026-02-03,Beta Trasporti S.p.A.,100.00,22.00,122.00,EUR",
        "passive_credit_note,NC1,2026-02-20,Beta Trasporti S.p.A.,10.00,2.20,12.20,EUR", end="\n"))
    put("registro-teamsystem/vendite.csv", lines(
        "AZIENDA PROVA S.R.L.;;;;;;;;;;", "REGISTRO IVA VENDITE - FEBBRAIO 2026;;;;;;;;;;",
        "Prot.;Data reg.;N. doc.;Data doc.;Cliente;Partita IVA;Cod.IVA;Aliq.;Imponibile;Imposta;Tot.Doc.",
        "1;03/02/2026;1/A;03/02/2026;Alfa Ceramiche S.r.l.;10000000009;22;22;100,00;22,00;177,00",
        "1;03/02/2026;1/A;03/02/2026;Alfa Ceramiche S.r.l.;10000000009;10;10;50,00;5,00;177,00",
        "2;13/02/2026;2/A;13/02/2026;Beta Trasporti S.p.A.;10000000017;15;N4;200,00;0,00;200,00",
        ";;;;;;;;;;", "Totale pagina;;;;;;;;350,00;27,00;",
        "Prot.;Data reg.;N. doc.;Data doc.;Cliente;Partita IVA;Cod.IVA;Aliq.;Imponibile;Imposta;Tot.Doc.",
        "3;28/02/2026;3/A;28/02/2026;Caff\u00e8 Delta;02345678904;22;22;10,00;2,20;12,20",
        "Totale generale;;;;;;;;360,00;29,20;").encode("cp1252"))
    put("registro-zucchetti/acquisti.csv", lines(
        "Data registrazione\tNumero protocollo\tCausale contabile\tData documento\tNumero documento\tFornitore\tPartita IVA\tCodice IVA\tPercentuale IVA\tImponibile\tImposta\tTotale documento",
        "06/02/2026\t101\tFT ACQ\t03/02/2026\t385/A\tAlfa Ceramiche S.r.l.\t10000000009\t22\t22,00\t1.689,50\t371,69\t2.116,19",
        "\t\t\t\t\t\t\t10\t10,00\t50,00\t5,00\t",
        "20/02/2026\t102\tNC ACQ\t19/02/2026\tNC/7\tBeta Trasporti S.p.A.\t10000000017\t22\t22,00\t-100,00\t-22,00\t-122,00",
        "\t\t\t\t\t\t\t\t\t1.639,50\t354,69\t").encode("utf-16"))
    put("odoo-fatture/fatture.csv", lines(
        "Number,Invoice Partner Display Name,Tax ID,Type,Invoice/Bill Date,Accounting Date,Reference,Untaxed Amount Signed,Tax Signed,Total Signed,Currency,Payment Status,Status",
        "INV/2026/00012,Alfa Ceramiche S.r.l.,IT10000000009,Customer Invoice,2026-02-03,2026-02-03,,100.00,22.00,122.00,EUR,Paid,Posted",
        "RINV/2026/00001,Alfa Ceramiche S.r.l.,IT10000000009,Customer Credit Note,2026-02-13,2026-02-13,,-50.00,-11.00,-61.00,EUR,Paid,Posted",
        "BILL/2026/02/0003,Beta Trasporti S.p.A.,IT10000000017,Vendor Bill,2026-02-10,2026-02-16,385/A,-200.00,-44.00,-244.00,EUR,Not Paid,Posted",
        "RBILL/2026/02/0001,Beta Trasporti S.p.A.,IT10000000017,Vendor Credit Note,2026-02-20,2026-02-20,NC7,10.00,2.20,12.20,EUR,Not Paid,Posted", end="\n"))
    put("sap-business-one/documenti.csv", lines(
        "ObjType\tDocNum\tNumAtCard\tDocDate\tTaxDate\tCardCode\tCardName\tLicTradNum\tDocCur\tVatSum\tDocTotal\tCANCELED",
        "13\t10012\t\t03.02.2026\t03.02.2026\tC001\tAlfa Ceramiche S.r.l.\tIT10000000009\tEUR\t22,00\t122,00\tN",
        "18\t20007\t385/A\t16.02.2026\t10.02.2026\tF001\tBeta Trasporti S.p.A.\tIT10000000017\tEUR\t44,00\t244,00\tN",
        "19\t30001\tNC7\t20.02.2026\t20.02.2026\tF001\tBeta Trasporti S.p.A.\tIT10000000017\tEUR\t2,20\t12,20\tY"))
    put("righe-documenti/righe.csv", lines(
        "Cod. documento;Sz.;Nr.doc.;Data doc.;Tipo doc.;Cli./For.;Ragione sociale anagrafica;Tot. imponibile;Tot. Iva;Alias;Cod. articolo;Descrizione articolo;Codice CIG;Codice CUP",
        "FTV;02;045;03/02/2026;Fattura;C001;Alfa Ceramiche S.r.l.;150,00;33,00;;A1;Piastrella;;",
        "FTV;02;045;03/02/2026;Fattura;C001;Alfa Ceramiche S.r.l.;150,00;33,00;;A2;Colla;;",
        "NCV;02;046;13/02/2026;Nota di credito;C001;Alfa Ceramiche S.r.l.;10,00;2,20;;A1;Piastrella;;"))
    put("corrispettivi-giornata/giornate.csv", lines(
        "ID Invio;Matricola dispositivo;Tipo dispositivo;Partita IVA;Data rilevazione;Annullati;Resi;Imponibile Giornata;Imposta giornata;Aliquota 4%;Aliquota 10%;Aliquota 22%;Esente",
        "7000001;99MEX012345;RT;01234567897;02/02/2026;0,00;0,00;1.000,00;220,00;0,00;0,00;1.000,00;0,00",
        "7000002;99MEX012345;RT;01234567897;13/02/2026;0,00;5,00;500,00;50,00;0,00;500,00;0,00;0,00"))


def shops():
    put("ordini-woocommerce/ordini.csv", lines(
        "Order Number,Order Status,Order Date,Order Total Amount,Order Total Tax Amount,Order Refund Amount,Payment Method Title,SKU,Item #,Item Name,Quantity (- Refund),Item Cost",
        "2001,Completed,2026-02-03 10:11,122.00,22.00,0,Carta,T1,1,Tazza,1,50.00",
        "2001,Completed,2026-02-03 10:11,122.00,22.00,0,Carta,P1,2,Piattino,2,25.00",
        "2002,Refunded,2026-02-13 23:50,61.00,11.00,61.00,Carta,T1,1,Tazza,1,50.00", end="\n"))
    put("paypal-movimenti/attivita.csv", "\ufeff" + lines(
        '"Data","Orario","Fuso orario","Nome","Tipo","Stato","Valuta","Lordo","Tariffa","Netto","Codice transazione"',
        '"03/02/2026","10:11:12","Europe/Rome","Anna Bianchi","Pagamento Express Checkout","Completata","EUR","122,00","-4,50","117,50","1AB23456CD789012E"',
        '"13/02/2026","10:11:12","Europe/Rome","Anna Bianchi","Rimborso di pagamento","Completata","EUR","-22,00","0,00","-22,00","2AB23456CD789012E"',
        '"28/02/2026","01:00:00","Europe/Rome","","Prelievo generico","Completata","EUR","-95,50","0,00","-95,50","3AB23456CD789012E"'))
    put("stripe-movimenti/saldo.csv", lines(
        "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,Transfer",
        "txn_1,charge,ch_1,122.00,2.08,119.92,eur,2026-02-03 23:30,2026-02-10 00:00,Ordine 1001,po_1",
        "txn_2,refund,re_1,-22.00,0.00,-22.00,eur,2026-02-13 09:00,2026-02-13 09:00,Reso,po_1",
        "txn_3,payout,po_1,-97.92,0.00,-97.92,eur,2026-02-14 00:00,2026-02-16 00:00,STRIPE PAYOUT,po_1", end="\n"))
    put("pos-transazioni/transazioni.csv", lines(
        "Data operazione;Ora;Terminale;Tipo operazione;Circuito;Importo;Commissione;Importo netto;Codice autorizzazione;ID transazione;Esito;Data accredito",
        "03/02/2026;10:11;00012345;Acquisto;VISA;122,00;1,22;120,78;A1B2C3;900001;Eseguita;05/02/2026",
        "03/02/2026;10:15;00012345;Acquisto;VISA;75,00;0,00;75,00;G7H8I9;900003;Negata;",
        "05/02/2026;;;Accredito;;120,78;;;;;;05/02/2026",
        "13/02/2026;18:40;00012345;Storno;MASTERCARD;22,00;0,00;22,00;D4E5F6;900002;Eseguita;16/02/2026"))


def dresses():
    """The same register in the clothes that web programs and mails put around it."""
    heads = ["Numero fattura", "Data fattura", "Cliente", "Partita IVA", "Imponibile", "IVA", "Totale fattura"]
    rows = [["1/A", "3 febbraio 2026", "Caff&egrave; Delta &amp; C.", "02345678904", "1.000,00", "220,00", "&euro;&nbsp;1.220,00"],
            ["2/A", "13-feb-26", "Alfa Ceramiche S.r.l.", "10000000009", "(50,00)", "11,00-", "-61,00"]]
    cells = lambda tag, row: "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>"
    put("registro-iva/vendite-pagina.xls", "<html><head><meta charset=\"utf-8\"></head><body><table><tr><td>Menu</td></tr></table>"
        f"<table border=1><tr><td colspan={len(heads)}>Registro vendite</td></tr>{cells('th', heads)}{''.join(cells('td', row) for row in rows)}"
        f"<tr><td colspan=4>TOTALE</td><td>950,00</td><td>209,00</td><td>1.159,00</td></tr></table></body></html>\n")
    data = lambda kind, value: f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>'
    row = lambda *cells: f"<Row>{''.join(cells)}</Row>"
    text = lambda value: data("String", value)
    put("registro-iva/vendite-2003.xls", '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="Vendite"><Table>' + row(*map(text, heads))
        + row(text("1/A"), data("DateTime", "2026-02-03T00:00:00.000"), text("Caff\u00e8 Delta &amp; C."), data("Number", "2345678904"),
              data("Number", "1000"), data("Number", "220"), data("Number", "1220"))
        + row(text("2/A"), data("DateTime", "2026-02-13T00:00:00.000"), text("Alfa Ceramiche S.r.l."), text("10000000009"),
              data("Number", "-50"), data("Number", "-11"), data("Number", "-61"))
        + '</Table></Worksheet><Worksheet ss:Name="Note"><Table/></Worksheet></Workbook>\n')
    plain = lines("sep=,", ",".join(heads), '1/A,02/03/2026,Alfa Ceramiche S.r.l.,10000000009,"1,000.00",220.00,"1,220.00"',
                  '2/A,02/13/2026,Beta Trasporti S.p.A.,10000000017,50.00,11.00,61.00')
    put("registro-iva/vendite-americane.csv", plain)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("export/vendite.csv", (2026, 3, 1, 0, 0, 0)), plain)
    put("registro-iva/vendite.zip", out.getvalue())
    put("registro-iva/vendite.csv.gz", gzip.compress(plain.encode("utf-8"), mtime=0))
    put("registro-iva/vendite-utf16.csv", ("\t".join(heads) + "\r\n1/A\t13/02/2026\tCaff\u00e8 Delta\t02345678904\t1.000,00\t220,00\t1.220,00\r\n").encode("utf-16-le"))
    put("registro-iva/vendite-euro.csv", (";".join(heads) + "\r\n1/A;13/02/2026;Citt\u00e0 Alta;02345678904;\u20ac 1.000,00;\u20ac 220,00;\u20ac 1.220,00\r\n").encode("iso-8859-15"))


def binary():
    """XLSB: what is in acquisti.csv, as numbers and days. Made only when its writer is installed."""
    try:
        from pyxlsbwriter import XlsbWriter
    except ImportError:
        return
    import datetime
    day = lambda month, number: datetime.datetime(2026, month, number)
    rows = [["Protocollo", "Data registrazione", "Data documento", "Numero documento", "Tipo documento", "Fornitore", "Partita IVA", "Imponibile", "IVA", "Totale documento"],
            [1, day(2, 6), day(2, 5), "385/A", "Fattura", "Alfa Ceramiche S.r.l.", 10000000009, 1689.5, 323.5, 2013.0],
            [2, day(2, 11), day(1, 31), "12", "Fattura differita", "Caff\u00e8 Delta", 2345678904, 371.12, 40.47, 411.59],
            [3, day(2, 12), day(2, 12), "7", "NC", "Alfa Ceramiche S.r.l.", 10000000009, 43.55, 9.58, 53.13]]
    target = HERE / "registro-iva/acquisti.xlsb"
    with XlsbWriter(str(target)) as writer:
        writer.add_sheet("Acquisti")
        writer.write_sheet(rows)


erp()
shops()
dresses()
binary()
