#!/bin/sh
# examples/quickstart.sh - from a fresh clone to a share with data in it, in one go
#
# usage: sh examples/quickstart.sh
# Installs what the build needs (only as root, only what is missing, with apt-get), builds into build/quickstart, and
# does the main job: every command is printed before it is run. As root on a machine with btrfs it works on a btrfs file
# system in a file, behind an NFS-Ganesha of its own with a real NFS client (quickstart_nfs.sh); otherwise on a real
# directory. Nothing is installed of libshare itself, and what was made is removed at the end.
#
# QUICKSTART_DIR    make the shares below this directory instead of a temporary one
# QUICKSTART_JOB    dir or nfs: that job, and no other (by default nfs where it can be done, else dir)
# QUICKSTART_KEEP   1: leave everything in place to play with
# QUICKSTART_BUILD  use this build directory as it is

set -eu
umask 022 # plugins that others may write are not loaded
here=$(cd "$(dirname "$0")/.." && pwd -P)
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
fail() { printf '\nquickstart: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
# Show the command as one would type it, then do it.
run() { printf '\n$ %s\n' "$*"; "$@"; }

# ---- what the build needs ----

# One need a line: what finds it, and the package that has it on Debian.
needs='tool meson meson
tool ninja ninja-build
tool cc gcc
tool pkg-config pkg-config
library yaml-0.1 libyaml-dev
library sqlite3 libsqlite3-dev
library libcrypto libssl-dev
header uthash.h uthash-dev'

missing()
{
	echo "$needs" | while read -r kind name package; do
		case $kind in
		tool) have "$name" || echo "$package" ;;
		library) have pkg-config && pkg-config --exists "$name" || echo "$package" ;;
		header) echo "#include <$name>" | cc -E - >/dev/null 2>&1 || echo "$package" ;;
		esac
	done | tr '\n' ' '
	have cc && ! echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 && echo libc6-dev
	return 0
}

install_needs()
{
	packages=$(missing)
	if [ -z "$packages" ]; then
		note "everything that the build needs is here"
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		fail "missing: $packages
  Only root can install them. Either run this once as root, or have an administrator run:
  apt-get install --no-install-recommends $packages"
	fi
	have apt-get || fail "missing: $packages, and there is no apt-get here to install them with"
	note "installing with apt-get, because they are missing: $packages"
	log=$(mktemp)
	# shellcheck disable=SC2086
	if ! { apt-get update -q && apt-get install -q -y --no-install-recommends $packages libc6-dev; } </dev/null >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		fail "apt-get could not install them"
	fi
	rm -f "$log"
	packages=$(missing)
	[ -z "$packages" ] || fail "still missing after apt-get: $packages"
}

# ---- building ----

choose_build()
{
	build=$here/build/quickstart
	if ! mkdir -p "$build" 2>/dev/null || [ ! -w "$build" ]; then
		build=$work/build
		note "this tree cannot be written to by $(id -un): building in $build"
	else
		note "building in $build, so that a second run is fast"
	fi
}

build_it()
{
	if [ -n "${QUICKSTART_BUILD:-}" ]; then
		build=$(cd "$QUICKSTART_BUILD" && pwd -P)
		note "using the build in $build, as QUICKSTART_BUILD says"
		return
	fi
	choose_build
	log=$work/build.log
	if [ ! -f "$build/build.ninja" ]; then
		meson setup -Dtests=false "$build" "$here" >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "meson setup failed"; }
	fi
	ninja -C "$build" >"$log" 2>&1 || { tail -n 30 "$log" >&2; fail "the build failed"; }
}

# The build tree is used as it is: nothing has to be installed to try it.
use_build()
{
	PATH=$build/examples/sharectl:$PATH
	LIBSHARE_PLUGINDIR=$build/backends
	export PATH LIBSHARE_PLUGINDIR
	note "sharectl is $build/examples/sharectl/sharectl"
	note "plugins are in $LIBSHARE_PLUGINDIR (LIBSHARE_PLUGINDIR), because libshare is not installed"
	run sharectl --version
}

# ---- the main job, on the driver dir ----

# Where the first export of a share is: what a program reads, it reads as JSON.
export_of() { sharectl share show "$1" --json | sed -n 's/.*"exports":\[{"path":"\([^"]*\)".*/\1/p'; }

job_dir()
{
	root=$1
	LIBSHARE_CONFIG=$work/libshare.yaml
	export LIBSHARE_CONFIG
	say "a directory becomes a backend"
	note "driver dir: it works on any file system and for any user, root or not ($(id -un) here)"
	note "exporter none: a host that serves the directory by itself reads the rules from libshare"
	note "LIBSHARE_CONFIG=$LIBSHARE_CONFIG, so that the commands below need no --config"
	run sharectl init --root "$root"
	if sharectl pool list --json | grep -q '"size_enforced"'; then
		note "sizes are enforced: this file system has project quotas that this user may set"
	else
		note "sizes are promises, not walls: this file system has no project quotas that this user may set"
	fi

	say "a share, with rules from the first moment"
	run sharectl share create home 64MiB --allow 10.0.0.0/24 --allow 10.0.1.0/24=ro --meta owner=ann
	where=$(export_of home)
	[ -d "$where" ] || fail "the share's directory $where is not there"

	say "data in it"
	printf '\n$ head -c 8388608 /dev/urandom >%s/data\n' "$where"
	head -c 8388608 /dev/urandom >"$where/data"
	before=$(cksum <"$where/data")
	run ls -l "$where"

	say "more room, while it is in use"
	run sharectl share extend home +64MiB
	[ "$(cksum <"$where/data")" = "$before" ] || fail "the data changed"
	note "the data is what it was: cksum $before"

	say "many rules at once: all are taken, or none"
	cat >"$work/rules" <<-END
		# verb type who          level and more
		allow  ip   10.2.0.0/16  ro
		allow  ip   fd00:2::/64  rw priority=10 meta.rack=b7
		set    ip   10.0.1.0/24  rw squash=root
		deny   ip   10.0.0.0/24
	END
	run cat "$work/rules"
	run sharectl access apply home "$work/rules"
	run sharectl access list home

	say "what is wrong is told, with what to do; nothing changes"
	printf '\n$ sharectl access allow home 10.3.0.1/16\n'
	sharectl access allow home 10.3.0.1/16 2>&1 && fail "a prefix with host bits was taken"
	note "exit status 2; sharectl(1) lists them"

	say "what happened: operations outlive every crash, events are the audit trail"
	run sharectl op list
	run sharectl event list

	say "the end"
	run sharectl share delete home
	[ ! -e "$where" ] || fail "$where is still there"
	run sharectl store check --full
}

# ---- all of it ----

made_root=0
clean_up()
{
	status=$?
	trap - EXIT
	[ -z "${nfs:-}" ] || nfs_clean_up
	if [ "${QUICKSTART_KEEP:-0}" = 1 ]; then
		note "left in place: $work${QUICKSTART_DIR:+ and $QUICKSTART_DIR}"
	else
		rm -rf "$work"
		[ "$made_root" = 0 ] || rm -rf "$QUICKSTART_DIR/quickstart.$$"
	fi
	exit $status
}

work=$(mktemp -d "${TMPDIR:-/tmp}/libshare-quickstart.XXXXXX")
work=$(cd "$work" && pwd -P)
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

. "$here/examples/quickstart_nfs.sh"
choose_job()
{
	job=${QUICKSTART_JOB:-nfs}
	case $job in
	dir) note "a real directory, as QUICKSTART_JOB says" ;;
	nfs)
		if nfs_possible; then
			note "btrfs in a file, behind NFS-Ganesha, with a real NFS client: this is root, and all of it is here"
		elif [ -n "${QUICKSTART_JOB:-}" ]; then
			fail "QUICKSTART_JOB=nfs cannot be done: $nfs_why"
		else
			job=dir
			note "a real directory; not btrfs behind an NFS server, because $nfs_why"
		fi ;;
	*) fail "QUICKSTART_JOB=$job: dir or nfs is wanted" ;;
	esac
}

say "what the build needs"
[ -n "${QUICKSTART_BUILD:-}" ] || install_needs
say "which job"
choose_job
say "building libshare"
build_it
use_build
if [ "$job" = nfs ]; then
	job_nfs
elif [ -n "${QUICKSTART_DIR:-}" ]; then
	mkdir -p "$QUICKSTART_DIR/quickstart.$$"
	made_root=1
	place=$(cd "$QUICKSTART_DIR/quickstart.$$" && pwd -P)
	note "shares go to $place, below QUICKSTART_DIR"
	job_dir "$place"
else
	note "shares go to $work/shares, a temporary directory; QUICKSTART_DIR=DIR puts them elsewhere"
	job_dir "$work/shares"
fi
say "done: a share was made, filled, extended, opened to clients and deleted"
note "next: man/sharectl.1, man/libshare.3, examples/minimal.c"
