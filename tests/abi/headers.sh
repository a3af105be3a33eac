#!/bin/sh
# tests/abi/headers.sh - every public header stands alone, in C99 and C++11, without a hole in any struct
# usage: headers.sh SOURCE-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"
include=$1/include

warnings="-pedantic -Wall -Wextra -Wpadded -Wundef -Wshadow -Werror -fsyntax-only"

# Included twice, and every initialiser used: -Wextra then finds a member that it leaves out.
unit()
{
	printf '#include "libshare/%s"\n#include "libshare/%s"\n' "$1" "$1"
	awk '/^#define SHR_[A-Z_]*_INIT / { init = $2; text = ""; on = 1 }
		on { text = text $0 }
		on && !/\\$/ {
			on = 0
			if (match(text, /sizeof\(struct [a-z_]+\)/))
				printf "struct %s v_%s = %s;\n", substr(text, RSTART + 14, RLENGTH - 15), init, init
			else
				print "#error " init " does not begin with its size"
		}' "$include/libshare/$1"
}
compiles()
{
	header=$1
	language=$2
	shift 2
	unit "$header" >"$tap_dir/unit"
	"$@" $warnings -I "$include" -x "$language" "$tap_dir/unit" 2>&1
}

for cc in gcc clang; do
	for header in $(cd "$include/libshare" && ls ./*.h | sed 's|^\./||'); do
		if command -v $cc >/dev/null; then
			check "$header is C99 ($cc)" compiles "$header" c $cc -std=c99 -Wstrict-prototypes
		else
			skip "$header is C99 ($cc)" "no $cc"
		fi
		cxx=$(echo $cc | sed 's/gcc/g/')++
		if command -v "$cxx" >/dev/null; then
			check "$header is C++11 ($cxx)" compiles "$header" c++ "$cxx" -std=c++11
		else
			skip "$header is C++11 ($cxx)" "no $cxx"
		fi
	done
done
tap_end
