#!/bin/sh
# tests/sim/same.sh - builds by several compilers and sanitizers tell the same stories, byte for byte
# usage: same.sh BUILD-DIRECTORY BUILD-DIRECTORY...
first=$1
shift
for seed in 1 2 3 11278 5:300:0xff; do
	want=$("$first/tests/sim/sim" -t $seed | sed '/^replay/d' | cksum)
	for build; do
		got=$("$build/tests/sim/sim" -t $seed | sed '/^replay/d' | cksum)
		[ "$got" = "$want" ] || { echo "seed $seed: $build tells another story than $first"; exit 1; }
	done
done
echo "the same stories"
