#!/bin/sh
# tests/man/run_examples.sh - the whole programs and plugins of the pages do what the pages say
# usage: run_examples.sh SOURCE-DIRECTORY LIBRARY-DIRECTORY PLUGIN-DIRECTORY KIT-DIRECTORY MINIMAL
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tree/tap.sh"

source=$1
lib=$2
plugins=$3
kit=$4
minimal=$5
cc=${CC:-cc}
chmod 755 "$tap_dir"
mkdir "$tap_dir/c" "$tap_dir/plugins" "$tap_dir/root"
for page in libshare.3 shr_driver.7 shr_exporter.3 shr_kit.3; do
	awk -v dir="$tap_dir/c" -v page="${page%.*}" -f "$here/examples.awk" "$source/man/$page"
done

# The one block of a page that has WORD.
block() { grep -l "$2" "$tap_dir/c/$1".*.c | head -n 1; }
compile() { $cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-parameter -I "$source/include" "$@" 2>&1; }

host()
{
	compile -o "$tap_dir/host" "$(block libshare 'int main')" -L "$lib" -lshare || return
	LD_LIBRARY_PATH=$lib LIBSHARE_PLUGINDIR=$plugins "$tap_dir/host" >"$tap_dir/out" || return
	grep -qx 'null:/.*' "$tap_dir/out" || cat "$tap_dir/out"
}
store_kit()
{
	compile -o "$tap_dir/kit" "$(block shr_kit 'int main')" -L "$kit" -lshare-kit -L "$lib" -lshare -lpthread || return
	LD_LIBRARY_PATH=$lib "$tap_dir/kit" >"$tap_dir/out" || { cat "$tap_dir/out"; return 1; }
	[ "$(grep -c '^ok' "$tap_dir/out")" -gt 10 ] || cat "$tap_dir/out"
}
plugin() { compile -shared -fPIC -fvisibility=hidden -o "$tap_dir/plugins/shr-$2.so" "$(block "$1" "_entry_1")"; }
both_plugins()
{
	plugin shr_driver tiny && plugin shr_exporter self || return
	cat >"$tap_dir/conf.yaml" <<-END
	backends:
	  - name: b
	    driver: tiny
	    exporter: self
	    settings: { root: $tap_dir/root }
	    pools: [ { name: p } ]
	END
	LD_LIBRARY_PATH=$lib LIBSHARE_PLUGINDIR=$tap_dir/plugins "$minimal" "$tap_dir/conf.yaml" >"$tap_dir/out" || return
	[ -d "$(cat "$tap_dir/out")" ] || cat "$tap_dir/out"
	case $(cat "$tap_dir/out") in
	"$tap_dir/root/"*) ;;
	*) echo "it is not below its root" ;;
	esac
}

check "the host of libshare(3) makes its share" host
check "the kit of shr_kit(3) passes on the built-in store" store_kit
check "the driver of shr_driver(7) and the exporter of shr_exporter(3) make a share" both_plugins
tap_end
