# tests/real/btrfs.sh - sourced after tap.sh: btrfs file systems on loop files, which go when the test ends
#
# btrfs_missing            prints what is missing here to make one; nothing: all is there
# btrfs_up NAME [SIZE]     a new file system, mounted at $tap_dir/NAME; its file lies in memory where there is room
# btrfs_down NAME          unmounted, its loop device free again
# At the end of the script, however it ends, all are taken down.

btrfs_names=
btrfs_images=$(mktemp -d /dev/shm/libshare-btrfs.XXXXXX 2>/dev/null) || btrfs_images=$tap_dir

btrfs_missing()
{
	[ "$(id -u)" = 0 ] || { echo "not root"; return; }
	for tool in mkfs.btrfs btrfs losetup mount umount; do
		command -v $tool >/dev/null || { echo "no $tool"; return; }
	done
	[ -e /dev/loop-control ] || { echo "no loop devices"; return; }
	grep -qw btrfs /proc/filesystems || modprobe btrfs 2>/dev/null || { echo "a kernel without btrfs"; return; }
	btrfs_up probe 128M >/dev/null 2>&1 || echo "no btrfs on a loop device can be mounted"
	btrfs_down probe >/dev/null 2>&1
}

btrfs_up()
{
	truncate -s "${2:-1G}" "$btrfs_images/$1.img" && mkfs.btrfs -q -f "$btrfs_images/$1.img" >/dev/null 2>&1 && mkdir -p "$tap_dir/$1" || return 1
	btrfs_mount "$1"
}

btrfs_mount()
{
	loop=$(losetup -f --show "$btrfs_images/$1.img") || return 1
	echo "$loop" >"$tap_dir/$1.loop"
	btrfs_names="$btrfs_names $1"
	mount -t btrfs -o noatime "$loop" "$tap_dir/$1"
}

# Whoever used it may need a moment to let go of it.
btrfs_down()
{
	[ -f "$tap_dir/$1.loop" ] || return 0
	n=0
	while grep -q " $tap_dir/$1[ /]" /proc/self/mounts && [ $n -lt 50 ]; do
		grep " $tap_dir/$1[ /]" /proc/self/mounts | awk '{ print $2 }' | sort -r | while read -r point; do umount "$point" 2>/dev/null; done
		n=$((n + 1))
		grep -q " $tap_dir/$1[ /]" /proc/self/mounts && sleep 0.1
	done
	grep -q " $tap_dir/$1[ /]" /proc/self/mounts && umount -l "$tap_dir/$1"
	losetup -d "$(cat "$tap_dir/$1.loop")" 2>/dev/null
	rm -f "$tap_dir/$1.loop" "$btrfs_images/$1.img"
}

btrfs_all_down()
{
	for name in $btrfs_names; do btrfs_down "$name"; done
}
trap 'btrfs_all_down; rm -rf --one-file-system "$btrfs_images" "$tap_dir"' EXIT
