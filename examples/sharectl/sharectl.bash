# examples/sharectl/sharectl.bash - completion for bash: the tool itself knows what may come

_sharectl()
{
	local word=${COMP_WORDS[COMP_CWORD]} line config
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		@file) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word") ;;
		@share | @snapshot | @orphan)
			while IFS= read -r line; do COMPREPLY+=("$line"); done < <(_sharectl_names "${line#@}" "$word") ;;
		*) COMPREPLY+=("$line") ;;
		esac
	done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

# The names and ids of the first shares or snapshots ($1), or the ids of orphans, with the configuration and the project of the
# line.
_sharectl_names()
{
	local i fields=2 options=()
	[[ $1 = orphan ]] && fields=1 options=(--role admin)
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c | --config | -p | --project) options+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}") ;;
		esac
	done
	"${COMP_WORDS[0]}" "$1" list --limit 200 "${options[@]}" 2>/dev/null |
		awk -v word="$2" -v fields="$fields" 'NR > 1 { for (i = 1; i <= fields; i++) if ($i != "-" && index($i, word) == 1) print $i }'
}

complete -F _sharectl sharectl
