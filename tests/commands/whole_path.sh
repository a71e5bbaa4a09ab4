#!/usr/bin/env bash
# URLs to photos in a bucket, to an index in the bucket, to hits: LIST s3://BUCKET QUERY
set -euo pipefail
photoseek() { "$PYTHON" "$ROOT/app.py" "$@"; }

photoseek -t download --source "$1" --to "$2/photos" --allow-private-addresses >&2
photoseek -t index --source "$2/photos/manifest.csv" --index "$2/index" --model demo >&2
photoseek -t query --index "$2/index" --json --top-k 5 "$3"
