#!/bin/sh
# tests/tree/gates.sh - the gates see: in a tree where everything is wrong no check of tree.sh and man.sh passes
# usage: gates.sh SOURCE-DIRECTORY
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
tests=$1/tests
bad=$tap_dir/bad

mkdir -p "$bad/include/libshare" "$bad/lib/base" "$bad/lib/store" "$bad/backends/x" "$bad/examples" "$bad/tests" "$bad/man" \
	"$bad/examples/sharectl" "$bad/examples/tiny_driver" "$bad/tools/x"
note=TO; note=${note}DO
cat >"$bad/include/libshare/version.h" <<END
/* the version */
#define SHR_VERSION_MAJOR 9
typedef struct shr_a { int size; int member; } shr_a;
struct shr_z { int size; int unheard; };
#define SHR_NOWHERE 1
SHR_API int shr_b(int c);
SHR_API int shr_c(int d);
END
cat >"$bad/include/libshare/error.h" <<END
#define SHR_EBAD (-1)
END
cat >"$bad/lib/base/a.c" <<END
// $note: a comment of the other kind   
#include "store/s.h"
#include "nowhere.h"
#include <yaml.h>
extern int elsewhere;
static const char path[] = "/wor""k/x";
static void f(void) { free(malloc(1)); printf("x"); }
END
wide=$(printf '%0140d' 0)
printf '/* lib/base/b.c - b */\n#include <yaml.h>\nint shr__x(void);\n/* %s */\nchar *p = "/wor%s/x";\n' "$wide" k >"$bad/lib/base/b.c"
printf '/* lib/base/x.h - x */\nint shr__x(void);\n' >"$bad/lib/base/x.h"
printf '/* lib/store/s.h - s */\nint shr__x(void);\n' >"$bad/lib/store/s.h"
awk 'BEGIN { print "/* lib/store/s.c - s */"; for (i = 0; i < 700; i++) print "int a" i ";" }' >"$bad/lib/store/s.c"
printf '/* backends/x/x.c - x */\n#include "base/x.h"\n#include <curl/curl.h>\n' >"$bad/backends/x/x.c"
printf '/* backends/x/y.c - y */\n#include <curl/curl.h>\n' >"$bad/backends/x/y.c"
printf '/* tools/x/z.c - z */\n#include "flow/flow.h"\n' >"$bad/tools/x/z.c"
printf '/* examples/tiny_driver/tiny.c - a driver */\nint shr_driver_entry_1;\n' >"$bad/examples/tiny_driver/tiny.c"
echo "version : '1.0.0'" >"$bad/meson.build"
touch "$bad/lib/meson.build" "$bad/lib/base/meson.build" "$bad/lib/store/meson.build" "$bad/backends/meson.build" "$bad/CHANGELOG.md"
echo '[a page](nowhere.md)' >"$bad/README.md"
echo 'echo script' >"$bad/tests/x.sh"
echo 'man_pages = files()' >"$bad/man/meson.build"
cat >"$bad/man/other.3" <<'END'
.Dd November 22, 2026
.Dt SHR_C 3
.Os
.Sh NAME
.Nm shr_c ,
.Nm shr_e
.Nd shown falsely
.Sh SYNOPSIS
.Ft void
.Fn shr_c "int e"
.Ft int
.Fn shr_d "int e"
.Sh DESCRIPTION
.Dv SHR_STRANGER
.Bl -nothing
.Xr shr_nowhere 3
.Sh EXAMPLES
.Bd -literal
shr_undeclared(1);
.Ed
END

sh "$tests/tree/tree.sh" "$bad" >"$tap_dir/tree" 2>/dev/null
sh "$tests/man/man.sh" "$bad" >"$tap_dir/man" 2>/dev/null
rm -f "$bad"/man/*.3
sh "$tests/man/man.sh" "$bad" >"$tap_dir/pageless" 2>/dev/null

ran() { [ "$(grep -c '^not ok' "$1")" -ge "$2" ] || { echo "only so many checks failed:"; grep -c '^not ok' "$1"; }; }
blind() { grep '^ok' "$1" | grep -v '# SKIP' | grep -v "${2:-^$}"; [ $? = 1 ]; }

check "every check of the tree sees what is wrong" blind "$tap_dir/tree"
check "the checks of the tree were made" ran "$tap_dir/tree" 20
check "every check of the pages sees what is wrong" blind "$tap_dir/man" 'there are pages'
check "the checks of the pages were made" ran "$tap_dir/man" 13
check "no pages at all is seen" grep -q '^not ok 1 - there are pages' "$tap_dir/pageless"
tap_end
