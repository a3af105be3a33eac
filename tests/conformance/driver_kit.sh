#!/bin/sh
# tests/conformance/driver_kit.sh - the drivers' kit: our drivers pass it, and bad ones do not
# usage: driver_kit.sh KIT null|dir|bad PLUGIN-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
kit=$1 plugins=$3
root=$tap_dir/root
mkdir "$root"

# It says what is wrong, and that alone.
passes()
{
	"$kit" --plugins "$plugins" --pool p "$@" >"$tap_dir/kit" || { grep -v '^ok' "$tap_dir/kit"; return 1; }
}
fails_at()
{
	line=$1
	shift
	if "$kit" --plugins "$plugins" --pool p --kills 3 "$@" >"$tap_dir/kit"; then
		echo "the kit found nothing wrong"
	else
		grep -q "^FAIL  $line" "$tap_dir/kit" || cat "$tap_dir/kit"
	fi
}

null()
{
	check "null passes, with a state that survives" passes --driver null --set state="$root/state" --set used=3MiB \
		--set-pool size=10TiB --manage vol@3GiB --watch "$root"
	check "null passes, in memory" passes --driver null --no-kill --manage vol
	check "null passes behind an exporter" passes --driver null --no-kill --exporter none --manage vol
	check "null passes, late and again and again" passes --driver null --no-kill --set 'fault=create:*:pending=2x1ms' \
		--set 'fault=remove:*:pending=1x1ms' --set 'fault=usage:*:late=1ms' --manage vol
	check "a fault by order is found" fails_at 'create: twice is once .*fault: create call 1 fails' \
		--driver null --no-kill --set 'fault=create:1:fail'
	check "a fault after the work is found" fails_at 'remove: twice is once .*fails after it was done' \
		--driver null --no-kill --set 'fault=remove:4:fail-after'
	check "a revert that fails is found" fails_at 'revert: to any snapshot, and all stay .*fault: revert call 3 fails' \
		--driver null --no-kill --set 'fault=revert:3:fail'
	check "a snapshot that does not go is found" fails_at 'snapshot: removed, there or not .*snapshot_remove call 5' \
		--driver null --no-kill --set 'fault=snapshot_remove:5:fail'
	check "garbage is found" fails_at 'create: twice is once .*SHR_EDRIVER' --driver null --no-kill \
		--set 'fault=create:2:garbage'
	check "an answer that is no code is found" fails_at 'usage: grows .*SHR_EDRIVER' --driver null --no-kill \
		--set 'fault=usage:1+:garbage'
}

dir()
{
	mkdir -p "$root/existing/sub"
	echo text >"$root/existing/sub/file"
	check "dir passes" passes --driver dir --set root="$root" --set-pool path=pools/p --exporter none \
		--manage existing --watch "$root"
	check "dir passes, its pool being the root" passes --driver dir --set root="$root" --set-pool path=. --no-kill \
		--exporter none --set-exporter prefix=host: --manage "$root/existing" --watch "$root"
	if [ "$(id -u)" = 0 ] && id nobody >/dev/null 2>&1 && command -v setpriv >/dev/null; then
		chmod 755 "$tap_dir"
		mkdir "$root/own"
		chown nobody "$root/own"
		passes_as_nobody() { kit_as "$@" >"$tap_dir/kit" || grep -v '^ok' "$tap_dir/kit"; }
		kit_as()
		{
			setpriv --reuid=nobody --clear-groups "$kit" --plugins "$plugins" --pool p --driver dir \
				--set root="$root/own" --exporter none --watch "$root/own" --no-kill
		}
		check "dir passes without privileges" passes_as_nobody
	else
		skip "dir passes without privileges" "not root, or no setpriv"
	fi
}

bad()
{
	check "the bad driver passes while it does nothing wrong" passes --driver bad --set root="$root" --watch "$root" --kills 3
	while IFS='|' read -r wrong line more; do
		rm -rf "$root"
		mkdir "$root"
		check "found: $wrong" fails_at "$line" --driver bad --set root="$root" --set wrong="$wrong" --watch "$root" $more
	done <<-END
		create-once|create: twice is once|--no-kill
		create-empties|create: again, and what was written stays|--no-kill
		half-made-is-lost|killed: create
		remove-once|remove: what never was|--no-kill
		needs-the-ref|remove: without the ref|--no-kill
		named-by-people|create: any name will do|--no-kill
		leaves-names|end: no name is left|--no-kill
		size-not-enforced|size: what is said to be enforced is|--no-kill
		shrink-cuts|resize: below what is in use|--no-kill
		shrink-accepts|resize: below what is in use|--no-kill
		no-lock|host lock: a second process|--no-kill
		unknown-rule-fails|access: rules that never were|--no-kill
		rule-unanswered|access: a thousand rules|--no-kill
		looks-blindly|look: what is there|--no-kill
		looks-elsewhere|look: what is there|--no-kill
		lists-all-but-one|list: each once|--no-kill
		lists-from-the-first|list: each once|--no-kill
		attaches-anything|attach: the files|--no-kill
		attach-once|attach: the files|--no-kill
	END
}

"$2"
tap_end
