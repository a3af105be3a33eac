#!/bin/sh
# tests/conformance/driver_check.sh - shr-driver-check: our drivers pass it, and bad ones do not
# usage: driver_check.sh SHR-DRIVER-CHECK null|dir|tiny|bad|says PLUGIN-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
tool=$1 plugins=$3
root=$tap_dir/root
mkdir "$root"

# It says what is wrong, and that alone.
passes()
{
	driver=$1
	shift
	"$tool" --pool p "$@" "$plugins/shr-$driver.so" >"$tap_dir/kit" || { grep -v '^ok' "$tap_dir/kit"; return 1; }
}
# STATUS is 1 when a promise is broken, 3 when the minimum is not met.
fails_at()
{
	status=$1 line=$2 driver=$3
	shift 3
	"$tool" --pool p --kills 3 "$@" "$plugins/shr-$driver.so" >"$tap_dir/kit"
	got=$?
	[ $got = "$status" ] || echo "the exit status is $got, and not $status"
	[ $got != 0 ] || echo "it found nothing wrong"
	grep -Eq "^FAIL  [a-z_0-9]+ +$line" "$tap_dir/kit" || { echo "no row FAIL: $line"; cat "$tap_dir/kit"; }
}

null()
{
	check "null passes, with a state that survives" passes null --set state="$root/state" --set used=3MiB \
		--pool-set size=10TiB --manage vol@3GiB --watch "$root"
	check "null passes, in memory" passes null --volatile --manage vol
	check "null passes behind an exporter" passes null --volatile --exporter none --manage vol
	check "null passes, late and again and again" passes null --volatile --set 'fault=create:*:pending=2x1ms' \
		--set 'fault=remove:*:pending=1x1ms' --set 'fault=usage:*:late=1ms' --manage vol
	check "null passes, late, with a state that survives" passes null --set state="$root/late" \
		--set 'fault=create:*:pending=2x1ms' --set 'fault=remove:*:pending=1x1ms' --manage vol@3GiB
	check "a fault by order is found" fails_at 3 'create: twice is once .*fault: create call 1 fails' null --volatile \
		--set 'fault=create:1:fail'
	check "a fault after the work is found" fails_at 3 'delete: twice is once .*fails after it was done' null --volatile \
		--set 'fault=remove:2:fail-after'
	check "garbage is found" fails_at 3 'create: twice is once .*SHR_EDRIVER' null --volatile --set 'fault=create:2:garbage'
	check "an answer that is no code is found" fails_at 1 'usage: grows .*SHR_EDRIVER' null --volatile \
		--set 'fault=usage:1+:garbage'
	check "a process that dies is found" fails_at 3 'create: twice is once .*died in create' null --volatile \
		--set 'fault=create:2:kill'
	check "a call that hangs is found" fails_at 1 'usage: grows .*it hangs: usage did not come back within 2 s' null --volatile \
		--set 'fault=usage:1:hang' --patience 2 --only 'usage: grows*'
	check "a rule that is refused is found" fails_at 3 'nfs: rules by address.*was refused' null --volatile \
		--set 'fault=update_access:*:reject=192.0.2.7'
}

dir()
{
	mkdir -p "$root/existing/sub"
	echo text >"$root/existing/sub/file"
	check "dir passes" passes dir --set root="$root" --pool-set path=pools/p --manage existing --watch "$root"
	check "dir passes, its pool being the root" passes dir --set root="$root" --pool-set path=. --volatile \
		--exporter none --exporter-set prefix=host: --manage "$root/existing" --watch "$root"
	if [ "$(id -u)" = 0 ] && id nobody >/dev/null 2>&1 && command -v setpriv >/dev/null; then
		chmod 755 "$tap_dir"
		mkdir "$root/own"
		chown nobody "$root/own"
		passes_as_nobody() { check_as "$@" >"$tap_dir/kit" || grep -v '^ok' "$tap_dir/kit"; }
		check_as()
		{
			setpriv --reuid=nobody --clear-groups "$tool" --pool p --set root="$root/own" --watch "$root/own" --volatile \
				"$plugins/shr-dir.so"
		}
		check "dir passes without privileges" passes_as_nobody
	else
		skip "dir passes without privileges" "not root, or no setpriv"
	fi
}

tiny()
{
	check "the driver of the page passes" passes tiny --set root="$root" --watch "$root"
	rm -rf "$root"
	check "without its root it cannot be judged" cannot "$plugins/shr-tiny.so" --set root=
}

bad()
{
	check "the bad driver passes while it does nothing wrong" passes bad --set root="$root" --watch "$root" --kills 3
	while IFS='|' read -r status wrong line more; do
		rm -rf "$root"
		mkdir "$root"
		check "found: $wrong" fails_at "$status" "$line" bad --set root="$root" --set wrong="$wrong" --watch "$root" $more
	done <<-END
		3|create-once|create: twice is once|--volatile
		3|ro-is-rw|nfs: rules by address, rw and ro .*taken as ro|--volatile
		3|ends-the-process|delete: what never was .*ended the process|--volatile
		1|half-made-is-lost|killed: create|--only killed:*
		3|create-empties|create: again, and what was written stays|--only create:*
		3|remove-once|delete: what never was|--only delete:*
		3|needs-the-ref|delete: without the ref|--only delete:*
		3|named-by-people|create: any name will do|--only create:*
		1|leaves-names|end: no name is left|--only [de]*:*[!r]
		3|cannot-extend|table: what must be there is .*SHR_CAP_EXTEND|--only table:*
		3|extends-in-words|extend: twice is once, and it is larger .*a look says|--only extend:*
		1|size-not-enforced|size: what is said to be enforced is|--only size:*
		1|shrink-cuts|shrink: below what is in use|--only shrink:*
		1|shrink-accepts|shrink: below what is in use|--only shrink:*
		3|refuses-ro|nfs: rules by address, rw and ro .*ro, was refused|--only nfs:*
		3|rule-unanswered|nfs: rules by address, rw and ro .*no answer|--only nfs:*
		1|rule-unanswered|access: a thousand rules .*no answer|--only access:*
		3|rule-answered-twice|nfs: rules by address, rw and ro .*answered twice|--only nfs:*
		1|rule-answered-twice|access: a thousand rules .*answered twice|--only access:*
		1|unknown-rule-fails|access: rules that never were|--only access:*
		1|rules-stay|look: a rule that was taken away is gone|--only look:*
		1|no-eye-for-levels|look: a rule that is missing or otherwise is seen|--only look:*
		1|looks-blindly|look: what is there|--only look:*
		1|looks-elsewhere|look: what is there|--only look:*
		1|lists-all-but-one|list: each once|--only list:*
		1|lists-from-the-first|list: each once|--only list:*
		1|attaches-anything|attach: the files|--only attach:*
		1|attach-once|attach: the files|--only attach:*
		1|snap-not-attached|attach: the files of a snapshot|--only attach:*snap*
		1|snap-attached-above|attach: the files of a snapshot|--only attach:*snap*
		1|no-lock|host lock: a second process|--only host*
		1|shares-its-scratch|threads: four at once|--only threads:*
		1|moves-the-process|process: what is not|--only process:*
		1|keeps-files-open|process: what is not .*files more are open|--only process:*
		1|blocks-and-is-late|later: that it is not done .*ms to say so|--only later:*said*
		1|needs-its-token|later: the token may be lost|--only later:*
		1|stays-when-told-to-stop|cancelled: each call.*it hangs: create|--patience 2 --only cancelled:*
		1|hangs-at-cancel|cancel: of nothing .*it hangs: cancel|--patience 2 --only cancel:*
		1|crashes-on-ref|garbage: a ref |--only garbage:*
		1|snap-cuts-again|snapshot: twice is once, and what it has stays|--only snapshot:*
		1|snap-loses-its-file|snapshot: twice is once, and what it has stays|--only snapshot:*
		1|snap-remove-once|snapshot: it goes, also late|--only snapshot:*
		1|snap-stays|snapshot: it goes, also late|--only snapshot:*
		1|snap-revert-loses-newer|revert: to any of three, and all|--only revert:*
		1|snap-revert-is-nothing|revert: to any of three, and all|--only revert:*
		1|snap-clone-is-empty|clone: it has what the snapshot has|--only clone:*
		1|snap-unmanage-once|unmanage of a snapshot: what is not there|--only unmanage*
		1|snap-unmanage-drops|manage of a snapshot: twice is once.*not to be found|--only manage*
		1|snap-unmanage-is-nothing|manage of a snapshot: twice is once.*when it was let go|--only manage*
		1|snap-manage-once|manage of a snapshot: twice is once|--only manage*
		1|snap-manage-cuts-again|manage of a snapshot: twice is once.*has not the file|--only manage*
		1|snap-managed-stays|manage of a snapshot: twice is once.*when it was removed|--only manage*
		1|snap-manage-anything|manage of a snapshot: bad sources.*it took over|--only manage*
		1|snap-manage-of-nobody|manage of a snapshot: bad sources.*that is not there|--only manage*
		1|snap-late-remove-takes|unmanage of a snapshot: a late removal|--only unmanage*
		1|snap-manage-half-is-lost|killed: manage of a snapshot|--only killed:*
		1|crashes-on-token|garbage: a token |--only garbage:*
	END
	rm -rf "$root"
	mkdir "$root"
	check "the bad driver's snapshots pass while nothing is wrong with them" passes bad --set root="$root" --watch "$root" \
		--set wrong=snap-nothing --kills 3
	check "a call that answers later can be given up" passes bad --set root="$root" --set wrong=is-late --volatile \
		--only 'cancel: of a call that is running'
}

# ---- what it says, and to whom ----

cannot()
{
	"$tool" "$@" >"$tap_dir/kit" 2>"$tap_dir/words"
	got=$?
	[ $got = 2 ] || { echo "the exit status is $got, and not 2"; cat "$tap_dir/kit"; }
	[ -s "$tap_dir/words" ] || echo "it does not say why"
}
cannot_for()
{
	word=$1
	shift
	cannot "$@"
	grep -q -- "$word" "$tap_dir/words" || cat "$tap_dir/words"
}
json_is_one()
{
	"$tool" --json --volatile "$plugins/shr-null.so" >"$tap_dir/json" || echo "status $?"
	python3 - "$tap_dir/json" <<-'END'
		import json, sys
		t = json.load(open(sys.argv[1]))
		rows = t["rows"]
		count = lambda what: sum(r["result"] == what for r in rows)
		if t["driver"] != "null" or t["protocols"] != "nfs, smb, cephfs" or t["verdict"][:9] != "it meets ":
		    print(t)
		if (count("ok"), count("failed"), count("skipped")) != (t["passed"], t["failed"], t["skipped"]) or t["passed"] < 40:
		    print("its counts are not those of its rows")
		if not [r for r in rows if r["part"] == "minimum" and r["row"] == "create: twice is once"]:
		    print("no row for create")
	END
}
by_configuration()
{
	cat >"$tap_dir/libshare.yaml" <<-END
		plugins: { directories: [ "$plugins" ] }
		backends:
		  - { name: one, driver: "null", pools: [ { name: a, settings: { size: 1TiB } }, { name: b } ] }
		  - { name: two, driver: "null", pools: [ { name: c } ] }
	END
	"$tool" --volatile --config "$tap_dir/libshare.yaml" "$@" --only 'stats:*' >"$tap_dir/kit" || cat "$tap_dir/kit"
}
several_pools()
{
	passes null --volatile --pool q --pool-set p:size=1TiB --pool-set q:size=2TiB --only 'create:*'
}
helps() { "$tool" --help | grep -q '^usage: shr-driver-check' || echo "no help"; }

says()
{
	check "JSON is one object, and says the same" json_is_one
	check "a backend of a configuration" by_configuration --backend two
	check "the first backend of a configuration, another pool" by_configuration --pool b
	check "several pools, with settings of their own" several_pools
	check "it helps" helps
	check "no driver" cannot_for "which driver" --set a=b
	check "a file of another name" cannot_for "shr-NAME.so" /dev/null/x.so
	check "a directory that is not there" cannot_for "no such directory" "$root/none/shr-null.so"
	check "a driver that is not there" cannot_for "shr-nobody" "$plugins/shr-nobody.so"
	check "an unknown setting is named" cannot_for '"colour"' "$plugins/shr-null.so" --set colour=red
	check "a setting without a value" cannot_for "not KEY=VALUE" "$plugins/shr-null.so" --set colour
	check "a setting of a pool that is not there" cannot_for "no --pool names" "$plugins/shr-null.so" --pool-set q:size=1
	check "a backend that is not there" cannot_for 'no backend "three"' --config "$tap_dir/libshare.yaml" --backend three
	check "a pool that is not there" cannot_for 'no pool "z"' --config "$tap_dir/libshare.yaml" --pool z
	check "settings beside a configuration" cannot_for "settings are those" --config "$tap_dir/libshare.yaml" --set a=b
	check "a number that is none" cannot_for "patience" "$plugins/shr-null.so" --patience soon
}

"$2"
tap_end
