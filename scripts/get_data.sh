#!/usr/bin/env bash
# Gets a data set of photos in one command that survives bad networks. Works with the bash 3.2 of
# macOS; whatever is more than arguments is done in Python.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/get_data.sh [options] unsplash-lite | urls FILE | demo

  unsplash-lite   25,000 photos of nature: fetches the data set, lists its photos in
                  data/processed/photos.csv, and downloads them
  urls FILE       the photos of a list of your own: .txt with one URL in each line, or a .csv,
                  .tsv or .parquet with a column url
  demo            drawings, made on this machine

options:
  -n N            the first N photos only (demo: 600)
  --width PIXELS  width of the photos of unsplash-lite (default: 640)
  --to PLACE      folder or s3://BUCKET/PREFIX (default: data/photos/NAME; demo:
                  data/demo/photos)
  -h, --help      this text

Run it again after an interruption, or whenever you like: what is there is not fetched again.
UNSPLASH_LITE_URL names another address of the archive.

Unsplash Lite is for use inside your organisation, under https://unsplash.com/data-terms. Its
photos may not be published. The list credits each photographer and links to Unsplash.

examples:
  scripts/get_data.sh unsplash-lite -n 1000
  scripts/get_data.sh unsplash-lite --width 1080 --to s3://bucket/unsplash
  scripts/get_data.sh urls urls.txt --to photos
END
}

fail() {
  echo "$1" >&2
  echo "scripts/get_data.sh --help shows how." >&2
  exit 2
}

number() {
  case $2 in
    '' | *[!0-9]* | 0*) fail "$1 is '$2'; it must be a whole number from 1." ;;
  esac
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
command=
file=
limit=
width=640
to=

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    -n | --width | --to)
      [ $# -ge 2 ] || fail "$1 needs a value."
      case $1 in
        -n) limit=$2 ;;
        --width) width=$2 ;;
        --to) to=$2 ;;
      esac
      shift 2
      ;;
    -*) fail "There is no option $1." ;;
    *)
      if [ -z "$command" ]; then
        command=$1
      elif [ "$command" = urls ] && [ -z "$file" ]; then
        file=$1
      else
        fail "What is '$1'?"
      fi
      shift
      ;;
  esac
done

[ -z "$limit" ] || number -n "$limit"
number --width "$width"
case $command in
  unsplash-lite | demo) ;;
  urls) [ -n "$file" ] || fail "Name the list: scripts/get_data.sh urls FILE" ;;
  '') fail "Name a data set: unsplash-lite, urls FILE or demo." ;;
  *) fail "There is no data set '$command'." ;;
esac
if ! command -v "$python" >/dev/null; then
  echo "There is no Python at $python. Run: make install" >&2
  exit 2
fi

export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"

download() { # LIST PLACE
  set -- -t download --source "$1" --to "$2"
  [ -z "$limit" ] || set -- "$@" -n "$limit"
  "$python" "$root/app.py" "$@"
}

list_unsplash() {
  "$python" -m photoseek.datasets unsplash-lite --archive data/raw/unsplash-lite.zip \
    --list data/processed/photos.csv --width "$width" --to "$to"
}

case $command in
  unsplash-lite)
    echo "Unsplash Lite: for internal use under https://unsplash.com/data-terms"
    to=${to:-data/photos/unsplash-lite}
    list_unsplash
    download data/processed/photos.csv "$to"
    list_unsplash # now with the paths of what has arrived
    ;;
  urls)
    name=$(basename "$file")
    download "$file" "${to:-data/photos/${name%.*}}"
    ;;
  demo)
    exec "$python" -m photoseek.datasets demo --to "${to:-data/demo/photos}" --count "${limit:-600}"
    ;;
esac
