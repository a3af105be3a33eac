#!/bin/sh
# tests/real/quickstart.sh - the quickstart on btrfs, behind an NFS-Ganesha, with a real NFS client
# usage: quickstart.sh SOURCE-DIRECTORY BUILD-DIRECTORY
. "$(dirname "$0")/../tree/tap.sh"
src=$1
build=$2
umask 022
mkdir "$tap_dir/tmp"
export TMPDIR="$tap_dir/tmp" LC_ALL=C.UTF-8

# Why it cannot be done here, as the quickstart itself sees it; nothing is installed for that.
why=$(
	have() { command -v "$1" >/dev/null 2>&1; }
	. "$src/examples/quickstart_nfs.sh"
	missing=$(nfs_missing)
	if [ -n "$missing" ]; then
		echo "missing: $missing"
	else
		nfs_possible || echo "$nfs_why"
	fi
)

quickstart()
{
	QUICKSTART_JOB=nfs QUICKSTART_BUILD=$build sh "$src/examples/quickstart.sh" >"$tap_dir/out" 2>"$tap_dir/err" ||
		{ echo "ended with $?"; cat "$tap_dir/out" "$tap_dir/err"; }
}
says_what_it_does()
{
	for command in "sharectl init" "sharectl share create" "nfs-cp" "nfs-cat" "sharectl access explain" "sharectl access apply" \
		"sharectl share extend" "sharectl share shrink" "sharectl reconcile" "sharectl share delete"; do
		grep -q "^\$ $command" "$tap_dir/out" || echo "it does not show: $command"
	done
	[ "$(grep -c '   refused: ' "$tap_dir/out")" = 3 ] || echo "not three refusals"
	grep -q '^written by an NFS client' "$tap_dir/out" || echo "the client read nothing"
}
leaves_nothing()
{
	find "$tap_dir/tmp" -mindepth 1
	grep " $tap_dir/" /proc/self/mounts
	losetup -a | grep -F "$tap_dir/"
	ps -eo args | grep -F "$tap_dir/" | grep -v grep
	true
}

if [ -n "$why" ]; then
	skip "the quickstart on btrfs and NFS" "$why"
else
	check "the quickstart runs" quickstart
	check "it shows every step" says_what_it_does
	check "it leaves nothing behind" leaves_nothing
fi
tap_end
