#!/usr/bin/env bash
# Starts the static binary in a root that holds nothing else, as a container made by the Dockerfile does.
#
# usage (as root): scratch_root.sh STATIC_WOOFER MODEL CLIP [PORT]
# Build the binary first, as the Dockerfile does:
#   cargo rustc --release --package woofer-cli --bin woofer -- -C target-feature=+crt-static
set -euo pipefail
binary=$1 model=$2 clip=$3 port=${4:-18099}
if (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  echo "port $port is taken by another service; give one that is free" >&2
  exit 1
fi
root=$(mktemp -d)
chmod 755 "$root" # the service runs as somebody else
mkdir -p "$root/opt/ml/model"
cp "$binary" "$root/woofer"
# Whoever runs containers gives them these.
mkdir "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
# SageMaker packs a folder's content, and unpacks it there.
tar -C "$model" -czf "$root/model.tar.gz" .
tar -C "$root/opt/ml/model" -xzf "$root/model.tar.gz"
rm "$root/model.tar.gz"
find "$root" -type f | sed "s|$root||"
# Nothing is handed on from here, not even where programs are.
env -i SAGEMAKER_BIND_TO_PORT=$port WOOFER_HOST=127.0.0.1 "$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)" --userspec=65532:65532 "$root" /woofer serve &
service=$!
trap 'kill -9 $service 2>/dev/null || true; rm -rf "$root"' EXIT
for _ in $(seq 100); do
  [ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:$port/ping)" = 200 ] && break
  sleep 0.1
done
curl -sS --fail -H 'Content-Type: audio/wav' --data-binary @"$clip" http://127.0.0.1:$port/invocations
echo
curl -sS --fail http://127.0.0.1:$port/execution-parameters
echo
kill -TERM $service
wait $service
echo "SIGTERM ended it with $?"
test -z "$(find "$root" -newer "$root/woofer" -type f ! -path '*/opt/ml/model/*' ! -name woofer)" && echo "nothing was written"
