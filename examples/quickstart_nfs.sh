# examples/quickstart_nfs.sh - the quickstart's job on btrfs and NFS-Ganesha; read by quickstart.sh, whose functions it uses
#
# A btrfs file system in a file, a private D-Bus, a private NFS-Ganesha on a free port of the loopback, and libnfs's tools as the
# client. All of it lies in the quickstart's own directory and is taken away at the end.

nfs_needs='tool mkfs.btrfs btrfs-progs
tool dbus-daemon dbus-daemon
tool ganesha.nfsd nfs-ganesha
tool nfs-cp libnfs-utils
file /usr/lib/*/ganesha/libfsalvfs.so nfs-ganesha-vfs
library libbtrfsutil libbtrfsutil-dev
library dbus-1 libdbus-1-dev'

nfs_missing()
{
	echo "$nfs_needs" | while read -r kind name package; do
		case $kind in
		tool) have "$name" || echo "$package" ;;
		file) ls $name >/dev/null 2>&1 || echo "$package" ;;
		library) have pkg-config && pkg-config --exists "$name" || echo "$package" ;;
		esac
	done | tr '\n' ' '
}

# A package that has a server in it must not start one: only root's policy can say that to Debian.
install_quietly()
{
	policy=/usr/sbin/policy-rc.d
	made_policy=0
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made_policy=1
	fi
	status=0
	# shellcheck disable=SC2086
	apt-get install -q -y --no-install-recommends $1 </dev/null >"$work/apt.log" 2>&1 || {
		apt-get update -q </dev/null >"$work/apt.log" 2>&1
		# shellcheck disable=SC2086
		apt-get install -q -y --no-install-recommends $1 </dev/null >"$work/apt.log" 2>&1 || status=$?
	}
	[ $made_policy = 0 ] || rm -f $policy
	return $status
}

# Can this machine do it? If not, nfs_why says why.
nfs_possible()
{
	nfs_why=
	if [ -n "${QUICKSTART_DIR:-}" ]; then
		nfs_why="QUICKSTART_DIR asks for a directory"
	elif [ "$(id -u)" != 0 ]; then
		nfs_why="only root can mount a file system and serve it"
	elif ! grep -qw btrfs /proc/filesystems && ! modprobe btrfs 2>/dev/null; then
		nfs_why="this kernel has no btrfs"
	elif ! losetup -f >/dev/null 2>&1; then
		nfs_why="there is no loop device to be had"
	elif [ -n "$(nfs_missing)" ] && ! have apt-get; then
		nfs_why="missing: $(nfs_missing)"
	elif packages=$(nfs_missing) && [ -n "$packages" ]; then
		note "installing with apt-get, because they are missing (their servers are not started): $packages"
		install_quietly "$packages" || nfs_why="apt-get could not install $packages"
	fi
	[ -z "$nfs_why" ]
}

# What was made, from the last to the first.
nfs_clean_up()
{
	for pid in ${ganesha_pid:-} ${dbus_pid:-}; do
		kill "$pid" 2>/dev/null || continue
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.3
		done
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		awk -v dir="$work/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | while read -r dir; do
			umount "$dir" 2>/dev/null || :
		done
		grep -q " $work/" /proc/mounts || break
		sleep 0.5
	done
	[ -z "${loop:-}" ] || losetup -d "$loop" || :
}

# A port that nobody listens on, from /proc: sl local_address ... in hexadecimal.
free_port()
{
	port=$((20000 + $$ % 20000))
	while grep -qi ":$(printf %04X "$port") " /proc/net/tcp /proc/net/tcp6; do port=$((port + 1)); done
	echo "$port"
}

nfs_start()
{
	nfs=$work/nfs
	mkdir -p "$nfs/pool" "$nfs/exports" "$nfs/recovery"
	say "a btrfs file system in a file, and a private NFS server"
	run truncate -s 1G "$nfs/image"
	run mkfs.btrfs -q "$nfs/image"
	loop=$(losetup -f --show "$nfs/image") || fail "there is no loop device to be had"
	run mount -t btrfs -o noatime "$loop" "$nfs/pool"
	cat >"$nfs/bus.conf" <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig><type>system</type><listen>unix:path=$nfs/bus</listen><auth>EXTERNAL</auth>
		<policy context="default"><allow user="root"/><allow own="*"/><allow send_destination="*"/>
		<allow receive_sender="*"/></policy></busconfig>
	END
	dbus-daemon --config-file="$nfs/bus.conf" --nofork --nopidfile >"$nfs/bus.log" 2>&1 </dev/null &
	dbus_pid=$!
	port=$(free_port)
	cat >"$nfs/ganesha.conf" <<-END
		NFS_CORE_PARAM { Bind_addr = 127.0.0.1; NFS_Port = $port; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false;
			Enable_UDP = false; }
		NFSv4 { Graceless = true; RecoveryRoot = "$nfs/recovery"; Only_Numeric_Owners = true; }
		NFS_KRB5 { Active_krb5 = false; }
	END
	for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S "$nfs/bus" ] && break; sleep 0.2; done
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$nfs/bus ganesha.nfsd -F -f "$nfs/ganesha.conf" -L "$nfs/ganesha.log" \
		-p "$nfs/ganesha.pid" </dev/null >/dev/null 2>&1 &
	ganesha_pid=$!
	note "NFS-Ganesha listens on 127.0.0.1 port $port; libnfs's nfs-cp, nfs-ls and nfs-cat are the clients"
}

nfs_configure()
{
	LIBSHARE_CONFIG=$work/libshare.yaml
	export LIBSHARE_CONFIG
	quota=simple
	if ! uname -r | awk -F'[.-]' '{ exit !($1 > 6 || $1 == 6 && $2 >= 7) }'; then
		quota=full
		note "full quota groups, for simple quotas need Linux 6.7, and this is $(uname -r)"
	fi
	cat >"$LIBSHARE_CONFIG" <<-END
		store: { path: $work/libshare.db }
		backends:
		  - name: fast
		    driver: btrfs
		    settings: { quota: $quota }
		    exporter:
		      name: ganesha
		      settings: { directory: $nfs/exports, address: 127.0.0.1, bus: "unix:path=$nfs/bus", squash: none }
		    pools:
		      - { name: pool, settings: { path: $nfs/pool } }
	END
	run cat "$LIBSHARE_CONFIG"
	run sharectl init
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		sharectl pool list --json 2>/dev/null | grep -q '"state":"up"' && break
		sleep 0.5
	done
	run sharectl pool list
}

# How a client names a file of the share.
nfs_url() { echo "nfs://127.0.0.1${where#127.0.0.1:}/$1?version=4&nfsport=$port"; }

must_fail()
{
	printf '\n$ %s\n' "$*"
	if "$@" >"$work/out" 2>&1; then
		fail "that should have been refused"
	fi
	head -n 1 "$work/out" | sed 's/^/   refused: /'
}

job_nfs()
{
	nfs_start
	nfs_configure

	say "a share, and a client that may write"
	run sharectl share create home 64MiB --allow 127.0.0.1
	where=$(export_of home)
	printf 'written by an NFS client on %s\n' "$(date -u +%F)" >"$work/letter"
	run nfs-cp "$work/letter" "$(nfs_url letter)"
	run nfs-cat "$(nfs_url letter)"
	[ "$(nfs-cat "$(nfs_url letter)")" = "$(cat "$work/letter")" ] || fail "what was read is not what was written"

	say "who can mount it, and how"
	run sharectl access explain home 127.0.0.1
	printf '\n$ sharectl access explain home 10.9.9.9\n'
	sharectl access explain home 10.9.9.9 || note "exit status $?: sharectl(1) lists them"

	say "read only now: the next write is refused, on a live mount too"
	printf 'set ip 127.0.0.1 ro\n' >"$work/rules"
	run sharectl access apply home "$work/rules"
	must_fail nfs-cp "$work/letter" "$(nfs_url second)"
	run nfs-cat "$(nfs_url letter)"

	say "denied: it cannot be mounted"
	printf 'deny ip 127.0.0.1\n' >"$work/rules"
	run sharectl access apply home "$work/rules"
	must_fail nfs-cat "$(nfs_url letter)"

	say "the size is a wall, and it moves; data is never cut off"
	run sharectl share extend home +64MiB
	head -c 8388608 /dev/urandom >"$(echo "$nfs"/pool/*/head)/data"
	must_fail sharectl share shrink home 4MiB

	say "what is really there is compared with what should be"
	run sharectl reconcile home --role admin

	say "the end"
	run sharectl op list
	run sharectl share delete home
	! grep -q " $nfs/exports/" /proc/mounts || fail "an export was left behind"
	run sharectl store check --full
}
