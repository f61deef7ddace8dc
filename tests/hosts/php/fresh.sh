#!/bin/sh
# Makes the Composer package, and from it and the README alone a new shop outside this repository, which enrols,
# refreshes and screens: fresh.sh [PACKAGES]. With PACKAGES, the package is the one in that folder. INTERDICT_LIBRARY names
# the C library. Needs composer and php-zip; and ruby and luajit for the last section of the README.
set -eu
: "${INTERDICT_LIBRARY:?is the C library}"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export COMPOSER_HOME="$room/composer" COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_NO_INTERACTION=1

mkdir "$room/shop" "$room/shop/packages"
if [ $# -gt 0 ]; then
    cp "$1"/*.tar.gz "$room/shop/packages"
else
    composer --quiet --working-dir="$top/host-example/php" archive --format=zip --dir="$room/shop/packages" \
        --file=interdict-host-0.2.0
fi
cd "$room/shop"
php "$here/readme.php" "$top/host-example/php/README.md" .

echo '{}' > composer.json
sh -e install.sh 2> install.log || { cat install.log; exit 1; }
test -f vendor/interdict/host/README.md
test ! -e vendor/interdict/host/tests

# An enrolment of the published fixtures, whose repository is a directory here.
php -r '$file = json_decode(file_get_contents($argv[1]), true); $file["repository"] = $argv[2]; echo json_encode($file);' \
    "$top/fixtures/generation/enrolment.json" "$top/fixtures/repositories/sample" > se.enrolment.json
php enrol.php
# The fixtures were signed once: they are taken at the time at which they were fresh.
sed 's/->refresh()/->refresh(1793599200)/' refresh.php > refresh-then.php
php refresh-then.php | grep -x 'se updated'

expect() {
    found=$("$@") || { echo "FAILED: $*: $found"; exit 1; }
    case $found in
    "$expected"*) echo "ok - $(basename "$1") $2: $found" ;;
    *) echo "FAILED: $*: $found"; exit 1 ;;
    esac
}
expected='block refuse' expect php screen.php block.listed.test
expected='hold_payout hold' expect php screen.php hold-payout.listed.test
expected='review hold' expect php screen.php clean.test # by now the lists are too old for a clean answer
php batch.php > batch
test "$(cat batch)" = "$(printf 'refuse\nhold')" || { echo "FAILED: batch.php: $(cat batch)"; exit 1; }
test "$(wc -l < receipts.ndjson)" -eq 2
echo 'ok - batch.php: refuse, hold, 2 receipts'
expected='' expect php page.php
for other in 'ruby screen.rb' 'luajit screen.lua'; do
    if command -v "${other% *}" > /dev/null; then
        expected='block' expect $other
    else
        echo "skipped: the README's $other (needs ${other% *})"
    fi
done
! php -d ffi.enable=0 screen.php > refused
grep -x 'not screened: library' refused
! INTERDICT_LIBRARY=/nowhere.so php screen.php > refused
grep -x 'not screened: library' refused
echo '1 passed, 0 failed'
