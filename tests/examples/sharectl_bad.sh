#!/bin/sh
# tests/examples/sharectl_bad.sh - what is wrong on a command line is refused with a status and a reason, and nothing changes
# usage: sharectl_bad.sh PROGRAM JSON-LINES
. "$(dirname "$0")/sharectl_tap.sh"
root=$tap_dir/root
"$program" -c "$config" init --root "$root" >/dev/null || exit 99
"$program" -c "$config" share create home 10M >/dev/null || exit 99
"$program" -c "$config" share list --json >"$tap_dir/before" || exit 99

# refuses STATUS PATTERN ARGUMENT...: it ends with that status and tells such a line
refuses()
{
	want=$1
	pattern=$2
	shift 2
	ends "$want" "$@" && tells "$pattern"
}
words()
{
	refuses 2 'usage: sharectl COMMAND' </dev/null
	refuses 2 'no command "nothing"' nothing
	refuses 2 'no command "share nothing"' share nothing
	refuses 2 'one more word' share
	refuses 2 'wants: NAME SIZE' share create x
	refuses 2 'one word too many' share list x
	refuses 2 'no option --nothing' share list --nothing
	refuses 2 'no option -x' share list -x
	refuses 2 'takes no --root' share list --root x
	refuses 2 '--state wants STATE' share list --state
	refuses 2 'takes no value' share list --newest=1
	refuses 2 'comes twice' share list --limit 1 --limit 2
}
values()
{
	for size in '' x 1.5G 1GB 10GiBx +5 5000P 99999999999999999999 ' 1' 0x10; do
		refuses 2 'not a size' share create x "$size"
	done
	for size in 0 0G; do
		refuses 2 SHR_EINVAL share create x "$size"
	done
	refuses 2 '--timeout: "soon"' share create x 1M --timeout soon
	refuses 2 '--limit: "-1"' share list --limit -1
	refuses 2 '--state: "odd" is not one of: ' share list --state odd
	refuses 2 '--proto: "ftp"' share create x 1M --proto ftp
	refuses 2 '--proto: "nfs,"' share create x 1M --proto nfs,
	refuses 2 '--level: "rx"' access allow home 10.0.0.1 --level rx
	refuses 2 'number is too great' access allow home 10.0.0.1 --priority 3000000000
	refuses 2 SHR_EINVAL access allow home 10.0.0.1 --priority 2000000
	refuses 2 'not KEY=VALUE' share create x 1M --meta odd
	refuses 2 'is not rw or ro' share create x 1M --allow 10.0.0.1=rx
	refuses 2 'wants --level' access set home 10.0.0.1
	refuses 2 'wants --shares or --bytes' quota set --role admin
	refuses 2 'nothing to change' share update home
	refuses 2 'wants --backend and --pool' share manage x --role admin
	refuses 2 '--workers: 1 to 256' engine run --workers 0
	refuses 2 'no state' share reset-state home odd --role admin
	refuses 2 'makes a share smaller' share extend home -1M
	refuses 2 'makes a share larger' share shrink home +1M
}
names()
{
	refuses 2 SHR_EINVAL share create a/b 1M
	refuses 2 SHR_EINVAL share create "$(printf 'a\001b')" 1M
	refuses 2 SHR_EINVAL share create "$(printf 'a\377b')" 1M
	refuses 2 SHR_EINVAL share create "$(printf '%0300d' 0)" 1M
	refuses 2 SHR_EINVAL share update home --name a/b
	# what is told of it moves no cursor
	grep -q "$(printf '\001')" "$tap_dir/err" && dump
	return 0
}
addresses()
{
	refuses 2 '10\.0\.0\.0/24' access allow home 10.0.0.5/24
	refuses 2 SHR_EINVAL access allow home 10.0.0.256
	refuses 2 SHR_EINVAL access allow home 10.0.0.0/33
	refuses 2 SHR_EINVAL access allow home fd00::1::2
	refuses 2 SHR_EINVAL access allow home --type user ann
	refuses 2 SHR_EINVAL access allow home 10.0.0.1 nonsense
	ends 0 access list home
	silent_of '10\.'
}
objects_that_are_not_there()
{
	refuses 3 'no share has' share show nothing
	refuses 3 SHR_ENOTFOUND share delete 01234567-89ab-7def-8123-456789abcdef
	refuses 3 SHR_ENOTFOUND op show 01234567-89ab-7def-8123-456789abcdef
	refuses 2 SHR_EINVAL op show nothing
	refuses 3 SHR_ENOTFOUND access deny home 10.9.9.9
	refuses 3 'No such file' access apply home "$tap_dir/nothing"
	refuses 2 'no changes in it' access apply home /dev/null
	refuses 3 'no rule' access key home nothing
	refuses 2 SHR_EINVAL event list --after nonsense
}
pools()
{
	refuses 2 SHR_EINVAL share create x 1M --pool nothing
	refuses 2 SHR_EINVAL share create x 1M --backend nothing
	refuses 6 SHR_ENOSPC share create x 3E
}
configurations()
{
	real=$config
	config=$tap_dir/nothing.yaml
	refuses 1 SHR_EIO share list
	config=$tap_dir/wrong.yaml
	printf 'stor: { path: x }\nbackends:\n  - name: b\n' >"$config"
	refuses 2 'wrong.yaml:1:' share list
	tells 'wrong.yaml:[23]:'
	refuses 2 'wrong.yaml:1:' config check
	sed "s|$root/libshare.db|$tap_dir/none.db|" "$real" >"$config"
	refuses 3 'no store' share list
	head -c 8192 /dev/urandom >"$tap_dir/none.db"
	chmod 600 "$tap_dir/none.db"
	refuses 9 SHR_ECORRUPT share list
	config=$real
	(cd "$tap_dir" && "$program" share list >out 2>err; [ $? = 2 ] || echo "no configuration at all: it went on")
	tells 'sharectl init'
}
keys()
{
	head -c 32 /dev/zero >"$tap_dir/key"
	refuses 5 'others may use it' share list --key-file "$tap_dir/key"
	chmod 600 "$tap_dir/key"
	ends 0 share list --key-file "$tap_dir/key"
	head -c 31 /dev/zero >"$tap_dir/key"
	refuses 2 'neither 32 bytes nor 64 hex digits' share list --key-file "$tap_dir/key"
	printf '%064d\n' 7 >"$tap_dir/key"
	ends 0 share list --key-file "$tap_dir/key"
	printf '%063dx\n' 7 >"$tap_dir/key"
	refuses 2 'neither 32 bytes' share list --key-file "$tap_dir/key"
	refuses 3 'No such file' share list --key-file "$tap_dir/nokey"
	refuses 5 'not a regular file' share list --key-file /dev/zero
	printf '%064d' 7 >"$tap_dir/key"
	mkdir -p "$tap_dir/k2"
	cp -p "$tap_dir/key" "$tap_dir/k2/key"
	refuses 2 'two key files' share list --key-file "$tap_dir/key" --key-file "$tap_dir/k2/key"
	refuses 5 SHR_EKEY access reseal
}
full_output()
{
	[ -w /dev/full ] || return 0
	"$program" -c "$config" share list >/dev/full 2>"$tap_dir/err"
	[ $? = 1 ] || echo "a full disk was not seen"
	: >"$tap_dir/out"
	tells 'standard output'
}
nothing_changed()
{
	ends 0 share list --json
	cmp "$tap_dir/before" "$tap_dir/out"
	ends 0 op list --json
	grep -v '"kind":"share_create"' "$tap_dir/out"
	[ "$(wc -l <"$tap_dir/out")" = 1 ] || dump
}

check "words that are none" words
check "values that are none" values
check "names that nobody may have" names
check "addresses that are none" addresses
check "objects that are not there" objects_that_are_not_there
check "pools that are not there, or too small" pools
check "configurations and stores that are wrong" configurations
check "keys that are none" keys
check "an output that does not arrive" full_output
check "and nothing has changed" nothing_changed
tap_end
