#!/bin/sh
# tests/abi/old/old.sh - programs and drivers that were built with other headers run with this library
# usage: old.sh SOURCE-DIRECTORY LIBRARY BUILD-DIRECTORY
#
# Each released version's binaries are in old/VERSION-MACHINE/ (keep.sh put them there). Beside them, what is built here: the
# program and the driver of today, a driver whose table ends before that of 0.1 did, and drivers whose tables end later.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../tree/tap.sh"
src=$1
lib=$(cd "$(dirname "$2")" && pwd)
work=$3/tests/abi/old-work
rm -rf "$work"
mkdir -p "$work"
umask 022
cc=${CC:-gcc}

driver() # NAME FLAGS...
{
	mkdir -p "$work/$1"
	to=$work/$1/shr-outside.so
	shift
	$cc -std=c11 -Wall -Wextra -Werror -Wno-missing-field-initializers -fvisibility=hidden -fPIC -shared -I "$src/include" "$@" \
		-o "$to" "$src/tests/install/driver.c" || exit 99
}
lives() # PROGRAM DRIVER-DIRECTORY
{
	LD_LIBRARY_PATH=$lib timeout 120 "$1" "$2" >"$work/said" 2>"$work/log" || cat "$work/log"
	[ "$(tail -n 1 "$work/said")" = lived ] || { echo "it did not end well:"; cat "$work/said"; }
}
# The backend stays down, and the reason is told.
refused()
{
	LD_LIBRARY_PATH=$lib timeout 120 "$1" "$2" >"$work/said" 2>"$work/log" && echo "it ran"
	grep -q "SHR_EABI\|SHR_EUNREACHABLE" "$work/log" || cat "$work/log"
}

driver today
driver older -DOLDER
driver newer -DNEWER=1
driver newer-and-used -DNEWER=2
mkdir -p "$work/today"
$cc -std=c11 -Wall -Wextra -Werror -I "$src/include" -o "$work/today/program" "$src/tests/install/program.c" -L "$lib" -lshare || exit 99

check "today's driver runs" lives "$work/today/program" "$work/today"
check "a table that is shorter than that of any release is refused" refused "$work/today/program" "$work/older"
check "a driver with a longer table runs" lives "$work/today/program" "$work/newer"
check "a driver that has more than this library knows runs" lives "$work/today/program" "$work/newer-and-used"
for old in "$here"/*-"$(uname -m)"; do
	[ -d "$old" ] || continue
	version=$(basename "$old")
	mkdir -p "$work/$version"
	install -m 644 "$old/shr-outside.so" "$work/$version/"
	check "the program of $version runs with its driver" lives "$old/program" "$work/$version"
	check "the program of $version runs with today's driver" lives "$old/program" "$work/today"
	check "today's program runs with the driver of $version" lives "$work/today/program" "$work/$version"
done
tap_end
