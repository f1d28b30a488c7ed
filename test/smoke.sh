#!/usr/bin/env bash
# README's first command, as a newcomer types it: a clean clone in a folder of its own, `npm ci && npm start`, the map asked
# for once, and a clean stop.
set -euo pipefail
source_folder="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

git clone --quiet "$source_folder" "$work/pantau"
cd "$work/pantau"
npm ci --no-fund --no-audit
# Ports of its own, since the machine may run a village already; the data folder is the clone's.
export PANTAU_MQTT_PORT=0 PANTAU_HTTP_PORT=0
npm start > "$work/out" 2> "$work/err" &
village=$!

fail() {
  echo "smoke: $1" >&2
  tail -20 "$work/err" >&2
  kill "$village" 2> /dev/null || true
  exit 1
}

for _ in $(seq 1 120); do
  grep -q '^Pantau is ready' "$work/out" && break
  kill -0 "$village" 2> /dev/null || fail "npm start ended before it was ready"
  sleep 1
done
grep -q '^Pantau is ready' "$work/out" || fail "not ready within 120 s, the build's time included"
url="$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' data/ready.json)"
curl --fail --silent "$url/" | grep -q '<title' || fail "$url/ is no page"
curl --fail --silent "$url/api/v1/devices?limit=1000" | grep -q '"kind":"vehicle"' || fail "no vehicle on the map"

kill -TERM "$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' data/ready.json)"
wait "$village" || fail "npm start ended with $? after SIGTERM"
[ ! -e data/ready.json ] || fail "ready.json was left behind"
echo "smoke: npm ci && npm start is well"
