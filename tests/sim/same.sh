#!/bin/sh
# tests/sim/same.sh - builds by several compilers and sanitizers tell the same stories, byte for byte
# usage: same.sh BUILD-DIRECTORY BUILD-DIRECTORY...
# Digests of many seeds, and whole stories of a few; a seed has the same digest with and without its story. What differs is
# printed, and the exit status is 0 when nothing does.
[ $# -gt 1 ] || { echo "usage: $0 BUILD-DIRECTORY BUILD-DIRECTORY..." >&2; exit 2; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/libshare-same.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
stories='3 77 50:200 5:300:0xff'

# The line with the digest of each seed, and the sums of the stories. What names the program is left out.
tell()
{
	for seed in $stories 1 2 4 6 7 8 9 10 29 41 86 100 11278 70140; do
		"$1/tests/sim/sim" $seed 2>&1 | sed '/^replay/d'
	done
	for seed in $stories; do
		"$1/tests/sim/sim" -t $seed >"$tmp/story" 2>&1
		echo "story of $seed: $(sed '/^replay/d' "$tmp/story" | cksum)"
		sed -n '/^replay/d; $p' "$tmp/story"
	done
}

differ=0
first=
for build; do
	tell "$build" >"$tmp/told"
	if [ -z "$first" ]; then
		first=$build
		cp "$tmp/told" "$tmp/first"
		# the digest is of the story, told or not
		for seed in $stories; do
			[ "$(grep -c "^seed ${seed%%:*}: .*digest" "$tmp/told")" = 2 ] &&
				[ "$(grep "^seed ${seed%%:*}: .*digest" "$tmp/told" | sort -u | wc -l)" = 1 ] ||
				{ echo "$first: seed $seed has another digest when its story is told"; differ=1; }
		done
	elif ! cmp -s "$tmp/first" "$tmp/told"; then
		echo "$build tells other stories than $first:"
		diff "$tmp/first" "$tmp/told" | head -n 10
		differ=1
	fi
done
exit $differ
