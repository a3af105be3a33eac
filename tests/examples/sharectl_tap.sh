# tests/examples/sharectl_tap.sh - sourced by the tests of sharectl: a tool, a place, and what it should answer
#
# ctl ARGUMENT...            run the tool on the configuration of the test; answers in $tap_dir/out and err
# ends STATUS ARGUMENT...    it ends with that
# says PATTERN               its answer has a line like this (grep -E)
# tells PATTERN              the same for what it told on stderr

. "$(dirname "$0")/../tree/tap.sh"
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
program=$(absolute "$1")
json_lines=$(absolute "$2")
config=$tap_dir/conf.yaml
unset LIBSHARE_CONFIG
umask 022
chmod 755 "$tap_dir"
export LC_ALL=C.UTF-8

ctl() { "$program" --config "$config" "$@" >"$tap_dir/out" 2>"$tap_dir/err"; }
dump() { sed 's/^/out: /' "$tap_dir/out"; sed 's/^/err: /' "$tap_dir/err"; }
ends()
{
	ends_want=$1
	shift
	ctl "$@"
	ends_got=$?
	[ "$ends_got" = "$ends_want" ] || { echo "sharectl $*: ended with $ends_got, not $ends_want"; dump; return 1; }
}
says() { grep -qE -- "$1" "$tap_dir/out" || { echo "does not say: $1"; dump; return 1; }; }
silent_of() { ! grep -E -- "$1" "$tap_dir/out"; }
tells() { grep -qE -- "$1" "$tap_dir/err" || { echo "does not tell: $1"; dump; return 1; }; }
field() { awk -v name="$1" '$1 == name { sub(/^[^ ]+ +/, ""); print; exit }' "$tap_dir/out"; }
objects() { "$json_lines" "$1" <"$tap_dir/out"; }

# A configuration with the driver null, whose faults are the arguments.
null_config()
{
	{
		echo "store: { path: $tap_dir/null.db }"
		echo "backends:"
		echo "  - name: n"
		echo "    driver: null"
		echo "    settings: { state: $tap_dir/null.state$(for f in "$@"; do printf ', fault: "%s"' "$f"; done) }"
		echo "    pools: [ { name: p, capacity: 1TiB } ]"
	} >"$config"
}
