"""Gives schemathesis companies, documents and files that exist, or it would only meet 404.

Loaded by schemathesis.sh through SCHEMATHESIS_HOOKS. Every second request keeps what
schemathesis made up. At the end it says how often each operation succeeded, so that a run
in which nothing ever did is not taken for a good one.
"""

import atexit
import collections
import itertools
import json
import os
import sys
import urllib.request

import schemathesis

BASE = os.environ["SANDBOX_URL"]
TURNS = itertools.count()
SUCCESSES = collections.Counter()

INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader><DatiTrasmissione><ProgressivoInvio>{number}</ProgressivoInvio>
<FormatoTrasmissione>FPR12</FormatoTrasmissione><CodiceDestinatario>ABC1234</CodiceDestinatario></DatiTrasmissione>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>{seller}</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>Prova</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>07643520567</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>Altri</Denominazione></Anagrafica></DatiAnagrafici></CessionarioCommittente>
</FatturaElettronicaHeader><FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento>
<Divisa>EUR</Divisa><Data>2026-02-28</Data><Numero>S{number}</Numero></DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi><DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>100.00</ImponibileImporto>
<Imposta>22.00</Imposta></DatiRiepilogo></DatiBeniServizi></FatturaElettronicaBody></p:FatturaElettronica>"""


def rows(path):
    """Returns the data of one list."""
    request = urllib.request.Request(BASE + path, headers={"Authorization": "Bearer any"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


COMPANIES = [row["fiscal_id"] for row in rows("/IT-configurations")]
# The sandbox's clock stands on the last evening of the month: younger ones can be voided.
SALES = rows("/IT-receipts?status=ready&type=sale&created_at[after]=2026-02-28&limit=100")
INVOICES = [row["id"] for row in rows("/IT-invoices?limit=100")]


def name(case):
    """Returns method and path of an operation."""
    return f"{case.operation.method.upper()} {case.operation.path}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Names what exists in every second request."""
    turn = next(TURNS)
    if turn % 2:
        return
    operation = name(case)
    company = COMPANIES[turn % len(COMPANIES)]
    sale = SALES[turn % len(SALES)]
    if "fiscal_id" in case.operation.path:
        case.path_parameters = {"fiscal_id": company}
    elif case.operation.path == "/IT-receipts/{id}":
        case.path_parameters = {"id": sale["id"]}
    elif case.operation.path == "/IT-invoices/{id}":
        case.path_parameters = {"id": INVOICES[turn % len(INVOICES)]}
    if operation == "PATCH /IT-receipts/{id}":
        case.body = {"items": [{"id": sale["items"][0]["id"], "quantity": 1}]}
    elif operation == "POST /IT-receipts":
        item = {"quantity": 1, "description": "Pane", "unit_price": 3.8, "vat_rate_code": "4"}
        case.body = {"fiscal_id": company, "items": [item], "cash_payment_amount": 3.8}
    elif operation == "POST /IT-configurations" and isinstance(case.body, dict):
        case.body.update({"fiscal_id": f"S{turn}", "email": "prova@quadra.example"})
        case.body.pop("api_configurations", None)
    elif operation == "POST /IT-invoices":
        case.body = INVOICE.format(seller=company, number=turn).encode()
    elif operation == "POST /IT-invoices_import":
        case.body = {"invoice": INVOICE.format(seller=company, number=turn)}


@schemathesis.hook
def after_call(context, case, response):
    """Counts what succeeded."""
    SUCCESSES[name(case)] += response.status_code == 200


@atexit.register
def tell():
    """Prints how often each operation succeeded, and leaves it for schemathesis.sh."""
    with open(os.environ["SUCCESSES"], "w", encoding="utf-8") as file:
        json.dump(SUCCESSES, file)
    for operation, count in sorted(SUCCESSES.items()):
        print(f"{count:6} answered 200: {operation}", file=sys.stderr)
