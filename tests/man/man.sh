#!/bin/sh
# tests/man/man.sh - the pages against the headers, mandoc and the compiler
# usage: man.sh SOURCE-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
cd "$1" || exit 99
export LC_ALL=C

pages=$(ls man/*.[1-8] 2>/dev/null)
pages3=$(ls man/*.3 2>/dev/null)
declared()
{
	for h in include/libshare/*.h; do
		awk -f "$here/../tree/code.awk" "$h" | awk -v want="$1" -f "$here/../tree/declarations.awk"
	done
}
declared api >"$tap_dir/api"
declared functions >"$tap_dir/functions"
declared members >"$tap_dir/members"
declared types >"$tap_dir/types"
declared constants | grep -vE '^SHR_(API|CHECK|PRINTF|DEPRECATED)$|_INIT$' | sort -u >"$tap_dir/constants"
for page in $pages; do
	base=$(basename "$page")
	sed -n '/^\.Sh NAME/,/^\.Sh [^N]/s/^\.Nm \([^ ]*\).*/\1/p' "$page" | sed "s/\$/ ${base##*.} $base/"
done >"$tap_dir/names"
for page in $pages3; do
	awk -f "$here/synopsis.awk" "$page" | sed "s|^|$page\t|"
done >"$tap_dir/synopses"

there_are_pages() { [ -n "$pages3" ] || echo "no pages in man/"; }
listed()
{
	for page in $pages; do
		grep -qF "'$(basename "$page")'" man/meson.build || echo "$page: man/meson.build does not name it"
	done
}
lint() { mandoc -Tlint $pages | grep -v 'referenced manual not found'; [ $? = 1 ]; }
# A page that another one names is here, or is one that every system has.
references()
{
	grep -HnoE '^\.Xr [^ ]+ [0-9]' $pages | sed 's/:\.Xr / /' | while read -r at name section; do
		case $name in
		shr_* | shr-* | libshare* | sharectl)
			grep -q "^$name $section " "$tap_dir/names" || echo "$at: there is no $name($section)" ;;
		esac
	done
}
named_as_file()
{
	for page in $pages; do
		base=$(basename "$page")
		grep -q "^${base%.*} ${base##*.} $base$" "$tap_dir/names" || echo "$page: NAME does not have ${base%.*}"
	done
}
every_function()
{
	cut -f 2 "$tap_dir/synopses" | sort -u >"$tap_dir/told"
	cut -f 1 "$tap_dir/api" | sort | comm -23 - "$tap_dir/told" | sed 's/$/: in no SYNOPSIS/'
	for name in $(cut -f 1 "$tap_dir/api" | grep -v '_entry_'); do
		grep -q "^$name 3 " "$tap_dir/names" || echo "$name: in no NAME section, so it has no page"
	done
}
prototypes()
{
	awk -F '\t' 'NR == FNR { is[$1] = $2; next }
		!($2 in is) { print $1 ": " $2 " is in no header"; next }
		is[$2] != $3 { print $1 ": " $3; print "  header: " is[$2] }' "$tap_dir/functions" "$tap_dir/synopses"
}
# Names of a page stand in its SYNOPSIS.
names_in_synopsis()
{
	awk 'NR == FNR { sub(/^man\//, "", $1); told[$1 " " $2] = 1; next }
		$1 ~ /^shr_/ && $2 == 3 && $1 ".3" != $3 && !(($3 " " $1) in told) { print $3 ": " $1 " is in NAME but not in SYNOPSIS" }' \
		"$tap_dir/synopses" "$tap_dir/names"
}
mentioned()
{
	for word in $(cat "$1"); do
		grep -qwF -- "$word" $pages || echo "$word: on no page"
	done
}
every_type() { mentioned "$tap_dir/types"; }
every_constant() { mentioned "$tap_dir/constants"; }
# A struct's members stand on the page that has most of them: the best page must have all.
every_member()
{
	cut -f 1 "$tap_dir/members" | uniq | sort -u | while read -r tag; do
		best=
		for page in $(grep -lw "$tag" $pages3); do
			lacking=
			for m in $(awk -F '\t' -v t="$tag" '$1 == t && $2 !~ /^(size|reserved[0-9])$/ { print $2 }' "$tap_dir/members"); do
				grep -qw "$m" "$page" || lacking="$lacking $m"
			done
			[ -n "$lacking" ] || continue 2
			if [ -z "$best" ] || [ ${#lacking} -lt ${#best} ]; then best=$lacking; where=$page; fi
		done
		echo "struct $tag: no page tells of all its members; ${where:-no page} lacks$best"
	done
}
no_strangers()
{
	grep -HnE 'SHR_' $pages | grep -v ':\.Dt ' | awk -F: '{
		text = $0
		sub(/^[^:]*:[^:]*:/, "", text)
		while (match(text, /SHR_[A-Z0-9_]*[A-Z0-9]/)) {
			if (substr(text, RSTART + RLENGTH, 1) != "_")
				print $1 ":" $2 ":" substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
		}
	}' | while IFS=: read -r page line word; do
		grep -qx "$word" "$tap_dir/constants" || echo "$word" | grep -qE '_INIT$|^SHR_(CHECK|API|E)$' ||
			echo "$page:$line: $word is in no header"
	done
}
every_code()
{
	for code in $(cat "$tap_dir/codes"); do
		grep -q "^\.It Dv $code" man/shr_error.3 || echo "$code: no .It Dv in shr_error(3)"
	done
}
sed -n 's/^#define \(SHR_E[A-Z]*\) (-.*/\1/p' include/libshare/error.h >"$tap_dir/codes"

examples()
{
	mkdir -p "$tap_dir/examples"
	for page in $pages3; do
		awk -v dir="$tap_dir/examples" -v page="$(basename "$page")" -f "$here/examples.awk" "$page"
	done
	[ -n "$(ls "$tap_dir/examples")" ] || echo "no page has an example"
	# whole programs in the documents
	for f in *.md; do
		[ -f "$f" ] && awk -v base="$tap_dir/examples/$f" '/^```c$/ { on = 1; out = base "." ++n ".c"; next }
			/^```/ { on = 0 } on { print > out }' "$f"
	done
	for cc in gcc clang; do
		command -v $cc >/dev/null || continue
		for f in "$tap_dir"/examples/*.c; do
			$cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function \
				-Wno-unused-const-variable -Wno-unused-variable -Wno-missing-field-initializers \
				-fsyntax-only -I include "$f" >"$tap_dir/said.cc" 2>&1 ||
				{ echo "$(basename "$f" .c) ($cc):"; sed "s|$tap_dir/examples/||" "$tap_dir/said.cc"; }
		done
	done
}
shell_pages()
{
	for tool in sharectl shr-driver-check; do
		[ -f man/$tool.1 ] || echo "no man/$tool.1"
	done
}
options_of_the_check()
{
	sed -n 's/.*{ "\([a-z-]*\)", [01], NULL, .*/\1/p; s/.*}, { "\([a-z-]*\)", [01], NULL, .*/\1/p' tools/driver_check/main.c >"$tap_dir/options"
	grep -oE '\{ "[a-z-]+", [01], NULL' tools/driver_check/main.c | sed 's/{ "//; s/".*//' >"$tap_dir/options"
	[ "$(wc -l <"$tap_dir/options")" -gt 10 ] || echo "no options were found"
	while read -r option; do
		grep -qE "^\.It (.* , )?Fl -$option( |$)" man/shr-driver-check.1 || echo "--$option: not in shr-driver-check(1)"
	done <"$tap_dir/options"
}
# What the page shows is what is built and checked: to the letter, but for the line that names the file.
driver_of_the_page()
{
	awk '/^\.Bd/ { on = 1; text = ""; next } /^\.Ed/ { on = 0; if (text ~ /shr_driver_entry_1/) printf "%s", text; next }
		on { gsub(/\\e/, "\\"); gsub(/\\&/, ""); text = text $0 "\n" }' man/shr_driver.7 >"$tap_dir/tiny"
	sed 1d examples/tiny_driver/tiny.c | diff "$tap_dir/tiny" - | head -n 10
}

check "there are pages" there_are_pages
check "every page is installed" listed
if command -v mandoc >/dev/null; then
	check "mandoc finds nothing wrong" lint
else
	skip "mandoc finds nothing wrong" "no mandoc"
fi
check "a page's file is one of its names" named_as_file
check "the pages that others name are there" references
check "every function is in a NAME and in a SYNOPSIS" every_function
check "prototypes are those of the headers" prototypes
check "what a page names it shows" names_in_synopsis
check "every public type is on a page" every_type
check "every member of a struct is on its page" every_member
check "every public constant is on a page" every_constant
check "pages name no constant that is not there" no_strangers
check "every error code has its entry in shr_error(3)" every_code
check "every example compiles" examples
check "every tool has a page" shell_pages
check "every option of shr-driver-check is on its page" options_of_the_check
check "the driver of shr_driver(7) is the one of the examples" driver_of_the_page
tap_end
