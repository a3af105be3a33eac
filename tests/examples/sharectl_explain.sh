#!/bin/sh
# tests/examples/sharectl_explain.sh - sharectl access explain: who can mount what, and with a command that a shell takes
# usage: sharectl_explain.sh PROGRAM JSON-LINES
. "$(dirname "$0")/sharectl_tap.sh"

mkdir "$tap_dir/a" "$tap_dir/v" "$tap_dir/l"
cat >"$config" <<END
store: { path: $tap_dir/store.db }
backends:
  - name: named
    driver: dir
    exporter: { name: none, settings: { prefix: "nas.example.org:" } }
    settings: { root: "$tap_dir/a" }
    pools: [ { name: p, settings: { path: "it's" } } ]
  - name: machine
    driver: dir
    exporter: { name: none, settings: { prefix: "vsock:2:" } }
    settings: { root: "$tap_dir/v" }
    pools: [ { name: p, settings: { path: p } } ]
  - name: local
    driver: dir
    exporter: { name: none }
    settings: { root: "$tap_dir/l" }
    pools: [ { name: p, settings: { path: p } } ]
END

shares()
{
	ends 0 init
	ends 0 share create home 1M --backend named --allow 10.0.0.0/24=ro --allow 10.0.0.9
	ends 0 share create box 1M --backend machine --allow 10.0.0.9
	ends 0 share create here 1M --backend local --allow 10.0.0.9
}
yes()
{
	ends 0 access explain home 10.0.0.9
	says '^can mount +rw$'
	says '^why +the rule for 10.0.0.9 lets 10.0.0.9 in: rw$'
	says '^rule +ip 10.0.0.9 rw, priority 0, active$'
	says '^others +ip 10.0.0.0/24 ro, priority 0, active$'
	says '^mount +mount -t nfs4 -o proto=tcp .*/mnt$'
	says '^ +rw by nfs over ipv4, preferred$'
	ends 0 access explain home 10.0.0.10
	says '^can mount +ro$'
	says '^mount +mount -t nfs4 -o ro,proto=tcp '
}
no()
{
	ends 11 access explain home 10.0.1.1
	says '^can mount +no$'
	says '^why +none of the share.s 2 rules fits 10.0.1.1$'
	says '^do +'
	silent_of '^mount'
	ends 11 access explain home ann --type user
	says 'no rules of type user'
	ends 11 access explain home 10.0.0.9 --protocol smb
	says 'does not speak smb'
	ends 11 access explain home 10.0.0.9 --family vsock
	says 'no export location'
	ends 11 access explain home fd00::1
}
parts()
{
	ends 0 access explain home 10.0.0.8/29
	says '^can mount +ro$'
	says '^inside +ip 10.0.0.9 rw'
	ends 11 access explain home 10.0.0.0/16
	says 'but 2 of parts of it'
}
# A function in place of mount(8) gets the words that the shell made of the line.
command_is_for_a_shell()
{
	ends 0 access explain home 10.0.0.9 --target "$tap_dir/a b;c'd"
	line=$(sed -n 's/^mount  *//p' "$tap_dir/out")
	mount() { for word; do echo "<$word>"; done; }
	eval "$line" >"$tap_dir/words"
	grep -q "^<nas.example.org:$tap_dir/a/it's/" "$tap_dir/words" && grep -qxF "<$tap_dir/a b;c'd>" "$tap_dir/words" ||
		{ echo "$line"; cat "$tap_dir/words"; }
	[ "$(wc -l <"$tap_dir/words")" = 6 ] || cat "$tap_dir/words"
}
vsock()
{
	ends 0 access explain box 10.0.0.9
	says "^mount +vsock:2:$tap_dir/v/"
	says 'rw by nfs over vsock'
	says 'context id'
	ends 0 --json access explain box 10.0.0.9
	says "\"family\":\"vsock\",\"fstype\":\"nfs4\",\"source\":\"\",\"options\":\{\},\"server\":\"2\",\"path\":\"$tap_dir/v/"
}
local_directory()
{
	ends 0 access explain here 10.0.0.9
	says "^mount +$tap_dir/l/"
	says 'names no server'
}
json()
{
	ends 0 --json access explain home 10.0.0.9
	objects 1 || dump
	says '"type":"ip","who":"10.0.0.9","level":"rw","next_level":"rw","why":"rule"'
	says '"command":"mount -t nfs4 '
	ends 11 --json access explain home 10.0.1.1
	objects 1 || dump
	says '"why":"no_rule"'
}
mistakes()
{
	ends 2 access explain home 10.0.0.9/24
	tells 'write it as "10.0.0.0/24"'
	ends 2 access explain home 10.0.0.9 --family ipv6
	ends 2 access explain home 10.0.0.9 --family ipx
	ends 2 access explain home 10.0.0.9 --protocol nfs,smb
	ends 2 access explain home 10.0.0.9 --target mnt
	ends 2 access explain home
	ends 3 access explain nothing 10.0.0.9
	ends 0 share show home
	id=$(field id)
	ends 3 -p other access explain "$id" 10.0.0.9
}

check "shares are made" shares
check "a client that can mount gets the command" yes
check "a client that cannot is told why" no
check "a prefix is answered for as a whole and in parts" parts
check "a shell makes of the command what it should be" command_is_for_a_shell
check "a location over vsock is data" vsock
check "a local directory has no command" local_directory
check "with --json it is one object" json
check "mistakes are told" mistakes
tap_end
