# tests/tree/tap.sh - sourced by the tests that are scripts: they speak TAP
#
# check NAME COMMAND...   one test: it passes when the command succeeds and has printed nothing on stdout; what it
#                         printed is the reason why it failed
# skip NAME WHY           one test that cannot be done here
# tap_end                 the plan; the last thing a script does

tap_n=0
tap_failed=0
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/libshare-tap.XXXXXX") || exit 99
trap 'rm -rf "$tap_dir"' EXIT
trap 'exit 130' INT TERM

check()
{
	tap_name=$1
	shift
	tap_n=$((tap_n + 1))
	if "$@" >"$tap_dir/said" 2>"$tap_dir/noise" </dev/null && [ ! -s "$tap_dir/said" ]; then
		echo "ok $tap_n - $tap_name"
		return 0
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_n - $tap_name"
	# on stderr: meson shows that of a test that failed
	cat "$tap_dir/said" "$tap_dir/noise" | head -n 100 | sed 's/^/# /' >&2
	return 0
}

skip()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

tap_end()
{
	echo "1..$tap_n"
	[ "$tap_failed" = 0 ]
}
