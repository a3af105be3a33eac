#!/bin/sh
# tests/examples/as_user.sh - run a test as an ordinary user
# usage: as_user.sh SCRIPT ARGUMENT...
. "$(dirname "$0")/../tree/tap.sh"
script=$1
program=$2
why=
[ "$(id -u)" = 0 ] || why="the tests are run by one anyway"
command -v setpriv >/dev/null || why="no setpriv"
as="setpriv --reuid=65534 --regid=65534 --clear-groups env USER=nobody"
if [ -z "$why" ]; then
	$as test -r "$script" -a -x "$program" -a -r "$LIBSHARE_PLUGINDIR/shr-dir.so" || why="an ordinary user cannot reach the build tree"
fi
if [ -n "$why" ]; then
	skip "$(basename "$script") as an ordinary user" "$why"
	tap_end
	exit
fi
shift
rm -rf "$tap_dir" # the script makes its own
exec $as sh "$script" "$@"
