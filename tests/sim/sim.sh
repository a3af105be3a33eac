#!/bin/sh
# tests/sim/sim.sh - the simulator's own promises: it replays exactly, and refuses what it does not understand
# usage: sim.sh SIM
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
sim=$1
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

refused()
{
	what=$1
	shift
	"$sim" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ $status = 2 ] || echo "$*: exit status $status, not 2"
	grep -q "$what" "$tmp/err" || { echo "$*: nothing about \"$what\":"; cat "$tmp/err"; }
}

same_story_twice()
{
	for seed in 3 77 1234:200 5:300:0xff; do
		"$sim" -t $seed >"$tmp/one" && "$sim" -t $seed >"$tmp/two" || echo "seed $seed fails"
		cmp "$tmp/one" "$tmp/two"
		[ "$(wc -l <"$tmp/one")" -gt 200 ] || echo "seed $seed has no story"
	done
}

the_story_tells()
{
	"$sim" -t 77 >"$tmp/story"
	for word in 'a caller wants' 'accepted: operation' 'belongs to' 'succeeded' 'creating -> available' 'faults stop'; do
		grep -q "$word" "$tmp/story" || echo "the story of seed 77 never says \"$word\""
	done
	sed '$d' "$tmp/story" | grep -vE '^ *[0-9]+\.[0-9]{9} ' | head -n 3
}

bad_arguments()
{
	for bad in x -1 1x 1: 1:0 1:x 1:5: 1:5:3 1:5:0x 1:5:0xfffffff 1:5:0x1:2 99999999999999999999 ''; do
		refused 'SEED' "$bad"
	done
	refused 'usage' -z 1
	refused 'usage' 1 2
	refused 'usage' -n 1
	refused 'usage' -n 1 x
	refused '"x" was not expected' -n 1 x
	refused '"y" was not expected' -n 1 2 y
	refused '"0" was not expected' -n 1 2 0
	refused '"more" was not expected' -n 1 2 3 more
	refused '"0" was not expected' -h 0
	refused 'usage' -h
	refused 'usage' -f
	refused 'usage' -p
	refused '"-t" was not expected' 5 -t
}

bad_files()
{
	refused 'No such file' -f "$tmp/none"
	printf '# fine\n12\n12:x\n' >"$tmp/seeds"
	refused 'seeds:3: "12:x" is not SEED' -f "$tmp/seeds"
	printf '1 2\n' >"$tmp/seeds"
	refused 'seeds:1: ' -f "$tmp/seeds"
	printf '1\n2:5:0xfffffff\n' >"$tmp/seeds"
	refused 'seeds:2: .*at most 0x[0-9a-f]*' -f "$tmp/seeds"
	{ printf '# %0400d 77\n' 1; echo 12:x; } >"$tmp/seeds"
	refused 'seeds:2: "12:x"' -f "$tmp/seeds"
	printf '# nothing\n\n' >"$tmp/seeds"
	refused 'no seed is in it; a line of it is SEED' -f "$tmp/seeds"
	refused 'directory' -f "$tmp"
}

bad_environment()
{
	LIBSHARE_SIM_SEEDS=many "$sim" -h 1 >"$tmp/out" 2>"$tmp/err"
	[ $? = 2 ] || echo "it ran"
	grep -q 'a number of seeds' "$tmp/err" || cat "$tmp/err"
}

old_seeds() { "$sim" -f "$here/seeds" >"$tmp/out" || cat "$tmp/out"; }

check "the same seed twice is the same story" same_story_twice
check "the story says who did what, and when" the_story_tells
check "an argument that is none is refused with what was expected" bad_arguments
check "a file with a line that is none is refused before anything runs" bad_files
check "a number of seeds that is none is refused" bad_environment
check "seeds that found a bug once find it no more" old_seeds
tap_end
