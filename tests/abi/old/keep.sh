#!/bin/sh
# tests/abi/old/keep.sh - on the day of a release: keep its program and its driver, to be run with every later library
# usage: sh tests/abi/old/keep.sh VERSION PREFIX   (where that version is installed)
set -e
cd "$(dirname "$0")/../../.."
export PKG_CONFIG_PATH="$2/lib/pkgconfig"
[ "$(pkg-config --modversion libshare)" = "$1" ] || { echo "$2 has another version" >&2; exit 1; }
to=tests/abi/old/$1-$(uname -m)
mkdir -p "$to"
gcc -Os -s $(pkg-config --cflags libshare) -o "$to/program" tests/install/program.c -L"$2/lib" -lshare
gcc -Os -s -shared -fPIC -fvisibility=hidden $(pkg-config --cflags libshare-driver) -o "$to/shr-outside.so" tests/install/driver.c
ls -l "$to"
