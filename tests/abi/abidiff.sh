#!/bin/sh
# tests/abi/abidiff.sh - the library that was built has the ABI of the dump in the tree
# usage: abidiff.sh SOURCE-DIRECTORY LIBRARY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
src=$1
lib=$2

same()
{
	sh "$here/dump.sh" "$src" "$lib" >"$tap_dir/now.abi" || { echo "abidw failed"; return 1; }
	abidiff --no-show-locs "$here/libshare.abi" "$tap_dir/now.abi" >"$tap_dir/report" || cat "$tap_dir/report"
}
clean() { grep -nE '(path|filepath|comp-dir-path)=.\/' "$here/libshare.abi"; [ $? = 1 ]; }
# A gate that sees nothing is none: without one of its functions a library differs from the dump.
sees()
{
	sed '/<elf-symbol name=.shr_share_create. /d; /<function-decl name=.shr_share_create. /,/<\/function-decl>/d' \
		"$here/libshare.abi" >"$tap_dir/less.abi"
	abidiff "$here/libshare.abi" "$tap_dir/less.abi" >/dev/null && echo "a function that is gone was not seen"
	return 0
}

if ! command -v abidw >/dev/null || ! command -v abidiff >/dev/null; then
	skip "the ABI is that of tests/abi/libshare.abi" "no abidw (abigail-tools)"
else
	check "the ABI is that of tests/abi/libshare.abi" same
	check "a function that is gone would be seen" sees
fi
check "the dump has no machine's paths" clean
tap_end
