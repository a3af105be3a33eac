#!/bin/sh
# tests/examples/quickstart.sh - the quickstart does the main job and leaves nothing behind; README says what is true
# usage: quickstart.sh PROGRAM JSON-LINES SOURCE-DIRECTORY BUILD-DIRECTORY
. "$(dirname "$0")/../tree/tap.sh"
src=$3
build=$4
umask 022
chmod 755 "$tap_dir"

quickstart()
{
	mkdir "$tap_dir/tmp" "$tap_dir/place"
	TMPDIR=$tap_dir/tmp QUICKSTART_BUILD=$build QUICKSTART_DIR=$tap_dir/place sh "$src/examples/quickstart.sh" \
		>"$tap_dir/out" 2>"$tap_dir/err" || { echo "ended with $?"; cat "$tap_dir/out" "$tap_dir/err"; }
}
says_what_it_does()
{
	for command in init "share create" "share extend" "access apply" "access list" "op list" "event list" "share delete"; do
		grep -q "^\$ sharectl $command" "$tap_dir/out" || echo "it does not show: sharectl $command"
	done
	grep -q '128MiB' "$tap_dir/out" || echo "the share was not extended"
	grep -q 'the data is what it was' "$tap_dir/out" || echo "it did not look at the data"
	[ ! -s "$tap_dir/err" ] || cat "$tap_dir/err"
}
leaves_nothing() { find "$tap_dir/tmp" "$tap_dir/place" -mindepth 1; }
# With an empty PATH everything is missing; an ordinary user is told what, and nothing is tried.
says_what_is_missing()
{
	mkdir "$tap_dir/bin"
	for tool in sh dirname id mktemp rm tr grep printf cat cut; do
		ln -s "$(command -v $tool)" "$tap_dir/bin/$tool"
	done
	printf '#!/bin/sh\necho 1000\n' >"$tap_dir/bin/id.new"
	chmod +x "$tap_dir/bin/id.new"
	mv "$tap_dir/bin/id.new" "$tap_dir/bin/id"
	TMPDIR=$tap_dir/tmp PATH=$tap_dir/bin sh "$src/examples/quickstart.sh" >"$tap_dir/out" 2>"$tap_dir/err" && echo "it went on"
	grep -q 'apt-get install .*meson .*libsqlite3-dev' "$tap_dir/err" || cat "$tap_dir/out" "$tap_dir/err"
	leaves_nothing
}

readme_program()
{
	awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$src/README.md" >"$tap_dir/readme.c"
	[ "$(wc -l <"$tap_dir/readme.c")" -gt 10 ] || echo "no program in README.md"
	[ "$(wc -l <"$tap_dir/readme.c")" -le 32 ] || echo "the program is too long for a first screen"
	for cc in gcc clang; do
		command -v $cc >/dev/null || continue
		$cc -std=c11 -Wall -Wextra -Werror -fsyntax-only -I "$src/include" "$tap_dir/readme.c" 2>&1
	done
}
readme_program_runs()
{
	# A library with a sanitizer wants a program that has it, too.
	! nm -D "$build/lib/libshare.so" 2>/dev/null | grep -qE '__(asan|tsan|ubsan)_' || return 0
	${CC:-cc} -std=c11 -I "$src/include" -o "$tap_dir/readme" "$tap_dir/readme.c" -L "$build/lib" -lshare || return
	LD_LIBRARY_PATH=$build/lib "$tap_dir/readme" | grep -vE '^share [0-9a-f-]{36} is available$'
	[ $? = 1 ]
}
readme_links()
{
	grep -oE '\]\([^)#]*\)' "$src/README.md" | sed 's/^](//; s/)$//' | sort -u | while read -r link; do
		case $link in
		*:*) ;;
		*) [ -e "$src/$link" ] || echo "README.md: there is no $link" ;;
		esac
	done
}

check "the quickstart runs" quickstart
check "it shows every step" says_what_it_does
check "it leaves nothing behind" leaves_nothing
check "it says what is missing and cannot be installed" says_what_is_missing
check "the program in README compiles" readme_program
check "the program in README runs" readme_program_runs
check "what README refers to is there" readme_links
tap_end
