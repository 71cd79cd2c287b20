"""Gives schemathesis companies and documents that exist, or it would only meet 404.

Loaded by schemathesis.sh through SCHEMATHESIS_HOOKS; half of the generated requests keep
what schemathesis made up.
"""

import json
import os
import random
import urllib.request

import schemathesis

BASE = os.environ["SANDBOX_URL"]


def rows(path):
    """Returns the data of one list."""
    request = urllib.request.Request(BASE + path, headers={"Authorization": "Bearer any"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


COMPANIES = [row["fiscal_id"] for row in rows("/IT-configurations")]
RECEIPTS = [row["id"] for row in rows("/IT-receipts?status=ready&type=sale&limit=100")]
INVOICES = [row["id"] for row in rows("/IT-invoices?limit=100")]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Names a document that exists in every second path."""
    if not path_parameters or random.random() < 0.5:
        return path_parameters
    if "fiscal_id" in path_parameters:
        path_parameters["fiscal_id"] = random.choice(COMPANIES)
    elif context.operation.path.startswith("/IT-receipts"):
        path_parameters["id"] = random.choice(RECEIPTS)
    else:
        path_parameters["id"] = random.choice(INVOICES)
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    """Names a company that exists in every second receipt."""
    is_receipt = context.operation.path == "/IT-receipts"
    if is_receipt and isinstance(body, dict) and "fiscal_id" in body and random.random() < 0.5:
        body["fiscal_id"] = random.choice(COMPANIES)
    return body
