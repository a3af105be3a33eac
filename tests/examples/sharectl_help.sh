#!/bin/sh
# tests/examples/sharectl_help.sh - --help of every command, the page that has all of it, and completion
# usage: sharectl_help.sh PROGRAM JSON-LINES SOURCE-DIRECTORY
. "$(dirname "$0")/sharectl_tap.sh"
src=$3
page=$src/man/sharectl.1
completion=$src/examples/sharectl/sharectl.bash

# The commands, by the general --help: the words before the first one that is no word of a command.
"$program" --help >"$tap_dir/help" || exit 99
sed -n 's/^  \([a-z][a-z -]*[a-z]\).*/\1/p' "$tap_dir/help" | sed 's/  .*//' >"$tap_dir/lines"
awk '{ n = ($1 == "init" || $1 == "purge" || $1 == "reconcile") ? 1 : 2; print n == 1 ? $1 : $1 " " $2 }' "$tap_dir/lines" | sort -u >"$tap_dir/commands"

there_are_commands()
{
	[ "$(wc -l <"$tap_dir/commands")" -ge 39 ] || cat "$tap_dir/commands"
}
every_help()
{
	while read -r words; do
		"$program" $words --help >"$tap_dir/out" 2>"$tap_dir/err" || { echo "$words --help: ended with $?"; dump; }
		says "^usage: sharectl $words"
		says '--json +print one JSON object'
		"$program" $words -h | cmp -s - "$tap_dir/out" || echo "$words: -h is not --help"
		awk -v words="$words" 'length > 116 { print words " --help: a line of " length " columns" }' "$tap_dir/out"
		sed -n 's/^ \{2,6\}\(-., \)\{0,1\}--\([a-z-]*\).*/\2/p' "$tap_dir/out" | sed "s/^/$words /"
	done <"$tap_dir/commands" >"$tap_dir/told"
	grep -v '^[a-z]* *[a-z-]* [a-z-]*$' "$tap_dir/told"
	awk '{ print $NF }' "$tap_dir/told" | sort -u >"$tap_dir/options"
	[ "$(wc -l <"$tap_dir/options")" -ge 40 ] || { echo "so few options:"; cat "$tap_dir/options"; }
}
groups_help()
{
	for group in share access op; do
		"$program" $group --help >"$tap_dir/out" || dump
		says "^usage: sharectl $group COMMAND"
		[ "$(grep -c "^  $group " "$tap_dir/out")" = "$(grep -c "^$group " "$tap_dir/commands")" ] || dump
	done
}
version() { "$program" --version | grep -qE '^sharectl [0-9]+\.[0-9]+\.[0-9]+, libshare '; }
page_has_commands()
{
	while read -r words; do
		grep -qE "^\.It Ic $words( |\$)" "$page" || echo "$page: no .It Ic $words"
	done <"$tap_dir/commands"
	sed -n 's/^\.It Ic \([a-z-]*\)\( [a-z-]*\)\{0,1\}.*/\1\2/p' "$page" | sort -u | while read -r words; do
		grep -qx -- "$words" "$tap_dir/commands" || echo "$page: there is no command $words"
	done
}
page_has_options()
{
	while read -r option; do
		grep -qE "Fl -$option( |\$|,)" "$page" || echo "$page: no --$option"
	done <"$tap_dir/options"
	grep -oE 'Fl -[a-z][a-z-]*' "$page" | sed 's/^Fl -//' | sort -u | while read -r option; do
		grep -qx -- "$option" "$tap_dir/options" || echo "$page: there is no --$option"
	done
}
# What a command takes of its own stands between its .It and that of the next command.
page_has_options_where_they_belong()
{
	everywhere=' help version config project user role system key-file json verbose no-engine no-wait timeout token if-version limit after newest all-projects '
	while read -r words; do
		awk -v start=".It Ic $words" '
			$0 == start || index($0, start " ") == 1 { on = 1; print; next }
			/^\.It Ic / || /^\.Ss / || /^\.Sh / { on = 0 }
			on' "$page" >"$tap_dir/entry"
		sed -n "s/^$words \([a-z-]*\)\$/\1/p" "$tap_dir/told" | while read -r option; do
			case $everywhere in *" $option "*) continue ;; esac
			grep -qE "Fl -$option( |\$)" "$tap_dir/entry" || grep -q 'Options as for' "$tap_dir/entry" ||
				echo "$page: $words: no --$option"
		done
	done <"$tap_dir/commands"
}
page_has_statuses()
{
	for status in 0 1 2 3 4 5 6 7 8 9 10 11; do
		sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' "$page" | grep -qx "\.It $status" || echo "$page: no .It $status"
	done
}

# completes "WORDS" WANTED...: after the words, the last of which may be empty, these may come, and some of them only
completes()
{
	line=$1
	shift
	bash --norc -c '
		source "$1"
		PATH=$2:$PATH
		COMP_LINE=$3
		read -ra COMP_WORDS <<<"$3"
		[ "${3% }" = "$3" ] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_sharectl
		printf "%s\n" "${COMPREPLY[@]}"' - "$completion" "$(dirname "$program")" "$line" >"$tap_dir/out" 2>"$tap_dir/err"
	for wanted in "$@"; do
		grep -qxF -- "$wanted" "$tap_dir/out" || { echo "\"$line\" is not completed by $wanted"; dump; }
	done
	[ ! -s "$tap_dir/err" ] || dump
}
only() { [ "$(sort -u "$tap_dir/out" | grep -c .)" = "$1" ] || { echo "not $1 words:"; dump; }; }

completes_commands()
{
	bash -n "$completion"
	completes "sharectl " init share access pool op event engine purge
	completes "sharectl sh" share
	only 1
	completes "sharectl share " create list extend force-delete
	completes "sharectl share re" reset-state revert
	only 2
	completes "sharectl snap" snapshot
	only 1
	completes "sharectl snapshot " create list show update access delete blockers force-delete reset-state manage unmanage
	only 11
	completes "sharectl --json share l" list lock locks
	only 3
}
completes_options()
{
	completes "sharectl share create x 1M --al" --allow
	only 1
	completes "sharectl access allow x y --level " rw ro
	only 2
	completes "sharectl share list --state e" error extending
	only 2
	completes "sharectl access explain x y --family " ipv4 ipv6 vsock
	only 3
	completes "sharectl access explain x y --protocol s" smb
	only 1
	completes "sharectl share list --limit 1 --ne" --newest
	only 1
	completes "sharectl share reset-state x e" error
	only 1
	completes "sharectl snapshot access x " none own share
	only 3
	completes "sharectl share update x --snapshot-access o" own
	only 1
}
completes_names()
{
	"$program" -c "$config" init --root "$tap_dir/root" >/dev/null
	"$program" -c "$config" share create house 1M >/dev/null
	"$program" -c "$config" share create home 1M >/dev/null
	completes "sharectl -c $config share show ho" house home
	only 2
	completes "sharectl --config $config access allow hou" house
	only 1
	completes "sharectl --config $tap_dir/con" "$config"
	null_config
	"$program" -c "$config" init >/dev/null
	"$program" -c "$config" share create house 1M >/dev/null
	"$program" -c "$config" snapshot create house monday >/dev/null
	completes "sharectl -c $config snapshot show mo" monday
	only 1
	completes "sharectl -c $config share revert house mo" monday
	only 1
	completes "sharectl -c $config snapshot list ho" house
	only 1
	completes "sharectl -c $config share create x --from mo" monday
	only 1
}

check "there are commands" there_are_commands
check "every command has its --help" every_help
check "every group has its --help" groups_help
check "--version says it" version
check "the page has the commands, and no others" page_has_commands
check "the page has the options, and no others" page_has_options
check "the page has the options of a command at the command" page_has_options_where_they_belong
check "the page has the exit statuses" page_has_statuses
if command -v bash >/dev/null; then
	check "bash completes commands" completes_commands
	check "bash completes options and what they take" completes_options
	check "bash completes names of shares and files" completes_names
else
	skip "bash completes" "no bash"
fi
tap_end
