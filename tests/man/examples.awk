# tests/man/examples.awk - the C of a page's EXAMPLES section, one file a block
# -v dir=DIRECTORY -v page=NAME: writes DIRECTORY/NAME.N.c
#
# A block is what stands between .Bd -literal and .Ed. One that has `int main' is compiled as it is. One that has a
# function or a table at the left margin follows the includes of the SYNOPSIS. Any other is a fragment: it is put into
# a function that has the usual variables. A block behind a line `.\" not C' is none of ours.
function plain(s) {
	gsub(/\\e/, "\\", s)
	gsub(/\\&/, "", s)
	gsub(/\\-/, "-", s)
	gsub(/\\\(aq/, "'", s)
	gsub(/\\\(dq/, "\"", s)
	gsub(/\\\(ti/, "~", s)
	gsub(/\\\(ha/, "^", s)
	return s
}
function prologue(file,   k) {
	for (k = 1; k <= n_includes; k++)
		print "#include <" include[k] ">" > file
	print "#include <libshare/libshare.h>\n#include <errno.h>\n#include <inttypes.h>\n#include <poll.h>" > file
	print "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>" > file
}
function finish(   file) {
	file = dir "/" page "." ++n_blocks ".c"
	if (text ~ /int[ \n]main\(/) {
		printf "%s", text > file
	} else {
		prologue(file)
		if (text ~ /(^|\n)(static|struct [a-z_]+ \{|const struct [a-z_ ]+=|#define|int\n|void\n)/) {
			printf "%s", text > file
		} else {
			print "int example(struct shr_ctx *ctx, struct shr_session *session, struct shr_engine *engine," > file
			print "\tconst struct shr_error *error, const struct shr_op *op, const struct shr_share *share," > file
			print "\tconst struct shr_rule *rule, const char *share_id, const char *op_id, const char *rule_id, int r);" > file
			print "int example(struct shr_ctx *ctx, struct shr_session *session, struct shr_engine *engine," > file
			print "\tconst struct shr_error *error, const struct shr_op *op, const struct shr_share *share," > file
			print "\tconst struct shr_rule *rule, const char *share_id, const char *op_id, const char *rule_id, int r)" > file
			printf "{\n\t{\n%s\t}\n\treturn r;\n}\n", text > file
		}
	}
	close(file)
}
/^\.Sh / { section = $2 }
section == "SYNOPSIS" && /^\.In / { include[++n_includes] = $2 }
section != "EXAMPLES" { next }
/^\.\\" not C/ { foreign = 1; next }
/^\.Bd -literal/ { on = 1; text = ""; next }
/^\.Ed/ {
	if (on && !foreign)
		finish()
	on = foreign = 0
	next
}
on { text = text plain($0) "\n" }
