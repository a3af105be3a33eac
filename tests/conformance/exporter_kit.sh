#!/bin/sh
# tests/conformance/exporter_kit.sh - the exporters' kit: an exporter passes it
# usage: exporter_kit.sh KIT PLUGIN [KIT-OPTIONS...]
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
kit=$1 plugin=$2
shift 2
mkdir "$tap_dir/root"

passes()
{
	"$kit" --plugin "$plugin" --root "$tap_dir/root" "$@" >"$tap_dir/kit" || { grep -v '^ok' "$tap_dir/kit"; return 1; }
}
nothing_left() { ls -A "$tap_dir/root"; }

check "$(basename "$plugin" .so) passes" passes "$@"
check "what was exported lies there no more" nothing_left
tap_end
