#!/bin/sh
# tests/examples/sharectl_orphan.sh - what a force-delete left behind: deleted, or a share again
# usage: sharectl_orphan.sh PROGRAM JSON-LINES
. "$(dirname "$0")/sharectl_tap.sh"

# A share that the backend did not let go; its orphan's id is in $orphan.
leave()
{
	null_config "remove:*:fail"
	[ -f "$tap_dir/null.db" ] || ends 0 init || return
	ends 0 share create "$1" 1G || return
	share=$(field id)
	ends 0 --role admin share force-delete "$1"
	ends 0 --role admin orphan list
	says "share $share .*remove: fault"
	orphan=$(awk -v share="$share" '$4 == share { print $1 }' "$tap_dir/out")
	[ ${#orphan} = 36 ] || dump
}
adopt()
{
	leave home
	ends 2 --role admin orphan adopt home
	tells 'no id of an orphan'
	ends 3 --role admin orphan adopt "$share"
	ends 5 orphan adopt "$orphan"
	ends 0 --role admin orphan adopt "$orphan" --name again --description "it was home"
	[ "$(field id)" = "$share" ] || dump
	[ "$(field state)" = available ] || dump
	says '^size +1 ?GiB'
	says '^description +it was home'
	ends 0 --role admin orphan list
	silent_of "$share"
	ends 0 share show again
}
completed()
{
	ends 0 complete -- orphan ''
	says '^adopt$'
	says '^delete$'
	ends 0 complete -- orphan adopt ''
	says '^@orphan$'
}
delete()
{
	leave other
	ends 5 orphan delete "$orphan"
	ends 1 --role admin orphan delete "$orphan"
	tells 'remove: fault'
	null_config
	ends 0 --role admin orphan delete "$orphan"
	says "orphan $orphan: deleted"
	ends 0 --role admin orphan list
	silent_of "$orphan"
	ends 3 --role admin orphan delete "$orphan"
	grep -q "^remove $orphan" "$tap_dir/null.state" || echo "it is still there"
}

check "an orphan is adopted as the share that it was" adopt
check "an orphan is deleted, when the backend lets it go" delete
check "the shell is told what may come" completed
tap_end
