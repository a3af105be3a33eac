#!/bin/sh
# tests/real/btrfs_driver.sh - file systems for a program of the btrfs driver's tests, which go behind it
# usage: btrfs_driver.sh PROGRAM
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
. "$here/btrfs.sh"

missing=$(btrfs_missing)
if [ -n "$missing" ]; then
	echo "skipped: $missing"
	exit 77
fi
btrfs_up one 2G && btrfs_up two 256M && mkdir "$tap_dir/plain" || exit 99
BTRFS_PLACES=$tap_dir BTRFS_LOOP_TWO=$(cat "$tap_dir/two.loop") "$1"
