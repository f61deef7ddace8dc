#!/bin/sh
# Links the C library once more, with a module that traps at a request that begins with `!`, for TrapTest and the soak:
# trapping.sh C-BUILD OUTPUT [TOP]. C-BUILD is a build of host-example/c with its static library.
set -eu
top=${3:-$(cd "$(dirname "$0")/../../.." && pwd)}
cc -O2 -shared -fPIC -o "$2" "-I$top/host-example/c/include" "-I$top/host-example/c/src" \
    "-I$1/interdict-generated/runtime" \
    -Dinterdict_module_builtin=__real_interdict_module_builtin \
    -Dinterdict_module_trapping=__wrap_interdict_module_builtin "$top/tests/hosts/c/trapping.c" \
    -Wl,--wrap=interdict_module_builtin \
    -Wl,--whole-archive "$1/libinterdict-host.a" -Wl,--no-whole-archive -lcurl -lz -lpthread
