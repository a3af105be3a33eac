#!/bin/sh
# tests/run.sh - install what the tests need, build in every way that matters, run all the tests
#
# usage: sh tests/run.sh
# The last line is "N passed, N failed[, N skipped]"; the exit status is 0 when nothing failed.
#
# LIBSHARE_TEST_STAGES   which, in this order: "gcc clang asan tsan valgrind fuzz" (all of them by default)
# LIBSHARE_TEST_MINUTES  no test begins after so many minutes: 60 (two idle cores need about 20)
# LIBSHARE_TEST_LONG     1: the long form of the crash, fault and fuzz tests; give more minutes with it
# LIBSHARE_TEST_JOBS     how many at once: the number of processors
# LIBSHARE_TEST_NOAPT    1: install nothing
# Everything is built under build/.

cd "$(dirname "$0")/.." || exit 99
exec </dev/null
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
unset MAKEFLAGS DESTDIR

stages=${LIBSHARE_TEST_STAGES:-gcc clang asan tsan valgrind fuzz}
minutes=${LIBSHARE_TEST_MINUTES:-60}
jobs=${LIBSHARE_TEST_JOBS:-$(nproc)}
began=$(date +%s)
passed=0
failed=0
skipped=0
folder=
same=
same_wrap=

packages="meson ninja-build gcc g++ clang libclang-rt-dev binutils pkg-config libyaml-dev libsqlite3-dev libssl-dev \
uthash-dev check libsubunit-dev abigail-tools mandoc valgrind libc6-dbg sqlite3 openssl \
nfs-ganesha nfs-ganesha-vfs dbus dbus-bin libdbus-1-dev libnfs-dev libnfs-utils samba samba-common-bin smbclient btrfs-progs libbtrfsutil-dev"

say() { printf '\n== %s (%d s)\n' "$*" $(($(date +%s) - began)); }
have() { command -v "$1" >/dev/null 2>&1; }
installed() { dpkg-query -W -f '${Status} ${Provides}\n' "$1" 2>/dev/null | grep -q 'ok installed'; }

missing_packages()
{
	have dpkg-query || return
	for p in $packages; do
		case $p in
		pkg-config) have pkg-config || echo $p ;;
		libclang-rt-dev) installed $p || ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 || echo $p ;;
		*) installed "$p" || echo "$p" ;;
		esac
	done
}

prepare()
{
	missing=$(missing_packages | tr '\n' ' ')
	[ -n "$missing" ] || return
	if [ "$(id -u)" != 0 ] || [ "${LIBSHARE_TEST_NOAPT:-0}" = 1 ] || ! have apt-get; then
		echo "not installed, and only root can install: $missing"
		echo "what needs it is skipped; as root: apt-get install $missing"
		return
	fi
	say "installing $missing"
	apt-get update -q >build/apt.log 2>&1 || tail -n 5 build/apt.log
	# the tests start servers of their own; those of the packages are not to run because of them
	policy=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		policy=/usr/sbin/policy-rc.d
		trap 'rm -f "$policy"' EXIT
		printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
	fi
	install_packages
	[ -z "$policy" ] || rm -f "$policy"
	trap - EXIT
}

install_packages()
{
	apt-get install -q -y --no-install-recommends $missing >>build/apt.log 2>&1 && return
	# one that is not to be had must not keep the others away
	for p in $missing; do
		apt-get install -q -y --no-install-recommends "$p" >>build/apt.log 2>&1 || echo "could not install $p: see build/apt.log"
	done
}

# The time that is left, in seconds.
left() { echo $((minutes * 60 - ($(date +%s) - began))); }

# A meson log has one test a line. Programs of Check tell how many checks they made, scripts speak TAP; any other test
# counts as one.
count()
{
	awk '
		function number(s) { gsub(/[^0-9]/, "", s); return s + 0 }
		{
			result = "?"
			if (match($0, /"result": "[A-Z]+"/)) result = substr($0, RSTART + 11, RLENGTH - 12)
			p = f = s = 0
			rest = $0
			while (match(rest, /Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/)) {
				split(substr(rest, RSTART, RLENGTH), n, ",")
				bad = number(n[2]) + number(n[3])
				p += number(n[1]) - bad
				f += bad
				rest = substr(rest, RSTART + RLENGTH)
			}
			rest = $0
			while (match(rest, /(\\n|"stdout": ")(not )?ok [0-9]+ - [^\\]*/)) {
				line = substr(rest, RSTART, RLENGTH)
				rest = substr(rest, RSTART + RLENGTH)
				if (line ~ /not ok/) f++
				else if (line ~ /# SKIP/) s++
				else p++
			}
			if (result == "SKIP" && p + f + s == 0) s = 1
			else if (result == "OK" || result == "EXPECTEDFAIL") { if (p + f + s == 0) p = 1 }
			else if (result != "SKIP" && f == 0) f = 1
			P += p; F += f; S += s
		}
		END { print P + 0, F + 0, S + 0 }' "$1"
}

add() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3)); }
stage_failed() { echo "FAILED: $*"; add 0 1 0; }
stage_skipped() { echo "skipped: $*"; add 0 0 1; }

# What of a stage is built: everything, or the programs of the one folder of tests that is named in $folder.
targets()
{
	[ -z "$folder" ] || ninja -C "build/$stage" -t targets all | sed -n "s|^\(tests/$folder/[^/.]*\): c_LINKER.*|\1|p"
}

# build STAGE COMPILER MESON-OPTIONS...: into build/STAGE
build()
{
	stage=$1
	compiler=$2
	shift 2
	say "$stage: building"
	if ! have meson || ! have ninja || ! have "$compiler"; then
		stage_skipped "$stage: meson, ninja or $compiler is not there"
		return 1
	fi
	if ! pkg-config --exists yaml-0.1 sqlite3 libcrypto check; then
		stage_skipped "$stage: the headers of libyaml, SQLite, OpenSSL or Check are not there"
		return 1
	fi
	rm -f "build/$stage/built"
	if [ -f "build/$stage/build.ninja" ]; then
		set -- meson setup --reconfigure "build/$stage" "$@"
	else
		rm -rf "build/$stage"
		set -- meson setup "build/$stage" "$@"
	fi
	if ! CC=$compiler "$@" >"build/$stage.log" 2>&1 ||
		! timeout $(($(left) + 1)) ninja -C "build/$stage" -j "$jobs" -k 0 $(targets) >>"build/$stage.log" 2>&1; then
		grep -E '(error|ERROR):|undefined reference|^FAILED' "build/$stage.log" | head -n 30
		stage_failed "$stage: does not build: build/$stage.log"
		return 1
	fi
	touch "build/$stage/built"
}

# run STAGE LOG MESON-TEST-OPTIONS...
run()
{
	stage=$1
	log=$2
	shift 2
	say "$log: testing"
	if [ "$(left)" -lt 20 ]; then
		stage_failed "$log: the $minutes minutes are over"
		return
	fi
	rm -f "build/$stage/meson-logs/$log".* "build/$stage/meson-logs/$log"-*
	timeout -k 10 "$(left)" $wrap meson test -C "build/$stage" --no-rebuild --num-processes "$jobs" --logbase "$log" \
		--print-errorlogs "$@" >"build/$log.out" 2>&1
	status=$?
	grep -vE '^(ninja: |[ 0-9]+/[0-9]+ .* (OK|SKIP) )|^$|Full log written' "build/$log.out" | tail -n 300
	# a setup's name is put behind that of the log
	told=$(ls "build/$stage/meson-logs/$log.json" "build/$stage/meson-logs/$log-"*.json 2>/dev/null | head -n 1)
	if [ -s "$told" ]; then
		before=$failed
		tally=$(count "$told")
		add $tally
		echo "$log: $tally" | awk '{ print $1 " " $2 " passed, " $3 " failed, " $4 " skipped" }'
		# cut off, or a failure that no line of the log tells
		[ $status = 0 ] || [ $failed != $before ] || stage_failed "$log: exit status $status"
		[ $status != 124 ] || stage_failed "$log: cut off: the $minutes minutes are over"
	elif [ $status != 0 ]; then
		grep -q 'No suitable tests\|No tests defined' "build/$log.out" || stage_failed "$log: exit status $status"
	fi
}

# A sanitizer that does not run on this kernel is no reason to fail; TSan often needs a fixed address space.
sanitizer_wrapper()
{
	mkdir -p build
	echo 'int main(void) { return 0; }' >build/probe.c
	gcc -fsanitize="$1" -o build/probe build/probe.c >/dev/null 2>&1 || return 1
	wrap=
	build/probe >/dev/null 2>&1 && return 0
	wrap="setarch $(uname -m) -R"
	$wrap build/probe >/dev/null 2>&1
}

# What has to do with the tree and not with the program is tested once, in the first stage.
program_only="--no-suite tree --no-suite abi --no-suite man --no-suite install --no-suite plant --no-suite real"

stage_gcc() { build gcc gcc && run gcc gcc --timeout-multiplier 3; }
stage_clang() { build clang clang && run clang clang $program_only --no-suite crash --no-suite fault --no-suite conformance \
	--timeout-multiplier 3; }
# Under a sanitizer gcc warns of paths that are not there; the stages before have made errors of all true warnings.
stage_asan()
{
	sanitizer_wrapper address || { stage_skipped "asan: this compiler or kernel cannot"; return; }
	export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
	export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
	export LIBSHARE_SIM_SEEDS=${LIBSHARE_SIM_SEEDS:-100}
	build asan gcc -Dwerror=false -Db_sanitize=address,undefined -Db_lundef=false && run asan asan $program_only --timeout-multiplier 4
}
stage_tsan()
{
	sanitizer_wrapper thread || { stage_skipped "tsan: this compiler or kernel cannot"; return; }
	export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
	build tsan gcc -Dwerror=false -Db_sanitize=thread -Db_lundef=false &&
		run tsan tsan $program_only --no-suite fault --no-suite crash --no-suite sim --timeout-multiplier 6
}
stage_valgrind()
{
	have valgrind || { stage_skipped "valgrind is not there"; return; }
	[ -f build/gcc/built ] || build gcc gcc || return
	run gcc valgrind --setup valgrind --suite unit
}
stage_fuzz()
{
	[ -f tests/fuzz/meson.build ] || return
	folder=fuzz # nothing else is needed, and everything takes minutes
	build fuzz clang -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false && run fuzz fuzz --suite fuzz
	folder=
}

# The simulator tells the same stories, whoever has compiled it: those of the stages that were built now.
stage_same()
{
	set -- $same
	[ $# -gt 1 ] || return
	say "the simulator's stories by $#: $same"
	if [ "$(left)" -lt 20 ]; then
		stage_failed "same: the $minutes minutes are over"
	elif $same_wrap sh tests/sim/same.sh "$@"; then
		add $(($# - 1)) 0 0
	else
		stage_failed "same: the simulator depends on who has compiled it"
	fi
}

mkdir -p build
prepare
for stage in $stages; do
	wrap=
	case $stage in
	gcc | clang | asan | tsan | valgrind | fuzz) stage_$stage ;;
	*) stage_failed "there is no stage $stage" ;;
	esac
	case $stage in
	gcc | clang | asan)
		case "$same " in
		*" build/$stage "*) ;; # valgrind's is gcc's
		*) [ ! -f "build/$stage/built" ] || same="$same build/$stage" ;;
		esac ;;
	esac
	[ $stage != asan ] || same_wrap=$wrap
	[ $stage != asan ] || unset LIBSHARE_SIM_SEEDS
	unset ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS
done

stage_same
say "done"
[ $((passed + failed)) != 0 ] || stage_failed "nothing was tested"
if [ $skipped = 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ $failed = 0 ]
