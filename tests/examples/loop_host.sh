#!/bin/sh
# tests/examples/loop_host.sh - the host with an event loop takes commands while operations run, and prints events as they come
# usage: loop_host.sh PROGRAM
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"

mkfifo "$tap_dir/in"
"$1" <"$tap_dir/in" >"$tap_dir/out" 2>"$tap_dir/err" &
pid=$!
exec 3>"$tap_dir/in"

# An event of the program that is still running, within half a minute.
comes()
{
	for i in $(seq 300); do
		grep -q "^event $1" "$tap_dir/out" && return
		sleep 0.1
	done
	echo "event $1 did not come:"
	cat "$tap_dir/out" "$tap_dir/err"
}
create() { echo "create home 1073741824" >&3; comes share.created; }
allow() { echo "allow home 10.0.0.0/24" >&3; comes access.applied; }
extend() { echo "extend home 2147483648" >&3; comes share.extended; }
lists()
{
	echo list >&3
	for i in $(seq 300); do
		grep -qx "share home available 2147483648" "$tap_dir/out" && return
		sleep 0.1
	done
	cat "$tap_dir/out"
}
goes_on()
{
	echo "delete nothing" >&3
	echo "dance" >&3
	echo "create broken 0" >&3
	echo "create other 1073741824" >&3
	for i in $(seq 300); do
		[ "$(grep -c '^event share.created' "$tap_dir/out")" = 2 ] && break
		sleep 0.1
	done
	[ "$(grep -c '^event share.created' "$tap_dir/out")" = 2 ] || cat "$tap_dir/out"
	[ "$(wc -l <"$tap_dir/err")" = 3 ] || cat "$tap_dir/err"
}
ends()
{
	echo "delete home" >&3
	exec 3>&-
	wait $pid || echo "it ended with $?"
	grep -q '^event share.deleted' "$tap_dir/out" || cat "$tap_dir/out"
}

check "a share is created" create
check "a rule is put in force" allow
check "a share is extended" extend
check "the input is read between steps" lists
check "what goes wrong ends nothing" goes_on
check "the last operations end before it does" ends
tap_end
