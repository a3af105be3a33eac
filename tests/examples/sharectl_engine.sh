#!/bin/sh
# tests/examples/sharectl_engine.sh - engines of several processes, waits that end early, drivers that fail, signals, kill -9
# usage: sharectl_engine.sh PROGRAM JSON-LINES
. "$(dirname "$0")/sharectl_tap.sh"
root=$tap_dir/root
"$program" -c "$config" init --root "$root" >/dev/null || exit 99
real=$config

engine_begin()
{
	"$program" -c "$config" engine run --name e1 >"$tap_dir/engine" 2>&1 &
	engine=$!
	for i in $(seq 200); do
		grep -q 'the engine runs' "$tap_dir/engine" && return
		sleep 0.05
	done
	echo "the engine does not run:"
	cat "$tap_dir/engine"
}
engine_end() # SIGNAL STATUS
{
	kill -"$1" "$engine"
	wait "$engine"
	got=$?
	[ "$got" = "$2" ] || { echo "the engine ended with $got:"; cat "$tap_dir/engine"; }
}
operation() { sed -n 's/^{"id":"\([^"]*\)".*/\1/p' "$tap_dir/out"; }

another_engine()
{
	engine_begin
	ends 0 share create home 10M
	ends 0 op list --json
	says '"engine":"e1"'
	ends 0 --no-engine share extend home 20M
	ends 0 pool list
	says '^local/main +up .* e1$'
	engine_end TERM 0
	engine_begin
	engine_end INT 0
}
nobody_there()
{
	ends 0 pool list --no-engine
	says "^local/main +down: "
	ends 7 share create later 1M --no-engine --timeout 50ms
	ends 0 share list --name later --state creating
	says later
	ends 7 share extend home 30M --no-engine --timeout 50ms --json
	op=$(operation)
	tells "sharectl op wait $op"
	ends 7 op wait "$op" --no-engine --timeout 0
	ends 0 op list --unended
	says "$op"
	ends 0 op wait "$op"
	ends 0 share show home
	[ "$(field size)" = 30MiB ] || dump
	ends 0 op list --unended --json
	[ ! -s "$tap_dir/out" ] || ends 0 op wait "$(operation)"
	ends 0 share list --name later
	says " later +default +available "
	ends 0 share delete later
}
cancelled()
{
	ends 0 share extend home 40M --no-engine --no-wait --json
	op=$(operation)
	ends 0 op cancel "$op" --no-engine --no-wait
	ends 1 op wait "$op"
	tells SHR_ECANCELLED
	ends 0 share show home
	[ "$(field size)" = 30MiB ] && [ "$(field state)" = available ] || dump
}
interrupted()
{
	config=$tap_dir/null.yaml
	null_config "create:1:late=1500ms"
	ends 0 init
	"$program" -c "$config" share create slow 1M >"$tap_dir/out" 2>"$tap_dir/err" &
	pid=$!
	sleep 0.5
	kill -TERM $pid
	wait $pid
	got=$?
	[ $got = 143 ] || { echo "ended with $got, not by the signal"; dump; }
	tells 'it goes on wherever an engine runs'
	null_config
	ends 0 op list --unended --json
	op=$(operation)
	[ -z "$op" ] || ends 0 op wait "$op"
	ends 0 share show slow
	config=$real
}
# fault STATUS FAULT PATTERN: a create ends with that
fault()
{
	rm -f "$tap_dir"/null.db* "$tap_dir"/null.state*
	config=$tap_dir/null.yaml
	null_config "$2"
	ends 0 init
	ends "$1" share create x 1M --timeout 30s --allow 10.0.0.1
	[ -z "${3:-}" ] || tells "$3"
	config=$real
}
drivers_fail()
{
	fault 1 "create:*:fail" SHR_EBACKEND
	fault 6 "create:*:nospace" SHR_ENOSPC
	fault 1 "create:*:garbage" SHR_EDRIVER
	fault 10 "update_access:*:reject=10.0.0." SHR_EPARTIAL
	fault 0 "create:1:again"
}
keys()
{
	rm -f "$tap_dir"/null.db* "$tap_dir"/null.state*
	config=$tap_dir/null.yaml
	null_config
	ends 0 init
	head -c 32 /dev/urandom >"$tap_dir/k1"
	head -c 32 /dev/urandom >"$tap_dir/k2"
	chmod 600 "$tap_dir/k1" "$tap_dir/k2"
	ends 0 share create ceph 1M --proto cephfs --key-file "$tap_dir/k1" --allow ann --type cephx
	ends 5 access key ceph ann --key-file "$tap_dir/k1"
	tells SHR_EPERM
	ends 5 access key ceph ann --role access_key
	tells SHR_EKEY
	ends 0 access key ceph ann --role access_key --key-file "$tap_dir/k1"
	says '^AQ.*==$'
	cp "$tap_dir/out" "$tap_dir/secret"
	ends 0 access reseal --key-file "$tap_dir/k2" --key-file "$tap_dir/k1"
	ends 5 access key ceph ann --role access_key --key-file "$tap_dir/k1"
	ends 0 access key ceph ann --role access_key --key-file "$tap_dir/k2"
	cmp "$tap_dir/secret" "$tap_dir/out"
	grep -rqaF "$(cat "$tap_dir/secret")" "$tap_dir"/null.db* && echo "the secret stands in the store"
	ends 0 event list --json
	grep -F "$(cat "$tap_dir/secret")" "$tap_dir/out"
	config=$real
}
bar()
{
	rm -f "$tap_dir"/null.db* "$tap_dir"/null.state*
	config=$tap_dir/null.yaml
	null_config "create:1:late=1500ms"
	ends 0 init
	script -qec "'$program' -c '$config' share create slow 1M" /dev/null </dev/null >"$tap_dir/out" 2>"$tap_dir/err" || dump
	says '\[#* *\] +[0-9]+%  share_create, step 1 of 3: create'
	# and it is gone in the end
	tr '\r' '\n' <"$tap_dir/out" | grep -q '^name  *slow' || dump
	null_config
	ends 0 share delete slow
	silent_of '%'
	[ ! -s "$tap_dir/err" ] || dump
	config=$real
}
# One word of what goes on: a change every moment, and each process killed at an instant that the clock chooses.
killed()
{
	ends 0 share create hunted 1M || return
	i=0
	while [ $i -lt 12 ]; do
		i=$((i + 1))
		"$program" -c "$config" share extend hunted +1M >/dev/null 2>&1 &
		pid=$!
		sleep "0.0$((i * 7 % 10))"
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
	done
	ends 0 op list --unended --json
	for op in $(operation); do
		ends 0 op wait "$op" --timeout 60s
	done
	ends 0 share show hunted
	[ "$(field state)" = available ] || dump
	ends 0 store check --full
	ends 0 share delete hunted
	[ "$(find "$root/main" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || ls "$root/main"
}
followed()
{
	"$program" -c "$config" --json event follow >"$tap_dir/followed" 2>&1 &
	follower=$!
	sleep 1
	ends 0 share update home --description "seen"
	for i in $(seq 100); do
		[ -s "$tap_dir/followed" ] && break
		sleep 0.05
	done
	kill -INT $follower
	wait $follower || echo "it ended with $?"
	grep -q '"kind":"share.updated"' "$tap_dir/followed" || cat "$tap_dir/followed"
	"$json_lines" 1 <"$tap_dir/followed"
}

check "the engine of another process does the work, and ends cleanly" another_engine
check "without an engine an operation waits for the next" nobody_there
check "a cancelled operation leaves the share as it was" cancelled
check "a signal ends the wait and not the operation" interrupted
check "a driver that fails gives its status" drivers_fail
check "access keys are shown to those who may, and sealed anew" keys
if command -v script >/dev/null; then
	check "a bar stands on a terminal while it takes long" bar
else
	skip "a bar stands on a terminal while it takes long" "no script(1)"
fi
check "kill -9 leaves nothing stuck" killed
check "events are followed as they come" followed
tap_end
