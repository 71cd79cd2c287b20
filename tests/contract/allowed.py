"""Writes the vendor's specification with the sandbox's listed departures let in.

usage: allowed.py SPECIFICATION ALLOWED > SPECIFICATION_WITH_DEPARTURES
"""

import json
import sys


def places(specification, at, names):
    """Yields the parent and the name of every place that an entry speaks of."""
    parts = at.split(".")
    node = specification["components"]["schemas"]
    for part in parts[:-1]:
        node = node[part]
    for name in names if parts[-1] == "*" else [parts[-1]]:
        assert name in node, f"{at}: the specification has no `{name}`"
        yield node, name


def widen(specification, entry):
    """Lets one departure of a schema in."""
    assert entry.get("reason"), f"{entry['at']} has no reason"
    for parent, name in places(specification, entry["at"], entry.get("names", [])):
        if "replace" in entry:
            parent[name] = entry["replace"]
        parent[name].update(entry.get("set", {}))
        for key in entry.get("remove", []):
            del parent[name][key]


def admit(specification, entry):
    """Lets one more status of an operation in."""
    assert entry.get("reason"), f"{entry['status']} has no reason"
    for path, operations in specification["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            if "*" in entry["operations"] or name in entry["operations"]:
                operation["responses"].setdefault(
                    entry["status"],
                    {"description": entry["reason"], "content": {"application/json": {}}},
                )


def main():
    """Reads both files and prints the result."""
    with open(sys.argv[1], encoding="utf-8") as file:
        specification = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        allowed = json.load(file)
    schemas = specification["components"]["schemas"]
    schemas["Configuration"] = schemas["ITConfigurationResponse"]["properties"]["data"]
    for entry in allowed["schemas"]:
        widen(specification, entry)
    for entry in allowed["answers"]:
        admit(specification, entry)
    json.dump(specification, sys.stdout)


if __name__ == "__main__":
    main()
