#!/usr/bin/env bash
# Brings what runs here in line with the bucket and the key: fetches the program into the current
# folder, builds or pulls its image, and starts what has changed. The old one runs until then.
set -euo pipefail

settings="$CONFIGURATION_DIRECTORY" # given by systemd
# shellcheck source=/dev/null
. "$settings/place.env" # IMAGE, KEY_PARAMETER, REGION, SOURCE

aws s3 sync "$SOURCE" . --region "$REGION" --delete --exclude .env --only-show-errors
find . -name '*.sh' -exec chmod a+x {} + # S3 keeps no modes
key="$(aws ssm get-parameter --region "$REGION" --name "$KEY_PARAMETER" --with-decryption \
  --query Parameter.Value --output text)"

(
  umask 077
  cat "$settings/settings.env" >"$settings/photoseek.env.new"
  echo "PHOTOSEEK_API_KEY='$key'" >>"$settings/photoseek.env.new"
)
mv "$settings/photoseek.env.new" "$settings/photoseek.env"
ln -sfn "$settings/photoseek.env" .env

if [ -n "$IMAGE" ]; then
  docker pull --quiet "$IMAGE"
  docker tag "$IMAGE" photoseek
else
  docker compose build
fi
docker compose up --detach --no-build --remove-orphans
docker image prune --force
