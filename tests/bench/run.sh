#!/bin/sh
# tests/bench/run.sh - run all benchmarks on this machine's disk and print their figures
# usage: run.sh [BUILD-DIRECTORY [quick]]; BENCH_DIR: the directory whose file system holds the stores (default: that one)
build=${1:-build}
build=$(cd "$build" && pwd) || exit 2
LIBSHARE_PLUGINDIR=$build/backends
BENCH_DIR=${BENCH_DIR:-$build}
export LIBSHARE_PLUGINDIR BENCH_DIR
ninja -C "$build" >/dev/null || exit 2

quick=
[ "$2" = quick ] && quick=yes
bench() { name=$1; shift; "$build/tests/bench/bench_$name" "$@" || echo "bench_$name failed"; }

echo "# $(uname -sr), $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg), $(stat -f -c %T "$BENCH_DIR")"
echo "## create to available, null driver, SQLite with synchronous=FULL"
bench create ${quick:+n=160 rounds=3}
echo "## several processes on one file, 8 callers each"
bench procs ${quick:+ms=300 rounds=1}
echo "## create to available, snapshot and revert on btrfs"
if [ "$(id -u)" = 0 ] && [ -x "$build/tests/bench/bench_btrfs" ]; then
	clones=${quick:+1} sh "$(dirname "$0")/btrfs.sh" "$build" ${quick:+n=80 rounds=1}
else
	echo "skipped: not root, or built without libbtrfsutil"
fi
echo "## a share of 10,000 files from a snapshot, dir"
bench clone ${quick:+n=1000 rounds=1}
echo "## rules"
bench rules ${quick:+rounds=11}
echo "## lists"
bench lists ${quick:+shares=10000 rounds=11}
echo "## the simulator: model store, engines, checks and story together"
n=${quick:+60}
"$build/tests/sim/sim" -n 1 "${n:-1000}" | awk '
	/ seeds, .* failed: / { print }
	/a second of CPU/ { printf "%d accepted operations a second of processor time (goal: 20,000), %d seeds a minute\n", $5, $8 * 60 }
	/^(seed|replay)/'
echo "## memory and size"
bench memory ${quick:+n=200}
lib=$(readlink -f "$build/lib/libshare.so")
strip -o "$build/bench-stripped" "$lib" && size "$build/bench-stripped" | awk -v bytes="$(stat -c %s "$build/bench-stripped")" '
	NR == 2 { printf "libshare.so, stripped: %d KiB (code and constants %d, data %d)\n", bytes / 1024, $1 / 1024, ($2 + $3) / 1024 }'
rm -f "$build/bench-stripped"
