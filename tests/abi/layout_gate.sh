#!/bin/sh
# tests/abi/layout_gate.sh - layout.c leaves nothing out: it is what layout.sh prints today
# usage: layout_gate.sh SOURCE-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
src=$1

same()
{
	sh "$here/layout.sh" "$src" >"$tap_dir/layout.c" || echo "layout.sh failed"
	diff "$src/tests/abi/layout.c" "$tap_dir/layout.c"
}
every_header()
{
	for header in $(cd "$src/include/libshare" && ls *.h); do
		case $header in
		libshare.h | attributes.h | kit.h) ;; # of all; macros alone; linked into its user
		*) grep -q "^#include \"libshare/$header\"$" "$src/tests/abi/layout.c" || echo "not $header" ;;
		esac
	done
}
check "layout.c has every header" every_header
check "layout.c has every member and number of the headers" same
tap_end
