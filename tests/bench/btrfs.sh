#!/bin/sh
# tests/bench/btrfs.sh - creates, snapshots and reverts on btrfs against the bare calls, clones by dir against cp: on a loop file beside the store, and on one in memory
# usage: [clones=ROUNDS] btrfs.sh BUILD-DIRECTORY [ARGUMENTS]; as root
# BENCH_DIR: where the store and the file lie (default: the build directory)
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) || exit 2
shift
BENCH_DIR=${BENCH_DIR:-$build}
LIBSHARE_PLUGINDIR=$build/backends
export BENCH_DIR LIBSHARE_PLUGINDIR
. "$here/../tree/tap.sh"
. "$here/../real/btrfs.sh"

missing=$(btrfs_missing)
[ -z "$missing" ] || { echo "skipped: $missing"; exit 0; }
memory=$btrfs_images
disk=$(mktemp -d "$BENCH_DIR/btrfs-XXXXXX") || exit 2
trap 'btrfs_all_down; rm -rf --one-file-system "$memory" "$disk" "$tap_dir"' EXIT

for where in disk memory; do
	eval "btrfs_images=\$$where"
	btrfs_up "on_$where" 4G && btrfs subvolume create "$tap_dir/on_$where/pool" >/dev/null || exit 2
	echo "btrfs on a loop file, $where:"
	BENCH_BTRFS=$tap_dir/on_$where "$build/tests/bench/bench_btrfs" "$@"
	if [ -x "$build/tests/bench/bench_nfs" ]; then
		echo "the same file system behind NFS-Ganesha:"
		BENCH_BTRFS=$tap_dir/on_$where "$build/tests/bench/bench_nfs" "$@"
	fi
	BENCH_BTRFS=$tap_dir/on_$where "$build/tests/bench/bench_snaps" ${clones:+n=20}
	BENCH_DIR=$tap_dir/on_$where "$build/tests/bench/bench_clone" ${clones:+rounds=$clones}
	btrfs_down "on_$where"
done
