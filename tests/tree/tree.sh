#!/bin/sh
# tests/tree/tree.sh - the rules of the tree that a program can see
# usage: tree.sh SOURCE-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
cd "$1" || exit 99

# From the ground up: a room uses only rooms before it, and itself.
rooms="base model config store sched plugin mover flow engine api"

code_files() { find "$@" -name '*.[ch]' | LC_ALL=C sort; }
# FILE:LINE:TEXT of code that matches $1 as an extended expression, in the files that follow; comments and the inside of
# strings are no code.
code_grep()
{
	pattern=$1
	shift
	for f in "$@"; do
		awk -f "$here/code.awk" "$f" | grep -nE "$pattern" | sed "s|^|$f:|"
	done
	return 0
}

include_lines() { grep -HnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]*[>"]' $(code_files "$@"); }

room_order()
{
	include_lines lib | awk -v rooms="$rooms" '
		BEGIN { n = split(rooms, r, " "); for (i = 1; i <= n; i++) place[r[i]] = i }
		{
			split($0, at, ":"); split(at[1], dir, "/"); room = dir[2]
			if (!(room in place)) { print at[1] ": lib/" room " is not a room"; next }
			if (!match($0, /"[^"]*"/)) next
			inc = substr($0, RSTART + 1, RLENGTH - 2)
			if (inc ~ /^libshare\//) next
			if (inc !~ /\//) next
			split(inc, part, "/"); other = part[1]
			if (other == ".." || !(other in place)) { print at[1] ":" at[2] ": \"" inc "\" is of no room"; next }
			if (place[other] > place[room]) print at[1] ":" at[2] ": " room " may not use " other
		}'
}

# A plain "x.h" is a file beside the one that includes it; public headers are named as programs name them.
includes_exist()
{
	include_lines lib backends examples tools include | sed -n 's/^\([^:]*\):\([0-9]*\):.*"\(.*\)"$/\1 \2 \3/p' |
	while read -r f line inc; do
		case $inc in
		libshare/*) [ -f "include/$inc" ] || echo "$f:$line: no include/$inc" ;;
		*/*) [ -f "lib/$inc" ] || [ -f "$(dirname "$f")/$inc" ] || echo "$f:$line: no lib/$inc" ;;
		*) [ -f "$(dirname "$f")/$inc" ] || echo "$f:$line: no $inc beside it" ;;
		esac
	done
}

# What calls plugins for their authors sees as much of the library as calling them takes.
tools_use()
{
	include_lines tools | sed -n 's/^\([^:]*\):\([0-9]*\):.*"\(.*\)"$/\1 \2 \3/p' | while read -r f line inc; do
		case $inc in
		libshare/* | base/* | model/* | config/* | plugin/*) ;;
		*/*) echo "$f:$line: tools may not use $inc" ;;
		esac
	done
}

plugins_know_public_headers_only()
{
	[ -n "$(code_files backends examples)" ] || return 0
	include_lines backends examples | sed -n 's/^\([^:]*\):\([0-9]*\):.*"\(.*\)"$/\1 \2 \3/p' |
	while read -r f line inc; do
		case $inc in
		libshare/*) ;;
		*/*) [ -f "$(dirname "$f")/$inc" ] || echo "$f:$line: $inc is the library's own" ;;
		esac
	done
}

# Headers of the C library and the kernel are everywhere; any other library is behind one file.
libc="assert complex ctype dirent dlfcn endian errno fcntl fenv float fnmatch glob inttypes iso646 limits locale math \
netdb poll pthread sched semaphore setjmp signal spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib \
stdnoreturn string strings syslog termios threads time uchar unistd wchar wctype getopt pwd grp byteswap alloca mntent \
libgen ftw langinfo pty utime features link elf"
third_party_in_one_file()
{
	include_lines "$@" | sed -n 's/^\([^:]*\):[0-9]*:.*<\(.*\)>$/\1 \2/p' | awk -v libc="$libc" '
		BEGIN { n = split(libc, l, " "); for (i = 1; i <= n; i++) known[l[i] ".h"] = 1 }
		$2 in known || $2 ~ /^(sys|linux|asm|net|netinet|arpa)\// { next }
		{
			lib = $2; sub(/[\/.].*$/, "", lib)
			room = ""
			# uthash is macros alone: one private header in each room that wants it
			if (lib ~ /^ut(hash|list|array|string)$/) { room = $1; sub(/\/[^\/]*$/, "", room) }
			key = lib " " room
			if (!(key in file)) file[key] = $1
			else if (file[key] != $1) print "<" $2 "> is in " file[key] " and in " $1
		}'
}
core_third_party() { third_party_in_one_file lib; }
backends_third_party()
{
	for d in backends/*/; do
		[ -n "$(code_files "$d")" ] && third_party_in_one_file "$d"
	done
	return 0
}

short_files() { wc -l $(code_files lib backends tools include) | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines; 600 is the limit" }'; }

first_lines()
{
	for f in $(code_files include lib backends examples tools tests); do
		IFS= read -r line <"$f"
		case $line in
		"/* $f - "?*) ;;
		"/* ${f#include/} - "?*) ;;
		*) echo "$f: its first line is not \"/* ${f#include/} - what it is\"" ;;
		esac
	done
}
first_lines_of_scripts()
{
	find tests examples .ci man -name '*.sh' -o -name '*.awk' 2>/dev/null | LC_ALL=C sort | while read -r f; do
		head -n 2 "$f" | grep -qF "# $f - " || echo "$f: neither of its first two lines is \"# $f - what it is\""
	done
}

line_width() { awk '{ gsub(/\t/, "    ") } length($0) > 132 { print FILENAME ":" FNR ": " length($0) " columns" }' $(code_files include lib backends examples tools); }

trailing_space() { grep -nE '[[:space:]]+$' $(code_files include lib backends examples tools tests); [ $? = 1 ]; }

text_files()
{
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard | while read -r f; do [ -f "$f" ] && echo "$f"; done
	else
		find . -type f -not -path './build*' -not -path './.git/*' | sed 's|^\./||'
	fi | grep -vE '\.(abi|so|bin|db|png)$|^tests/fuzz/corpus|^tests/abi/old/.*/'
}
no_notes_to_self() { text_files | tr '\n' '\0' | xargs -0 grep -InwE 'TOD[O]|FIXM[E]|XX[X]|HAC[K]'; [ $? != 0 ]; }
no_machine_paths() { text_files | tr '\n' '\0' | xargs -0 grep -InE '/wor[k]/|/tmp/w[t]|/hom[e]/[a-z]+/[a-z]'; [ $? != 0 ]; }

one_seam_of_allocation()
{
	code_grep '(^|[^A-Za-z0-9_.>])(malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf|aligned_alloc|posix_memalign|getline|getdelim|open_memstream)[[:space:]]*\(' \
		$(code_files lib | grep -v '^lib/base/mem\.c$')
}

# What a guest in another's process never does.
good_guest()
{
	code_grep '(^|[^A-Za-z0-9_.>])(printf|puts|putchar|perror|exit|_exit|_Exit|quick_exit|abort|assert|fork|vfork|daemon|system|popen|signal|sigaction|sigprocmask|setlocale|chdir|fchdir|umask|setenv|putenv|unsetenv|getenv|srand|rand|strtok|strerror|localtime|gmtime|ctime|asctime|alarm|setitimer)[[:space:]]*\(|(^|[^A-Za-z0-9_])std(out|err|in)([^A-Za-z0-9_]|$)' \
		$(code_files lib)
}

block_comments_only() { code_grep '//' $(code_files include lib backends examples tools); }

no_struct_typedefs() { code_grep '^[[:space:]]*typedef[[:space:]]+(struct|union|enum)' $(code_files include lib backends examples tools); }

headers_guarded()
{
	for f in $(code_files include lib tools | grep '\.h$'); do
		awk '/^#ifndef [A-Z_0-9]+_H$/ { g = $2 } g && /^#define / && $2 == g { ok = 1 } END { exit !ok }' "$f" ||
			echo "$f: no include guard"
	done
}

declared_once()
{
	for f in $(code_files lib | grep '\.h$'); do
		awk -f "$here/code.awk" "$f" | awk -v want=functions -f "$here/declarations.awk" | awk -v f="$f" '{ print $1, f }'
	done | awk '$1 ~ /^shr__/ { if ($1 in at && at[$1] != $2) print $1 ": declared in " at[$1] " and in " $2; at[$1] = $2 }'
}

# A function that another file sees has a header: no prototypes inside .c files.
no_stray_prototypes() { code_grep '^[[:space:]]*extern[[:space:]]' $(code_files lib | grep '\.c$'); }

all_sources_built()
{
	for f in $(code_files lib backends tools | grep '\.c$'); do
		room=$(dirname "$f")
		grep -qF "'$(basename "$f")'" "$room/meson.build" "$(dirname "$room")/meson.build" ||
			grep -qF "'$(basename "$room")/$(basename "$f")'" "$(dirname "$room")/meson.build" ||
			echo "$f: its meson.build does not name it"
	done
}

version_is_one()
{
	v=$(sed -n "s/^ *version : '\([0-9.]*\)',.*/\1/p" meson.build | head -n 1)
	h=$(awk '/define SHR_VERSION_(MAJOR|MINOR|PATCH)/ { printf "%s%s", sep, $3; sep = "." }' include/libshare/version.h)
	[ "$v" = "$h" ] || echo "meson.build says $v, version.h says $h"
	hex=$(echo "$v" | awk -F. '{ printf "0x%02x%02x%02x", $1, $2, $3 }')
	grep -q "SHR_HEADER_VERSION UINT32_C($hex)" include/libshare/version.h || echo "SHR_HEADER_VERSION is not $hex"
	grep -q "version : '$v', soversion" lib/meson.build || echo "lib/meson.build does not say $v"
	grep -q "^## $v" CHANGELOG.md || echo "CHANGELOG.md has no section for $v"
}

links_lead_somewhere()
{
	for f in *.md docs/*.md; do
		[ -f "$f" ] || continue
		grep -noE '\]\([^)]+\)' "$f" | sed 's/:\](/ /; s/)$//; s/#.*//' | while read -r line to; do
			case $to in
			http://* | https://* | "") ;;
			*) [ -e "$(dirname "$f")/$to" ] || echo "$f:$line: there is no $to" ;;
			esac
		done
	done
}

check "links in the documents lead somewhere" links_lead_somewhere
check "a room uses only rooms below it" room_order
check "every quoted include is there" includes_exist
check "tools use lib/plugin and what is below it" tools_use
check "plugins and examples include public headers only" plugins_know_public_headers_only
check "a library's headers are in one file of the core" core_third_party
check "a library's headers are in one file of a plugin" backends_third_party
check "no source file is over 600 lines" short_files
check "no line is over 132 columns" line_width
check "no line ends in white space" trailing_space
check "the first line of a source names the file" first_lines
check "the first lines of a script name the file" first_lines_of_scripts
check "no notes to oneself" no_notes_to_self
check "no paths of one machine" no_machine_paths
check "lib/ allocates through lib/base/mem.c alone" one_seam_of_allocation
check "lib/ never prints, exits, forks or touches what is the process's" good_guest
check "comments are block comments" block_comments_only
check "structs are not typedefed" no_struct_typedefs
check "headers are guarded" headers_guarded
check "an internal function is declared in one header" declared_once
check "no prototypes inside sources" no_stray_prototypes
check "every source is built" all_sources_built
check "the version is the same everywhere" version_is_one
tap_end
