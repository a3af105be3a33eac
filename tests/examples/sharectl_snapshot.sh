#!/bin/sh
# tests/examples/sharectl_snapshot.sh - sharectl snapshot: cut, exported, gone back to, made shares of, and gone
# usage: sharectl_snapshot.sh PROGRAM JSON-LINES
. "$(dirname "$0")/sharectl_tap.sh"

{
	echo "store: { path: $tap_dir/null.db }"
	echo "backends:"
	echo "  - name: n"
	echo "    driver: null"
	echo "    settings: { state: $tap_dir/null.state }"
	echo "    pools:"
	echo "      - { name: p, capacity: 1GiB }"
	echo "      - { name: needs, capacity: 1TiB, settings: { without: clone_independent } }"
	echo "      - { name: plain, capacity: 1TiB, settings: { without: snapshot } }"
} >"$config"

cut()
{
	ends 0 init
	ends 0 share create home 100M --pool p --allow 10.0.0.1 --snapshot-access share
	says '^snapshot access +share$'
	home=$(field id)
	ends 0 snapshot create home monday --description "as it was" --meta a=b
	[ "$(field state)" = available ] || dump
	[ "$(field share)" = "$home" ] || dump
	[ "$(field access)" = share ] || dump
	says '^metadata +a=b$'
	says '^cut +[0-9]{4}-'
	says '^ready +[0-9]{4}-'
	says '^exports .* readonly$'
	ends 0 snapshot create home tuesday --access none
	silent_of '^exports'
	ends 0 snapshot create home
	ends 0 share show home
	[ "$(field snapshots)" = 3 ] || dump
}
listed()
{
	ends 0 snapshot list home
	[ "$(wc -l <"$tap_dir/out")" = 4 ] || dump
	ends 0 snapshot list --newest --limit 1
	says ' - +' # the one without a name
	tells -- '--after '
	ends 0 snapshot list home --name tuesday --state available
	[ "$(wc -l <"$tap_dir/out")" = 2 ] || dump
	says 'tuesday'
	ends 0 snapshot list --state error
	[ ! -s "$tap_dir/out" ] || dump
	ends 0 -p other snapshot list
	[ ! -s "$tap_dir/out" ] || dump
	ends 5 -p other snapshot list --all-projects
	ends 0 -p other --role admin snapshot list --all-projects
	says monday
	ends 3 snapshot list nothing
}
named()
{
	ends 0 snapshot update tuesday --name wednesday --meta x=y
	[ "$(field name)" = wednesday ] || dump
	ends 3 snapshot show tuesday
	ends 0 share create other 1M
	ends 0 snapshot create other wednesday
	ends 4 snapshot show wednesday
	tells 'several snapshots'
	ends 0 share revert other wednesday
	ends 0 share revert home wednesday
	ends 3 share revert home nothing
	other=$("$program" --config "$config" snapshot list other --json | sed 's/^{"id":"\([^"]*\)".*/\1/')
	ends 2 share revert home "$other"
	tells 'is of share'
	ends 0 snapshot delete "$other"
	ends 0 share delete other
	ends 2 snapshot update wednesday
	tells 'nothing to change'
	ends 2 snapshot update wednesday --snapshot-access own
}
# in_force SNAPSHOT WHO 1|0: the backend has the rule for WHO, to read only; or it has it no more, be it listed or not
in_force()
{
	ends 0 access list "$1"
	rule=$(awk -v who="$2" '$3 == who { print $1 }' "$tap_dir/out")
	awk -v rule="${rule:-$rule_before}" -v want="$3" '
		$1 == "rule" && $3 == rule { there = 1; level = $5 }
		$1 == "unrule" && $3 == rule { there = 0 }
		END {
			if (there != want) print "the backend has " (there ? "a" : "no") " rule for it"
			else if (there && level != 2) print "it is of level " level ", not ro"
		}' "$tap_dir/null.state"
	rule_before=$rule
}
exported_otherwise()
{
	ends 4 access allow wednesday 10.0.0.7
	tells 'is not exported'
	ends 0 snapshot access wednesday own
	says '^exports .* readonly$'
	ends 0 access allow wednesday 10.0.0.7
	says '^snapshot .*: 1 change of rules in force$'
	ends 0 access list wednesday
	says '10.0.0.7 +rw .*active$'
	[ "$(wc -l <"$tap_dir/out")" = 2 ] || dump
	ends 0 access wait wednesday
	in_force wednesday 10.0.0.7 1
	ends 0 snapshot access wednesday none
	in_force wednesday 10.0.0.7 0
	ends 0 snapshot access wednesday own # its rules are still there
	ends 0 access list wednesday
	says '10.0.0.7 +rw .*active$'
	in_force wednesday 10.0.0.7 1
	ends 0 access deny wednesday 10.0.0.7
	in_force wednesday 10.0.0.7 0
	ends 0 access explain monday 10.0.0.1
	says '^can mount +ro$'
	ends 11 access explain monday 10.0.0.99
	ends 11 access explain wednesday 10.0.0.7
	ends 4 access allow monday 10.0.0.7
	tells 'has the rules of share'
	ends 0 access allow home 10.0.0.8
	ends 0 access wait monday
	ends 0 snapshot access wednesday none
	silent_of '^exports'
	ends 2 snapshot access wednesday everybody
	tells 'none, own or share'
	ends 2 snapshot create home x --access everybody
	ends 3 access allow nothing 10.0.0.1
	tells 'no share or snapshot'
}
size_of()
{
	ends 0 share extend home 200M
	ends 0 snapshot create home large
	ends 0 share shrink home 150M
	ends 4 share revert home large
	tells 'extend the share first'
	ends 0 share revert home monday
	says '^size +150MiB$'
	says '^rules +2$'
	ends 0 snapshot delete large
}
made_from()
{
	ends 0 share create copy --from monday
	says '^size +100MiB$'
	says '^from +snapshot '
	ends 0 pool list --json
	before=$(sed -n 's/.*"name":"p",.*"allocated":\([0-9]*\).*/\1/p' "$tap_dir/out")
	ends 0 quota show
	used=$(awk '$2 == "bytes" { print $3 }' "$tap_dir/out")
	ends 0 share create look --from monday --readonly --allow 10.0.0.1=rw
	says '^from .*, read-only$'
	says '^exports .* readonly$'
	ends 0 access explain look 10.0.0.1
	says '^can mount +ro$'
	ends 0 pool list --json
	after=$(sed -n 's/.*"name":"p",.*"allocated":\([0-9]*\).*/\1/p' "$tap_dir/out")
	[ "$before" = "$after" ] || echo "the pool holds $after, not $before, with a share that is only read"
	ends 0 quota show
	[ "$used" != "$(awk '$2 == "bytes" { print $3 }' "$tap_dir/out")" ] || echo "the project's use has not grown"
	ends 2 share create small 1M --from monday
	ends 1 share create away --from monday --pool plain --backend n
	ends 2 share create none
	tells 'wants: NAME SIZE'
	ends 2 share create empty 1M --readonly
	tells 'goes with --from'
	ends 3 share create lost --from nothing
	ends 0 snapshot show monday
	[ "$(field shares)" = 2 ] || dump
}
in_the_way()
{
	ends 11 share blockers home
	says '^snapshot .*monday.*delete it first$'
	ends 4 share delete home
	tells 'monday'
	ends 0 snapshot blockers monday # its shares do not need it
	says 'nothing keeps it'
	ends 0 share create needy 1M --pool needs --backend n
	ends 0 snapshot create needy base
	ends 0 share create child --from base
	ends 11 snapshot blockers base
	says '^share .*"child"'
	ends 4 snapshot delete base
	tells '"child"'
	ends 0 share delete child
	ends 0 snapshot blockers base
	ends 0 snapshot delete base
	ends 0 share lock needy vm
	ends 11 share blockers needy
	says '^lock .*vm'
	ends 0 share unlock needy vm
	ends 0 share blockers needy
	ends 3 share blockers nothing
	ends 3 -p other share blockers "$home"
}
where_there_are_none()
{
	ends 0 share create plain 1M --pool plain --backend n
	ends 1 snapshot create plain
	tells SHR_EUNSUPPORTED
}
by_admins()
{
	for words in "snapshot force-delete monday" "snapshot reset-state monday error" "snapshot unmanage monday" "snapshot manage home x"; do
		ends 5 $words
		tells SHR_EPERM
	done
	ends 0 --role admin reconcile monday
	says 'as it should be'
	ends 0 --role admin drift list monday
	[ ! -s "$tap_dir/out" ] || dump
	ends 0 --role admin snapshot manage home old@7 --name old
	[ "$(field state)" = available ] || dump
	ends 0 --role admin snapshot unmanage old
	ends 3 snapshot show old
	ends 0 --role admin snapshot reset-state monday error
	says '^state +error'
	ends 4 share revert home monday
	ends 0 --role admin snapshot reset-state monday available
	ends 2 --role admin snapshot reset-state monday lost
	ends 0 --role admin snapshot force-delete monday
	ends 3 snapshot show monday
	ends 0 --role admin orphan list
	[ ! -s "$tap_dir/out" ] || dump
}
not_waited_for()
{
	ends 0 snapshot create home later --no-wait
	says '^accepted: operation [^ ]* on snapshot '
	op=$(sed -n 's/^accepted: operation \([^ ]*\) .*/\1/p' "$tap_dir/out")
	ends 0 op wait "$op"
	ends 0 snapshot create home twice --token t
	twice=$(field id)
	ends 0 snapshot create home twice --token t
	[ "$(field id)" = "$twice" ] || echo "the same token made a second snapshot"
	ends 4 snapshot delete twice --if-version 1
	ends 0 snapshot delete twice
}
gone()
{
	for id in $("$program" --config "$config" snapshot list home --json | sed 's/^{"id":"\([^"]*\)".*/\1/'); do
		ends 0 snapshot delete "$id"
	done
	ends 0 share blockers home
	ends 0 share delete home
	for share in copy look needy plain; do
		ends 0 share delete $share
	done
	ends 0 quota show
	says '^default +shares +0 '
	says '^default +bytes +0B '
	ends 0 pool list --json
	! grep -v '"allocated":0,' "$tap_dir/out"
	awk '$1 == "create" || $1 == "snapshot" || $1 == "clone" { there[$2] = $0 }
		$1 == "remove" || $1 == "unmanage" { delete there[$2] }
		END { for (id in there) print "the backend has " there[id] }' "$tap_dir/null.state"
}

check "snapshots are cut and shown" cut
check "they are listed" listed
check "they have names, and others" named
check "they are exported otherwise" exported_otherwise
check "a share goes back to one that it can hold" size_of
check "shares are made from them" made_from
check "what is in the way of a delete is told" in_the_way
check "a pool without snapshots says so" where_there_are_none
check "admins repair, take over and let go" by_admins
check "nobody has to wait, and a token is one call" not_waited_for
check "nothing is left" gone
tap_end
