#!/bin/sh
# tests/real/btrfs_kit.sh - shr-driver-check, on btrfs
# usage: btrfs_kit.sh SHR-DRIVER-CHECK PLUGIN-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
. "$here/btrfs.sh"
kit=$1 plugins=$2

# It says what is wrong, and that alone.
passes()
{
	pool=$1
	shift
	"$kit" --pool p --pool-set path="$pool" --watch "$pool" "$@" "$plugins/shr-btrfs.so" >"$tap_dir/kit" ||
		grep -v '^ok' "$tap_dir/kit"
}
no_group_is_left()
{
	btrfs filesystem sync "$1"
	n=0
	while btrfs qgroup show "$1" 2>/dev/null | grep '^1/' >"$tap_dir/groups" && [ $n -lt 20 ]; do
		n=$((n + 1))
		"$kit" --pool p --pool-set path="$1" --volatile "$plugins/shr-btrfs.so" >/dev/null
	done
	btrfs qgroup show "$1" | grep '^1/'
	[ $? = 1 ]
}
source_in()
{
	btrfs subvolume create "$1/existing" >/dev/null && mkdir "$1/existing/sub" && echo text >"$1/existing/sub/file" &&
		btrfs subvolume create "$1/existing/sub/nested" >/dev/null
}

missing=$(btrfs_missing)
if [ -n "$missing" ]; then
	skip "btrfs passes" "$missing"
	tap_end
	exit
fi
btrfs_up simple 2G
source_in "$tap_dir/simple"
check "btrfs passes" passes "$tap_dir/simple" --manage existing
check "no quota group is left" no_group_is_left "$tap_dir/simple"
btrfs subvolume create "$tap_dir/simple/pool" >/dev/null
rm -rf "$tap_dir/simple/.libshare"
check "btrfs passes with a reserve, in a subvolume" passes "$tap_dir/simple/pool" --set snapshot_reserve=20 --volatile
btrfs_up full 2G
source_in "$tap_dir/full"
check "btrfs passes with full quotas" passes "$tap_dir/full" --set quota=full --volatile --manage "$tap_dir/full/existing"
btrfs_up none 2G
source_in "$tap_dir/none"
check "btrfs passes without quotas" passes "$tap_dir/none" --set quota=none --volatile --manage existing
tap_end
