#!/bin/sh
# tests/abi/update.sh - make the committed picture of the ABI anew: review what changed, say it in CHANGELOG.md, commit
# usage: sh tests/abi/update.sh [BUILD-DIRECTORY]   (build/gcc, as tests/run.sh makes it, by default)
set -e
cd "$(dirname "$0")/../.."
build=${1:-build/gcc}
# The layout first: with the old one the build fails.
sh tests/abi/layout.sh . >tests/abi/layout.c.new
mv tests/abi/layout.c.new tests/abi/layout.c
ninja -C "$build" >/dev/null
sh tests/abi/dump.sh . "$build/lib/libshare.so.0" >tests/abi/libshare.abi.new
mv tests/abi/libshare.abi.new tests/abi/libshare.abi
git --no-pager diff --stat -- tests/abi 2>/dev/null || true
