#!/bin/sh
# tests/examples/minimal.sh - the smallest host prints where its share can be mounted, in memory and by a configuration
# usage: minimal.sh PROGRAM
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"

program=$1
quiet() { [ ! -s "$tap_dir/err" ] || cat "$tap_dir/err"; }
in_memory()
{
	"$program" >"$tap_dir/out" 2>"$tap_dir/err" || echo "it ended with $?"
	grep -qx 'null:/.*' "$tap_dir/out" || { echo "no mount location:"; cat "$tap_dir/out"; }
	quiet
}
by_configuration()
{
	mkdir "$tap_dir/shares"
	chmod 755 "$tap_dir" "$tap_dir/shares"
	cat >"$tap_dir/conf.yaml" <<-END
	store: { path: store.db }
	backends:
	  - name: b
	    driver: dir
	    exporter: none
	    settings: { root: $tap_dir/shares }
	    pools: [ { name: p, settings: { path: . } } ]
	END
	"$program" "$tap_dir/conf.yaml" >"$tap_dir/out" 2>"$tap_dir/err" || echo "it ended with $?"
	[ -d "$(head -n 1 "$tap_dir/out")" ] || { echo "no directory at the mount location:"; cat "$tap_dir/out"; }
	quiet
}
again()
{
	"$program" "$tap_dir/conf.yaml" >"$tap_dir/out2" || echo "it ended with $?"
	! cmp -s "$tap_dir/out" "$tap_dir/out2"
}
mistakes()
{
	echo 'backends: 7' >"$tap_dir/bad.yaml"
	"$program" "$tap_dir/bad.yaml" >/dev/null 2>"$tap_dir/err" && echo "it succeeded"
	grep -q '^SHR_EINVAL: ' "$tap_dir/err" || cat "$tap_dir/err"
}

check "a share in memory has a mount location" in_memory
check "a share of a configuration is a directory" by_configuration
check "a second run makes a second share" again
check "a wrong configuration is told" mistakes
tap_end
