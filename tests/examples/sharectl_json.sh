#!/bin/sh
# tests/examples/sharectl_json.sh - with --json every answer is one JSON object a line, errors too
# usage: sharectl_json.sh PROGRAM JSON-LINES
. "$(dirname "$0")/sharectl_tap.sh"
root=$tap_dir/root

# gives LEAST ARGUMENT...: it succeeds with so many objects, and tells nothing else
gives()
{
	least=$1
	shift
	ends 0 --json "$@" || return
	objects "$least" || dump
}
# fails STATUS ARGUMENT...: it ends with that, and the error is an object
fails()
{
	ends "$1" --json $2 || return
	"$json_lines" 1 <"$tap_dir/err" || dump
	[ ! -s "$tap_dir/out" ] || dump
}

init() { gives 1 init --root "$root"; }
shares()
{
	gives 1 share create home 10M --description 'a "quoted" \ line	with	tabs' --meta 'k=ä"\' --allow 10.0.0.1
	says '"kind":"share_create","state":"succeeded"'
	gives 1 share show home
	says '"name":"home"'
	gives 1 share list
	gives 1 share extend home 20M
	gives 1 share shrink home 15M
	gives 1 share update home --meta a=b
}
rules()
{
	gives 1 access allow home 10.1.0.0/16
	gives 2 access list home
	gives 1 access set home 10.1.0.0/16 --level ro
	gives 1 access explain home 10.1.0.1
	gives 1 access wait home
	gives 1 access deny home 10.1.0.0/16
	echo 'allow ip 10.3.0.0/16 rw' >"$tap_dir/rules"
	gives 1 access apply home "$tap_dir/rules"
}
locks()
{
	gives 1 share lock home vm
	gives 1 share locks home
	gives 1 share unlock home vm
}
others()
{
	gives 1 pool list
	gives 1 --role admin quota set --shares 10
	gives 1 quota show
	gives 2 driver list
	gives 1 exporter list
	gives 0 --role admin orphan list
	gives 0 --role admin drift list
	gives 1 --role admin reconcile home
	gives 0 --role admin drift list home
	gives 5 op list
	op=$(sed -n '1s/^{"id":"\([^"]*\)".*/\1/p' "$tap_dir/out")
	gives 1 op show "$op"
	gives 1 op wait "$op"
	gives 5 event list
	gives 5 event follow --after e1-1 --timeout 0
}
quiet()
{
	for words in "config check" "store check" purge; do
		gives 0 $words
		[ ! -s "$tap_dir/out" ] || dump
	done
}
not_waited_for()
{
	gives 1 share extend home +1M --no-wait
	id=$(sed -n 's/^{"id":"\([^"]*\)".*/\1/p' "$tap_dir/out")
	gives 1 op wait "$id"
	says '"state":"succeeded"'
}
errors()
{
	fails 3 "share show 01234567-89ab-7def-8123-456789abcdef"
	fails 2 "share create x 0"
	fails 6 "share create x 4E"
	fails 5 "orphan list"
	fails 4 "share extend home 99M --if-version 1"
}
snapshots()
{
	null_config
	gives 1 init
	gives 1 share create home 10M --snapshot-access own
	gives 1 snapshot create home monday --meta 'k="' --description x
	says '"kind":"snapshot_create","state":"succeeded"'
	gives 1 snapshot list
	gives 1 snapshot show monday
	says '"name":"monday".*"access":"own".*"metadata":\{"k":"\\""\}'
	gives 1 snapshot update monday --unset k
	gives 1 access allow monday 10.0.0.1
	gives 1 access list monday
	gives 1 snapshot access monday none
	gives 1 share revert home monday
	gives 0 snapshot blockers monday
	ends 11 --json share blockers home
	objects 1 || dump
	gives 1 share create copy --from monday --readonly
	gives 1 share show copy
	says '"snapshot_id":"[^"]+","flags":\["readonly"\],"snapshot_access":"none"'
	gives 1 snapshot delete monday
	fails 3 "snapshot show 01234567-89ab-7def-8123-456789abcdef"
}
last()
{
	gives 1 --role admin share reset-state home available
	gives 1 share delete home
}

check "init" init
check "shares" shares
check "rules" rules
check "locks" locks
check "pools, quotas, plugins, operations, events" others
check "commands that have no answer give none" quiet
check "an operation that is not waited for" not_waited_for
check "errors" errors
check "reset-state and delete" last
check "snapshots" snapshots
tap_end
