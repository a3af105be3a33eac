#!/bin/sh
# tests/install/install.sh - install to a prefix, then build and run what strangers write, through pkg-config alone
# usage: install.sh SOURCE-DIRECTORY BUILD-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
src=$1
# Not under a directory that anybody may write to: plugins are not loaded from there.
work=$2/tests/install/work
prefix=$work/prefix
rm -rf "$work"
mkdir -p "$work"
umask 022
unset DESTDIR PKG_CONFIG_SYSROOT_DIR LD_LIBRARY_PATH CFLAGS LDFLAGS
cc=${CC:-gcc}
cxx=${CXX:-g++}

# It prints what went wrong, and that alone.
quietly() { "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; return 1; }; }

# As packagers build: -O3 warns of what -O2 does not see, and warnings are errors.
installs()
{
	quietly meson setup "$work/build" "$src" --prefix="$prefix" --libdir=lib -Dtests=false --buildtype=release &&
		quietly ninja -C "$work/build" && quietly meson install -C "$work/build" --no-rebuild
}
# A packager's staging directory gets the same files, and the prefix nothing.
stages()
{
	quietly env DESTDIR="$work/stage" meson install -C "$work/build" --no-rebuild || return 1
	(cd "$prefix" && find . ! -type d | LC_ALL=C sort) >"$work/installed"
	(cd "$work/stage$prefix" && find . ! -type d | LC_ALL=C sort) | diff "$work/installed" -
	[ "$(cd "$work/stage" && find . ! -type d | wc -l)" = "$(wc -l <"$work/installed")" ] || echo "files outside the prefix"
}
has()
{
	for f in "$@"; do
		[ -e "$prefix/$f" ] || echo "$f was not installed"
	done
}
has_library() { has lib/libshare.so lib/libshare.so.0 lib/pkgconfig/libshare.pc lib/pkgconfig/libshare-driver.pc lib/libshare-kit.a lib/pkgconfig/libshare-kit.pc; }
has_headers() { has $(cd "$src/include" && ls libshare/*.h | sed 's|^|include/|'); }
has_plugins()
{
	has $(cd "$src/backends" && grep -l '^plugin_name' */meson.build | sed 's|\(.*\)/meson.build|lib/libshare/shr-\1.so|')
}
has_tools() { has bin/sharectl bin/shr-driver-check; }
has_pages() { has $(cd "$src/man" && ls *.[1-8] | sed 's|.*\.\(.\)$|share/man/man\1/&|'); }
has_aliases()
{
	sed -n 's/^[[:space:]]*\(shr_[a-z0-9_]*\);$/\1/p' "$src/lib/libshare.map" | while read -r name; do
		[ -e "$prefix/share/man/man3/$name.3" ] || echo "man $name: nothing"
	done
}
pc() { PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config "$@"; }
pc_says()
{
	[ "$(pc --variable=plugindir libshare-driver)" = "$prefix/lib/libshare" ] || echo "plugindir: $(pc --variable=plugindir libshare-driver)"
	[ -z "$(pc --libs libshare-driver)" ] || echo "a driver is to link: $(pc --libs libshare-driver)"
	[ "$(pc --modversion libshare)" = "$(pc --modversion libshare-driver)" ] || echo "two versions"
	case $(pc --libs libshare) in *yaml* | *sqlite* | *crypto*) echo "a program is to link $(pc --libs libshare)" ;; esac
}
builds_c() { quietly "$cc" -std=c99 -pedantic -Wall -Wextra -Werror $(pc --cflags libshare) -o "$work/program-c" "$here/program.c" $(pc --libs libshare); }
builds_cxx()
{
	quietly "$cxx" -std=c++11 -pedantic -Wall -Wextra -Werror $(pc --cflags libshare) -o "$work/program-cxx" -x c++ "$here/program.c" \
		-x none $(pc --libs libshare)
}
builds_driver()
{
	quietly "$cc" -std=c11 -pedantic -Wall -Wextra -Werror -Wno-missing-field-initializers -fvisibility=hidden -fPIC -shared \
		$(pc --cflags libshare-driver) -o "$work/shr-outside.so" "$here/driver.c" $(pc --libs libshare-driver) &&
		quietly install -m 644 "$work/shr-outside.so" "$(pc --variable=plugindir libshare-driver)/"
}
builds_store() { quietly "$cc" -std=c99 -pedantic -Wall -Wextra -Werror $(pc --cflags libshare-kit) -o "$work/store" "$here/store.c" $(pc --libs libshare-kit libshare); }
driver_is_free() { readelf -d "$work/shr-outside.so" | grep NEEDED | grep -v 'libc\.so'; [ $? = 1 ]; }
runs()
{
	LD_LIBRARY_PATH=$prefix/lib timeout 120 "$work/$1" >"$work/said" 2>"$work/log" || cat "$work/log"
	[ "$(tail -n 1 "$work/said")" = lived ] || { echo "it did not end well:"; cat "$work/said"; }
}
# As an author does: from what is installed, on a driver that is not.
judges()
{
	mkdir -p "$work/storage" "$work/built"
	install -m 644 "$work/shr-outside.so" "$work/built/"
	quietly "$prefix/bin/shr-driver-check" "$work/built/shr-outside.so" --volatile
	[ $? = 0 ] && grep -q '^outside: .* it meets the minimum and keeps all' "$work/log" || tail -n 20 "$work/log"
}
judges_the_page()
{
	quietly "$cc" -Wall -Wextra -Werror -Wno-missing-field-initializers -shared -fPIC -fvisibility=hidden \
		$(pc --cflags libshare-driver) -o "$work/built/shr-tiny.so" "$prefix/share/doc/libshare/tiny.c" &&
		quietly "$prefix/bin/shr-driver-check" "$work/built/shr-tiny.so" --set root="$work/storage" --watch "$work/storage"
}
judges_by_name() { quietly "$prefix/bin/shr-driver-check" null --volatile; }
tool_runs() { LD_LIBRARY_PATH=$prefix/lib quietly "$prefix/bin/sharectl" --help; }

for tool in meson ninja pkg-config "$cc" "$cxx" readelf; do
	command -v "$tool" >/dev/null || { skip "the whole of it" "no $tool"; tap_end; exit 0; }
done
check "it installs to a prefix" installs
check "it installs to a staging directory" stages
check "the library and its pkg-config files are there" has_library
check "every header is there" has_headers
check "every plugin is there" has_plugins
check "the tools are there" has_tools
check "every page is there" has_pages
check "every function has a page to ask for" has_aliases
check "pkg-config says what it should" pc_says
check "a C program builds" builds_c
check "a C++ program builds" builds_cxx
check "an out-of-tree driver builds" builds_driver
check "a driver links against nothing of ours" driver_is_free
check "the C program runs on the driver" runs program-c
check "the C++ program runs on the driver" runs program-cxx
check "a store's author builds with the kit" builds_store
check "the kit runs" runs store
check "sharectl runs from there" tool_runs
check "shr-driver-check judges a stranger's driver" judges
check "shr-driver-check judges the driver of its page" judges_the_page
check "shr-driver-check finds an installed driver by its name" judges_by_name
tap_end
