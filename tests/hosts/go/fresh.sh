#!/bin/sh
# Makes a program outside the repository from the packed module and the README alone, and screens a merchant:
# fresh.sh [PACKAGES]. With PACKAGES, the module is the one in that folder, a proxy.
# The programs' clock is set back to the time at which the fixtures were signed; nothing else is changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
room=$(mktemp -d)
trap 'chmod -R u+w "$room"; rm -rf "$room"' EXIT
known=$(go env GOMODCACHE)/cache/download

mkdir "$room/shop"
(cd "$here" && go mod download)
if [ $# -gt 0 ]; then
  cp -r "$1" "$room/shop/go"
else
  (cd "$here" && go run ./pack "$root/host-example/go" "$room/shop/go" 1793599200)
fi
cp -r "$root/fixtures/repositories/sample" "$room/shop/lists"
sed 's|https://lists.example/se|lists|' "$root/fixtures/generation/enrolment.json" > "$room/shop/se.enrolment.json"
cd "$room/shop"
# Each block of code into a file of its own, in order.
awk '/^```(sh|go)$/ { kind = substr($0, 4); file = sprintf("block-%02d.%s", ++count, kind); next }
     /^```$/ { file = ""; next }
     file != "" { print > file }' "$root/host-example/go/README.md"
sed -i 's|interdict.Options{|&Clock: func() time.Time { return time.Unix(1793599200, 0) },|' block-*.go
grep -q '"time"' block-03.go || sed -i 's|^import (|&\n\t"time"|' block-03.go
# A cache of its own, so that the packed module is fetched and not one of an earlier run; what it needs comes from
# what this machine has fetched already.
export GOMODCACHE="$room/cache" GOPROXY="file://$known" GOFLAGS=-mod=mod GOSUMDB=off GOTOOLCHAIN=local
cat block-*.sh > all.sh
told=$(sh -eu all.sh)
echo "$told"
test "$told" = "block refuse"
test ! -e "$root/host-example/go/state"
echo "fresh: ok"
