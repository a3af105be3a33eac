#!/bin/sh
# tests/abi/dump.sh - the ABI of a built library as text, the same on every machine
# usage: dump.sh SOURCE-DIRECTORY LIBRARY
dump=$(mktemp "${TMPDIR:-/tmp}/libshare-dump.XXXXXX") || exit 99
trap 'rm -f "$dump"' EXIT
abidw --headers-dir "$1/include/libshare" --drop-private-types --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed \
	--exported-interfaces-only --drop-undefined-syms --type-id-style hash --out-file "$dump" "$2" || exit 1
# where the build directory lies is nobody's business
sed "s|path='\(\.\./\)*|path='|" "$dump"
