#!/usr/bin/env bash
# Decides what runs on this host.
#   deploy.sh start      what ran before, without asking anybody; where nothing did, an upgrade
#   deploy.sh upgrade    what the bucket has: fetched, checked, built, and put to use
#   deploy.sh rollback   the program before this one, which is still here
# What does not come up is taken back: then what ran before runs again, and the status is 1.
#
# A release is a folder with the program and its settings, releases/NAME, and the image photoseek:NAME.
# `current` leads to the one that runs, `previous` to the one before it; others are removed.
set -euo pipefail
umask 022 # the image must be able to read the program

settings="${CONFIGURATION_DIRECTORY:-/etc/photoseek}" # given by systemd
root="${DEPLOY_ROOT:-/opt/photoseek}"
project="${COMPOSE_PROJECT_NAME:-photoseek}"
# shellcheck source=/dev/null
. "$settings/place.env" # ENGINE_KEY, ENGINE_KEY_PARAMETER, IMAGE, KEY_PARAMETER, REGION, SOURCE
mkdir -p "$root/releases" "$root/photos"
cd "$root"

say() { echo "$*" >&2; }

# release current|previous: its name, or nothing
release() {
  local folder
  folder="$(readlink "$1")" || return 0
  echo "${folder##*/}"
}

# point current|previous NAME: in one step, whatever happens to this host
point() { ln -sfn "releases/$2" "$1.new" && mv -T "$1.new" "$1"; }

# is_here NAME: whether a release can be started without building
is_here() { [ -n "$1" ] && [ -f "releases/$1/.env" ] && docker image inspect "photoseek:$1" >/dev/null 2>&1; }

# The program as it was sent, in incoming/. It is fetched whole, because a sync goes by size and time.
fetch() {
  rm -rf incoming && mkdir incoming
  aws s3 cp "$SOURCE.sha256" incoming.sha256 --region "$REGION" --only-show-errors
  aws s3 cp "$SOURCE" incoming --recursive --region "$REGION" --only-show-errors
  if ! (cd incoming && sha256sum --check --quiet ../incoming.sha256) ||
    [ "$(find incoming -type f | wc -l)" != "$(wc -l <incoming.sha256)" ]; then
    say "$SOURCE is not what its list of hashes says: a terraform apply broke off, or is at work." \
      "Let it come to its end, then try again. Nothing was changed here."
    exit 1
  fi
  find incoming -name '*.sh' -exec chmod a+x {} + # S3 keeps no modes
}

# name_it: by what its image is made of, so that the same program has the same name
name_it() {
  {
    cat incoming.sha256
    grep -E '^(MODEL|TORCH)=' "$settings/settings.env" || true
    [ -z "$IMAGE" ] || docker image inspect --format '{{.Id}}' "$IMAGE"
  } | sha256sum | cut -c -12
}

# parameter NAME: what Parameter Store has
parameter() {
  aws ssm get-parameter --region "$REGION" --name "$1" --with-decryption --query Parameter.Value --output text
}

# settings_of NAME KEYS: all that the release's containers are told. Paths are whole, so that a command
# in another folder means the same containers.
settings_of() {
  cat "$settings/settings.env"
  echo "$2"
  echo "PHOTOSEEK_IMAGE='photoseek:$1'"
  echo "CADDYFILE='$root/releases/$1/infra/caddy/Caddyfile'"
  echo "PHOTOS='$root/photos'"
}

# write NAME: its settings, which hold the key, from standard input
write() {
  (umask 077 && cat >"releases/$1/.env.new")
  mv "releases/$1/.env.new" "releases/$1/.env"
}

# keeps_dying: whether a part was started again and again, which Docker would do for ever
keeps_dying() {
  local part
  for part in $(docker ps --quiet --filter label=com.docker.compose.project="$project" --filter status=restarting); do
    if [ "$(docker inspect --format '{{.RestartCount}}' "$part")" -ge 3 ]; then
      say "$(docker inspect --format '{{.Name}}' "$part") keeps dying."
      return 0
    fi
  done
  return 1
}

# up NAME: replaces what differs, and waits until every part is well
up() {
  # In a group of its own: the program `docker` does not pass a signal on to its plugin.
  (cd "releases/$1" && exec setsid docker compose up --detach --no-build --remove-orphans --wait --wait-timeout 1800) &
  local compose=$!
  while kill -0 "$compose" 2>/dev/null; do
    sleep 0.5
    if keeps_dying; then
      kill -- "-$compose" 2>/dev/null || true
      wait "$compose" || true
      return 1
    fi
  done
  wait "$compose"
}

# The settings of what ran, where the same program was to run with others
restore() { [ ! -f before.env ] || mv before.env current/.env; }

# put_to_use NAME: or go back
put_to_use() {
  local old
  old="$(release current)"
  if up "$1"; then
    if [ "$old" != "$1" ]; then
      [ -z "$old" ] || point previous "$old"
      point current "$1"
    fi
    tidy
    return
  fi
  docker compose --project-name "$project" logs --no-color --tail 20 >&2 || true
  if [ -z "$old" ]; then
    say "photoseek:$1 did not come up, and there is nothing on this host to go back to."
    return 1
  fi
  say "photoseek:$1 did not come up. Going back to photoseek:$old."
  restore
  # Whatever keeps dying must not be taken for a part of what comes back.
  docker compose --project-name "$project" stop --timeout 20 >&2 || true
  up "$old" || say "photoseek:$old does not come up either: docker compose logs in $root/current."
  tidy
  return 1
}

# Keeps two releases, and what they are built from. Images and containers of others are left alone.
tidy() {
  local name kept
  kept=" $(release current) $(release previous) "
  rm -rf incoming incoming.sha256 before.env
  for name in releases/*; do
    [[ $kept = *" ${name##*/} "* ]] || rm -rf "$name"
  done
  for name in $(docker image ls --format '{{.Tag}}' photoseek); do
    [[ ! $name =~ ^[0-9a-f]{12}$ || $kept = *" $name "* ]] || docker image rm "photoseek:$name" >/dev/null || true
  done
  docker builder prune --force --keep-storage 10GB >/dev/null || true
}

upgrade() {
  local key keys name
  fetch
  key="$(parameter "$KEY_PARAMETER")"
  keys="PHOTOSEEK_API_KEY='$key'"
  if [ -n "${ENGINE_KEY_PARAMETER:-}" ]; then
    key="$(parameter "$ENGINE_KEY_PARAMETER")"
    if [[ $key = *[$'\'\n']* ]]; then
      say "$ENGINE_KEY_PARAMETER has an apostrophe or a line break, which a file of settings cannot hold."
      exit 1
    fi
    keys+=$'\n'"$ENGINE_KEY='$key'"
  fi
  [ -z "$IMAGE" ] || docker pull --quiet "$IMAGE"
  name="$(name_it)"
  rm -f before.env
  if [ "$name" = "$(release current)" ] && [ -f current/.env ]; then
    cp --preserve=mode current/.env before.env # the same program, perhaps with a new key
  else
    rm -rf "releases/$name"
    mv incoming "releases/$name"
  fi
  settings_of "$name" "$keys" | write "$name"
  if [ -n "$IMAGE" ]; then
    docker tag "$IMAGE" "photoseek:$name"
  elif ! is_here "$name" && ! (cd "releases/$name" && docker compose build >"$root/build.log" 2>&1); then
    tail -n 30 build.log >&2
    say "The image could not be built. What ran goes on. $root/build.log has the rest."
    restore
    tidy
    return 1
  fi
  put_to_use "$name"
}

rollback() {
  local keys='^PHOTOSEEK_(API_KEY|ENGINE_API_KEY|ENGINE_PASSWORD)=' line name
  name="$(release previous)"
  if ! is_here "$name"; then
    say "There is no program from before the last upgrade on this host. Send the one that is wanted:" \
      "git checkout VERSION, terraform apply, and the upgrade_command."
    return 1
  fi
  rm -f before.env
  # With its own settings, and today's values of the keys that it had.
  while read -r line; do
    [[ ! $line =~ $keys ]] || line="$(grep "^${BASH_REMATCH[0]}" current/.env || echo "$line")"
    echo "$line"
  done <"releases/$name/.env" | write "$name"
  put_to_use "$name"
}

start() {
  if is_here "$(release current)"; then
    up "$(release current)"
  else
    upgrade
  fi
}

exec 9>lock
flock --nonblock 9 || { say "Another deployment is at work here; waiting for its end." && flock 9; }
case "${1:-}" in
  start | upgrade | rollback)
    docker version >/dev/null # an engine that does not answer is no engine without images
    "$1"
    ;;
  *)
    say "usage: deploy.sh start|upgrade|rollback"
    exit 2
    ;;
esac
