#!/bin/sh
# tests/abi/symbols.sh - what the library exports, what its map says, what the headers declare and what the pages tell are one
# usage: symbols.sh SOURCE-DIRECTORY LIBRARY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
src=$1
lib=$2
export LC_ALL=C

for h in "$src"/include/libshare/*.h; do
	[ "${h##*/}" != kit.h ] || continue # a library of its own
	awk -f "$here/../tree/code.awk" "$h" | awk -v want=api -f "$here/../tree/declarations.awk"
done | cut -f 1 | sort >"$tap_dir/declared"
# An entry is what a plugin exports, not the library.
grep -v '_entry_[0-9]*$' "$tap_dir/declared" >"$tap_dir/header"
sed -n 's/^[[:space:]]*\(shr_[a-z0-9_]*\);$/\1/p' "$src/lib/libshare.map" >"$tap_dir/map"
nm -D --defined-only "$lib" | awk '$2 != "A" { print $3 }' | sort >"$tap_dir/elf"
sed 's/@.*//' "$tap_dir/elf" >"$tap_dir/names"

map_sorted() { sort -u "$tap_dir/map" | diff - "$tap_dir/map"; }
map_is_header() { sort "$tap_dir/map" | diff "$tap_dir/header" -; }
elf_is_map() { sort "$tap_dir/map" | diff - "$tap_dir/names"; }
every_symbol_has_a_node() { grep -v '@@LIBSHARE_[0-9.]*$' "$tap_dir/elf"; [ $? = 1 ]; }
map_is_explicit() { grep -nE 'shr_[a-z0-9_]*\*' "$src/lib/libshare.map"; [ $? = 1 ]; }
soname() { readelf -d "$lib" | grep -q 'SONAME.*\[libshare\.so\.0\]' || readelf -d "$lib" | grep SONAME; }
# A page's names are those of its NAME section.
pages_are_header()
{
	for page in "$src"/man/*.3; do
		[ -f "$page" ] && sed -n '/^\.Sh NAME/,/^\.Sh [^N]/s/^\.Nm \(shr_[a-z0-9_]*\).*/\1/p' "$page"
	done | sort >"$tap_dir/pages"
	uniq -d "$tap_dir/pages" | sed 's/$/: named by two pages/'
	for name in $(cat "$tap_dir/header"); do
		grep -qx "$name" "$tap_dir/pages" || echo "$name: no page"
	done
}
# What the library takes from others: nothing that a host would not expect in its process.
needs() { readelf -d "$lib" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vE '^(libyaml-0|libsqlite3|libcrypto|libc|libpthread|libdl|ld-linux[a-z0-9-]*|libasan|libubsan|libtsan|libgcc_s|libm)\.so'; [ $? = 1 ]; }
no_text_relocations() { readelf -d "$lib" | grep TEXTREL; [ $? = 1 ]; }

check "the map is sorted and names nothing twice" map_sorted
check "the map has no wildcard" map_is_explicit
check "the map has what the headers declare" map_is_header
check "the library exports what the map has" elf_is_map
check "every exported symbol has a version" every_symbol_has_a_node
check "the soname is libshare.so.0" soname
check "every exported function has a page" pages_are_header
check "the library needs no other libraries than the three" needs
check "the library has no text relocations" no_text_relocations
tap_end
