#!/bin/sh
# A fresh program outside the repository, from the installed library and the README alone: fresh.sh ROOT BUILD.
# The source package must configure without the repository beside it.
set -eu
root=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export HOME="$room"
cd "$room"

# The source package, made with the tools of this build, configures without wasm2c, to the sources of this build.
value() { sed -n "s/^$1:[^=]*=//p" "$build/CMakeCache.txt"; }
cmake -DINTERDICT_WASM2C="$(value INTERDICT_WASM2C)" -DINTERDICT_WASM2C_RUNTIME="$(value INTERDICT_WASM2C_RUNTIME)" \
  -P "$root/host-example/c/cmake/package.cmake" "$room/package/interdict-host" > /dev/null
cmake -S package/interdict-host -B configured > /dev/null
diff -r configured/interdict-generated/builtin "$build/interdict-generated/builtin" -x checked
diff -r configured/interdict-generated/runtime "$build/interdict-generated/runtime"
# Another module is not the one that it has translated.
cp "$root/wasm/dist/interdict-edge.wasm" other.wasm
! cmake -S package/interdict-host -B refused -DINTERDICT_MODULE="$room/other.wasm" 2> told > /dev/null
grep -q 'another module translated' told
test -f package/interdict-host/LICENSE-MIT

# The installed library, the README's program and its commands.
cmake --install "$build" --prefix "$room/interdict" > /dev/null
readme="$room/package/interdict-host/README.md"
awk '/^```c$/ {on = 1; next} /^```/ {on = 0} on' "$readme" > screen.c
awk '/^```sh$/ {on = 1; next} /^```/ {on = 0} on' "$readme" | sed -n '/^cc /p; /^LD_LIBRARY_PATH/p' > commands
test "$(wc -l < commands)" -eq 2

# Another host refreshed: a generation of the fixtures.
mkdir -p -m 700 state/se/generation-1
cp "$root"/fixtures/generation/files/* state/se/generation-1/
cp "$root/fixtures/generation/enrolment.json" state/se/enrolment.json
cp "$root/fixtures/generation/enrolment.json" se.enrolment.json
echo 1 > state/se/current
# lists.example does not exist: the refresh fails, and what was saved answers.
sed -i 's/shop\.example/b\\u00fccher.example/' screen.c
PKG_CONFIG_LIBDIR="$(find "$room/interdict" -name pkgconfig):$(pkg-config --variable pc_path pkg-config)"
export PKG_CONFIG_LIBDIR
LD_LIBRARY_PATH=$(dirname "$(find "$room/interdict" -name 'libinterdict-host.so' | head -1)")
library=$LD_LIBRARY_PATH
sed -i "s#\"\$HOME/interdict/lib\"#\"$library\"#" commands
sh -eu commands > told
cat told
grep -q '"outcome":"failed"' told
grep -qx 'block record' told
grep -qx 'refuse' told

# The second program of the README, over the same directory: a listed merchant, and a line that is refused.
awk '/^```c batch.c$/ {on = 1; next} /^```/ {on = 0} on' "$readme" > batch.c
cc -std=c11 -Wall -Wextra -Werror -o batch batch.c $(pkg-config --cflags --libs interdict-host)
printf '%s\n' '{"flow":"payout","identifiers":[{"kind":"domain","value":"b\u00fccher.example"}]}' '{"flow":"payuot"}' |
  LD_LIBRARY_PATH="$library" ./batch > told
sed -n 1p told | grep -qx 'block record'
sed -n 2p told | grep -q '^not screened: .*"unknown_value"'
test "$(wc -l < receipts.ndjson)" -eq 2

# The same with find_package, static and shared.
mkdir project
cat > project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.22)
project(fresh C)
find_package(interdict-host 0.2 REQUIRED)
foreach(kind interdict interdict_shared)
  add_executable(with_${kind} ../screen.c)
  target_link_libraries(with_${kind} PRIVATE interdict::${kind})
endforeach()
END
cmake -S project -B project/build -DCMAKE_PREFIX_PATH="$room/interdict" > /dev/null
cmake --build project/build > /dev/null
for kind in interdict interdict_shared; do
  ./project/build/with_$kind state se.enrolment.json | grep -qx refuse
done
echo "a fresh program screened"
