#!/bin/sh
# tests/examples/kv_host.sh - the host on its own key-value store makes its share, and its rule is in force
# usage: kv_host.sh PROGRAM
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"

"$1" >"$tap_dir/out" 2>"$tap_dir/err"
code=$?
runs() { [ $code = 0 ] || { echo "it ended with $code"; cat "$tap_dir/err"; }; }
says() { grep -qx "$1" "$tap_dir/out" || { echo "it did not say: $1"; cat "$tap_dir/out"; }; }

check "it runs" runs
check "the share is available" says "share home, available, 10737418240 bytes"
check "the share is exported" says "export null:/.*"
check "the rule is in force" says "rule ip 10.0.0.0/24 rw, active"
check "it complains of nothing" cat "$tap_dir/err"
tap_end
