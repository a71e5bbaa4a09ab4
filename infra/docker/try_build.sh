#!/usr/bin/env bash
# Builds the Dockerfile with buildah where no Docker engine runs, as root, on Debian 12:
# apt-get install buildah debootstrap. The bases are made of Debian and of this machine's Node.
# usage: infra/docker/try_build.sh [--without-packages]   (which leaves pip's downloads out)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build=(buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run")

base() { # NAME FROM ADD...: an image out of files of this machine
  local name=$1 container
  container=$("${build[@]}" from --pull-never "$2")
  shift 2
  while [ $# -gt 0 ]; do
    "${build[@]}" copy --quiet "$container" "$1" "$2"
    shift 2
  done
  "${build[@]}" commit --quiet --rm "$container" "localhost/$name"
}

debootstrap --variant=minbase --include=python3-venv,ca-certificates bookworm "$work/debian"
ln -s python3 "$work/debian/usr/bin/python"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/debian/usr/bin/npm"
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
base python scratch "$work/debian" /
base node containers-storage:localhost/python "$(command -v node)" /usr/bin/node \
  "$npm" /usr/lib/node_modules/npm

cp "$root/Dockerfile" "$work/Dockerfile"
if [ "${1:-}" = --without-packages ]; then
  sed -i '/^RUN python -m venv/s/ && PIP.*$//' "$work/Dockerfile"
fi
settings=() # certificates, and where npm and pip find their packages
for file in /etc/ssl/certs /etc/npmrc /usr/etc/npmrc /root/.npmrc /etc/pip.conf; do
  [ ! -e "$file" ] || settings+=(--volume "$file:$file:ro")
done
"${build[@]}" bud --pull-never --format docker --isolation chroot \
  --file "$work/Dockerfile" --ignorefile "$root/.dockerignore" \
  "${settings[@]}" \
  --build-arg PYTHON_IMAGE=containers-storage:localhost/python \
  --build-arg NODE_IMAGE=containers-storage:localhost/node \
  --tag localhost/photoseek "$root"
container=$("${build[@]}" from --pull-never containers-storage:localhost/photoseek)
# shellcheck disable=SC2016 # the shell in the container expands it
"${build[@]}" run --isolation chroot "$container" -- \
  sh -c 'test "$(id -u)" = 10001 && test -w /data && test -w /models && ! test -w /app &&
    test -f web/dist/index.html && tini --version && python --version'
