#!/bin/sh
# tests/abi/dump.sh - the ABI of a built library as text, the same on every machine
# usage: dump.sh SOURCE-DIRECTORY LIBRARY
exec abidw --headers-dir "$1/include/libshare" --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed \
	--exported-interfaces-only --drop-undefined-syms --type-id-style hash "$2"
