#!/bin/sh
# tests/abi/layout.sh - print layout.c as it must be for the headers of today: review what differs, then commit it
# usage: layout.sh SOURCE-DIRECTORY >tests/abi/layout.c
here=$(cd "$(dirname "$0")" && pwd)
src=$1
cc=${CC:-gcc}
dir=$(mktemp -d "${TMPDIR:-/tmp}/libshare-layout.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT

headers="version error context session engine operation event share access snapshot explain pool drift json store driver exporter"
declared()
{
	for h in $headers; do
		awk -f "$here/../tree/code.awk" "$src/include/libshare/$h.h" | awk -v want="$1" -f "$here/../tree/declarations.awk"
	done
}
includes() { for h in $headers; do echo "#include \"libshare/$h.h\""; done; }

# Numbers are for ever: their values come from a program made of the headers.
numbers() { declared constants | grep -vE '_INIT$|VERSION|^SHR_(DRIVER|EXPORTER)_ENTRY$'; }
{
	includes
	echo '#include <inttypes.h>'
	echo '#include <stdio.h>'
	echo 'int main(void) {'
	numbers | sed 's/.*/printf("NUMBER(&, %" PRId64 ")\\n", (int64_t)(&));/'
	declared members | awk -F '\t' '
		$1 != last { if (last) print "printf(\"SIZE(" last ", %zu)\\n\", sizeof(struct " last "));"; last = $1 }
		{ print "printf(\"AT(" $1 ", " $2 ", %zu, " $3 ")\\n\", offsetof(struct " $1 ", " $2 "));" }
		END { print "printf(\"SIZE(" last ", %zu)\\n\", sizeof(struct " last "));" }'
	echo 'return 0; }'
} >"$dir/print.c"
$cc -I "$src/include" -o "$dir/print" "$dir/print.c" || exit 1

cat <<'END'
/* tests/abi/layout.c - where every member of every public struct lies, and what every public number is
 *
 * layout.sh prints this file. A line that changes is a change of the ABI: a member that moved or got another
 * type, a number that was given anew. Lines that are new at the end of a struct, and new numbers, are growth. */
END
includes
cat <<'END'

#define NUMBER(name, value) _Static_assert((name) == (value), #name " was given anew")

#if defined(__x86_64__) && defined(__LP64__)
#define SIZE(tag, n) _Static_assert(sizeof(struct tag) == (n), "struct " #tag " has another size")
#define AT(tag, member, offset, ...) \
	_Static_assert(offsetof(struct tag, member) == (offset), "struct " #tag ": " #member " moved"); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(((struct tag *)0)->member), __typeof__(__VA_ARGS__)), \
		"struct " #tag ": " #member " has another type")
#else
#define SIZE(tag, n) _Static_assert(sizeof(struct tag) > 0, "struct " #tag)
#define AT(tag, member, offset, ...) \
	_Static_assert(offsetof(struct tag, member) <= (offset), "struct " #tag ": " #member " moved")
#endif

END
"$dir/print" | awk '
	/^SIZE/ { print $0 ";"; print ""; next }
	/^AT/ && was ~ /^NUMBER/ { print "" }
	{ print $0 ";"; was = $0 }'
cat <<'END'
int main(void)
{
	return 0;
}
END
