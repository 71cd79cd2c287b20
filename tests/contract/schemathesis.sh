#!/bin/sh
# Runs schemathesis over `quadra sandbox` with the vendor's specification.
#
#   tests/contract/schemathesis.sh [SPECIFICATION] [MORE OPTIONS OF SCHEMATHESIS]
#
# SPECIFICATION is ../shared/oas/invoice.openapi.json unless given. QUADRA names the binary
# (default: quadra of the target folder), SCHEMATHESIS the tool (default: in the PATH; it is
# on PyPI). What the sandbox answers beyond the specification is listed with its reasons in
# allowed.json; anything else fails.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
specification=${1:-$root/../shared/oas/invoice.openapi.json}
[ $# -gt 0 ] && shift
quadra=${QUADRA:-${CARGO_TARGET_DIR:-$root/target}/debug/quadra}
schemathesis=${SCHEMATHESIS:-schemathesis}
if [ ! -f "$specification" ]; then
    echo "skipped: there is no specification at $specification" >&2
    exit 0
fi

work=$(mktemp -d)
"$quadra" sandbox --well-behaved --port 0 --habit foreign_callbacks_refused=false --clock 2026-02-28T22:00:00Z --json > "$work/address" &
sandbox=$!
trap 'kill $sandbox 2>/dev/null; rm -rf "$work"' EXIT
tries=0
until grep -q base_url "$work/address" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "the sandbox does not start" >&2; exit 1; }
    sleep 0.1
done
url=$(sed -n 's/.*"base_url": *"\([^"]*\)".*/\1/p' "$work/address")
python3 "$here/allowed.py" "$specification" "$here/allowed.json" > "$work/specification.json"

cd "$work"
export SANDBOX_URL="$url" SCHEMATHESIS_HOOKS=hooks PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1
export SUCCESSES="$work/successes.json"
"$schemathesis" run specification.json --url "$url" --header "Authorization: Bearer any" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --seed 1 --max-examples "${EXAMPLES:-100}" --warnings off --continue-on-failure "$@"
# A run that never got past a refusal would have proved nothing.
python3 - "$SUCCESSES" <<'END'
import json, sys
idle = [name for name, count in json.load(open(sys.argv[1])).items() if not count]
sys.exit(f"never answered 200: {idle}" if idle else 0)
END
