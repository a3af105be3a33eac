#!/bin/sh
# tests/examples/sharectl.sh - the command-line tool on a real directory, from init to the last delete
# usage: sharectl.sh PROGRAM JSON-LINES
. "$(dirname "$0")/sharectl_tap.sh"
root=$tap_dir/root

init()
{
	ends 0 init --root "$root"
	says '^local/main +up '
	[ -f "$root/libshare.db" ] || echo "no store"
	ends 0 config check
	# Every line that is no comment stands under one.
	grep -q '^# ' "$config" || echo "the configuration has no comments"
}
init_refuses()
{
	cp "$config" "$tap_dir/before"
	ends 4 init --root "$tap_dir/other"
	tells 'is there already'
	cmp "$config" "$tap_dir/before"
	[ ! -e "$tap_dir/other" ] || echo "it made the directory all the same"
}
init_force_keeps_the_store()
{
	ends 0 share create kept 1M
	ends 0 init --root "$root" --force
	ends 0 share show kept
	ends 0 share delete kept
}
init_quotes()
{
	config=$tap_dir/odd.yaml
	ends 0 init --root "$tap_dir/a \"b\" \\c: #d" --backend b.1 --pool p_2
	says '^b.1/p_2 +up '
	config=$tap_dir/conf.yaml
}
create()
{
	ends 0 share create home 10MiB --proto nfs,smb --description "a share" --meta b=2 --meta a=1 --allow 10.0.0.0/24=ro --allow fd00::/8
	[ "$(field name)" = home ] && [ "$(field state)" = available ] && [ "$(field size)" = 10MiB ] || dump
	[ "$(field protocols)" = nfs,smb ] && [ "$(field rules)" = 2 ] && [ "$(field metadata)" = a=1 ] || dump
	path=$(field exports | sed 's/^nfs \([^ ]*\) .*/\1/')
	[ -d "$path" ] || echo "there is no directory $path"
	id=$(field id)
}
data_survives()
{
	echo "some words" >"$path/file"
	ends 0 share extend home 20M
	ends 0 share extend home +10MiB
	[ "$(field size)" = 30MiB ] || dump
	ends 0 share shrink home -5MiB
	[ "$(field size)" = 25MiB ] || dump
	ends 0 share shrink home 20971520
	[ "$(field size)" = 20MiB ] || dump
	[ "$(cat "$path/file")" = "some words" ] || echo "the file changed"
}
shrink_below_use()
{
	head -c 4194304 /dev/urandom >"$path/big"
	ends 4 share shrink home 2MiB
	tells SHR_EDATALOSS
	rm "$path/big"
	ends 0 share show home
	[ "$(field size)" = 20MiB ] && [ "$(field state)" = available ] || dump
}
shows_by_id() { ends 0 share show "$id"; [ "$(field name)" = home ] || dump; }
lists_choose()
{
	ends 0 share list --meta a=1
	says " home +default +available +20MiB +nfs,smb +local/main +2$"
	ends 0 share list --meta a=2
	silent_of home
	ends 0 share list --state error
	silent_of home
	ends 0 share list --name home --backend local --pool main --meta b
	says home
}
update()
{
	ends 0 share update home --name "Größe 大" --description new --meta c=3 --unset a
	[ "$(field name)" = "Größe 大" ] && [ "$(field description)" = new ] || dump
	says '^ +c=3$'
	silent_of 'a=1'
}
columns_are_straight()
{
	ends 0 share create xxxxxxxx 1M
	ends 0 share list
	# "Größe 大" is 8 columns wide, in 11 bytes: the column behind it begins where that of the other share does.
	awk 'NR > 1 { print }' "$tap_dir/out" | sed 's/Größe 大/12345678/' | awk '{ print index($0, "default") }' | sort -u |
		awk 'END { if (NR != 1) print "the columns are crooked" }'
	ends 0 share delete xxxxxxxx
	ends 0 share update "Größe 大" --name home
}
rules()
{
	ends 0 access allow home 10.1.0.1 10.1.0.2 --level ro --squash root --priority -5 --meta rack=7
	ends 0 access list home
	says ' ip +10.1.0.2 +ro +root +-5 +active$'
	ends 0 access set home 10.1.0.1 --level rw
	ends 0 access deny home 10.1.0.2
	ends 0 access list home
	says ' ip +10.1.0.1 +rw +default +0 +active$'
	silent_of '10\.1\.0\.2'
	rule=$(awk '$3 == "10.1.0.1" { print $1 }' "$tap_dir/out")
	ends 0 access set home "$rule" --level ro
	ends 0 access deny home "$rule"
	ends 0 access wait home
	ends 0 access list home
	silent_of '10\.1\.0'
}
rules_of_a_file()
{
	cat >"$tap_dir/rules" <<-END
		# a comment, and an empty line

		allow ip 10.2.0.0/16 rw priority=3 squash=all meta.k="a b" meta.l="\"" # more
		set   ip "10.0.0.0/24" rw
		deny  ip fd00::/8
	END
	ends 0 access apply home "$tap_dir/rules"
	ends 0 access list home --json
	says '"who":"10.2.0.0/16".*"priority":3,.*"metadata":\{"k":"a b","l":"\\""\}'
	says '"level":"rw","squash":"default".*'
	silent_of fd00
	ends 4 access apply home "$tap_dir/rules"
	tells SHR_EEXIST
}
rules_by_standard_input()
{
	printf 'deny ip 10.2.0.0/16\n' | "$program" --config "$config" access apply home - >"$tap_dir/out" 2>"$tap_dir/err" || dump
	ends 0 access list home
	silent_of '10\.2\.'
}
rules_of_a_wrong_file()
{
	printf 'alow ip 10.9.0.1 rw\nallow ip 10.9.0.1\nallow ipp 10.9.0.1 rx up\nallow ip "10.9.0.1 rw\nallow ip 10.9.0.1 rw\n' >"$tap_dir/wrong"
	ends 2 access apply home "$tap_dir/wrong"
	for mistake in 'wrong:1: .*"alow"' 'wrong:2: ' 'wrong:3: .*"ipp"' 'wrong:3: .*"rx"' 'wrong:3: .*"up"' 'wrong:4: .*quote'; do
		tells "$mistake"
	done
	ends 0 access list home
	silent_of '10\.9\.'
}
locks()
{
	ends 0 share lock home vm-1 --reason "mounted there"
	ends 0 share lock home vm-1
	ends 0 share locks home
	says '^share +vm-1 +2 '
	ends 4 share delete home
	tells SHR_ELOCKED
	ends 0 share unlock home vm-1
	ends 4 share delete home
	ends 0 share unlock home vm-1
	ends 3 share unlock home vm-1
}
tokens()
{
	ends 0 share create twin 1M --token t1
	first=$(field id)
	ends 0 share create twin 1M --token t1
	[ "$(field id)" = "$first" ] || echo "the same token made a second share"
	ends 4 share create twin 2M --token t1
	tells SHR_ETOKEN
	ends 0 share create twin 1M
	ends 4 share show twin
	tells 'several shares'
	for twin in $("$program" --config "$config" share list --name twin --json | sed 's/^{"id":"\([^"]*\)".*/\1/'); do
		ends 0 share delete "$twin"
	done
}
versions()
{
	ends 0 share show home
	version=$(field version)
	ends 4 share update home --description x --if-version 1
	tells SHR_ECONFLICT
	ends 0 share update home --description x --if-version "$version"
}
quotas()
{
	ends 0 --role admin quota set --shares 1 --bytes unlimited
	says '^default +shares +1 +1$'
	ends 6 share create more 1M
	tells SHR_EQUOTA
	ends 0 --role admin quota set default --shares unlimited
	ends 0 quota show
	says '^default +bytes +20MiB +unlimited$'
}
projects()
{
	ends 0 -p other share list
	silent_of home
	ends 3 -p other share show "$id"
	ends 5 -p other share list --all-projects
	ends 0 -p other --role admin share list --all-projects
	says home
	ends 0 --system share show "$id"
}
needs_admin()
{
	for words in "share force-delete home" "share reset-state home error" "share unmanage home" "quota set --shares 1" "orphan list" "drift list" "reconcile home"; do
		ends 5 $words
		tells SHR_EPERM
	done
}
reconcile()
{
	ends 0 --role admin reconcile home
	says 'as it should be'
	mv "$path" "$path.away"
	ends 0 --role admin reconcile home
	says 'missing +open'
	ends 0 --role admin drift list home
	says 'missing +open'
	mv "$path.away" "$path"
	ends 0 --role admin reconcile --backend local
	says 'as it should be'
	ends 0 --role admin drift list
	says 'missing +settled'
	ends 0 --role admin reconcile --all
	says 'all backends: as it should be'
	mkdir "${path%/*}/stray"
	ends 0 --role admin reconcile --backend local
	says 'foreign +open +local/[^ ]*/stray'
	ends 0 --role admin --json reconcile --all
	says '"what":"foreign"'
	rmdir "${path%/*}/stray"
	ends 0 --role admin reconcile --backend local
	says 'backend local: as it should be'
	ends 0 --role admin reconcile --backend local --no-wait
	ends 3 --role admin reconcile --backend nothere
	tells 'no engine ever had a backend'
	ends 5 reconcile --all
	tells SHR_EPERM
	ends 2 --role admin reconcile home --backend local
	ends 2 --role admin reconcile --all --backend local
}
manage()
{
	ends 0 --role admin share unmanage home
	[ -f "$path/file" ] || echo "unmanage took the data away"
	ends 3 share show home
	ends 0 --role admin share manage "${path#"$root"/}" --backend local --pool main --name back
	[ "$(field state)" = available ] || dump
	[ -f "$path/file" ] || echo "manage lost the data"
	ends 0 share delete back
}
by_force()
{
	ends 0 share create doomed 1M
	ends 0 share lock doomed x
	ends 0 --role admin share reset-state doomed error
	says '^state +error'
	ends 0 --role admin share force-delete doomed
	ends 3 share show doomed
	ends 0 --role admin orphan list
	ends 0 --role admin drift list
}
operations()
{
	ends 0 op list --newest --limit 1
	says share_force_delete
	tells -- '--after '
	op=$(awk 'NR == 2 { print $1 }' "$tap_dir/out")
	ends 0 op show "$op"
	says '^state +succeeded, 100%'
	ends 0 op wait "$op"
	ends 4 op cancel "$op"
	ends 0 op list --unended
	[ ! -s "$tap_dir/out" ] || dump
	ends 0 op list --object "$id"
	says share_extend
	silent_of share_force_delete
}
pages_join()
{
	ends 0 event list
	awk 'NR > 1 { print $1 }' "$tap_dir/out" >"$tap_dir/all"
	: >"$tap_dir/joined"
	after=
	while :; do
		ends 0 event list --limit 7 ${after:+--after "$after"} || break
		awk 'NR > 1 { print $1 }' "$tap_dir/out" >>"$tap_dir/joined"
		after=$(sed -n 's/.*--after //p' "$tap_dir/err")
		[ -n "$after" ] || break
	done
	cmp "$tap_dir/all" "$tap_dir/joined"
	[ "$(wc -l <"$tap_dir/all")" -gt 20 ] || echo "there are few events"
}
events_follow()
{
	ends 0 event follow --timeout 0
	[ ! -s "$tap_dir/out" ] || dump
	first=$(head -n 1 "$tap_dir/all")
	ends 0 event follow --timeout 0 --after "e1-$first"
	[ "$(awk '{ print $1 }' "$tap_dir/out" | grep -c '^[0-9]')" = $(($(wc -l <"$tap_dir/all") - 1)) ] || dump
}
plugins()
{
	ends 0 driver list
	says '^dir +[0-9.]+ .*shr-dir.so'
	ends 0 exporter list
	says '^none '
}
upkeep()
{
	ends 0 store check
	ends 0 store check --full
	says 'no damage'
	ends 0 purge
	ends 0 event list --limit 1
	says share.creating
}
defaults()
{
	mkdir "$tap_dir/here"
	(
		cd "$tap_dir/here" || exit
		"$program" init --root shares >/dev/null || echo "init failed"
		USER=ann "$program" share create mine 1M >/dev/null || echo "create failed"
		"$program" op list --json | grep -q '"project":"default","user":"ann"' || echo "not ann, or not default"
		chmod o+w libshare.yaml
		"$program" share list 2>/dev/null && echo "a configuration that everybody may write was used"
		LIBSHARE_CONFIG=libshare.yaml "$program" share list | grep -q mine || echo "LIBSHARE_CONFIG was not used"
	)
}

check "init writes a configuration and makes the store" init
check "init writes over nothing" init_refuses
check "init --force leaves the store as it is" init_force_keeps_the_store
check "init takes paths with odd characters" init_quotes
check "share create makes a directory that is told" create
check "extend and shrink keep the data" data_survives
check "shrink below what is in use changes nothing" shrink_below_use
check "a share is found by its id" shows_by_id
check "lists choose" lists_choose
check "update changes words" update
check "columns are straight with wide characters" columns_are_straight
check "rules come, change and go" rules
check "a file of rules is applied" rules_of_a_file
check "rules come from the standard input" rules_by_standard_input
check "every mistake of a file is told and nothing changes" rules_of_a_wrong_file
check "locks keep a share" locks
check "a token makes one share" tokens
check "a version that is over refuses" versions
check "quotas hold" quotas
check "a project sees its own" projects
check "what needs the role admin is refused without" needs_admin
check "what is otherwise than the records is told" reconcile
check "unmanage and manage leave the data" manage
check "a share goes by force" by_force
check "operations are told" operations
check "pages join without loss" pages_join
check "events are followed from a position" events_follow
check "plugins are listed" plugins
check "the store is checked and purged" upkeep
check "defaults come from the directory and the environment" defaults
tap_end
