# tests/tree/declarations.awk - what a header declares; its input went through code.awk
# -v want=api        the SHR_API functions: NAME, tab, prototype
# -v want=functions  every function, also internal and inline ones: NAME, tab, prototype
# -v want=members    every member of every struct: STRUCT, tab, MEMBER, tab, its type
# -v want=types      the structs that have members, and the function types: NAME
# -v want=constants  the macros, guards left out: NAME
function tidy(s) {
	gsub(/[ \t]+/, " ", s)
	gsub(/ ?[*] ?/, "*", s)
	gsub(/ ?\( ?/, "(", s)
	gsub(/ ?\) ?/, ")", s)
	gsub(/ ?, ?/, ",", s)
	gsub(/ ?\[ ?/, "[", s)
	gsub(/ ?\] ?/, "]", s)
	sub(/^ /, "", s)
	sub(/ $/, "", s)
	return s
}
function function_of(s,   name, api) {
	api = s ~ /(^|[^A-Z_])SHR_API([^A-Z_]|$)/
	sub(/__attribute__.*$/, "", s)
	gsub(/SHR_(PRINTF|DEPRECATED)\([^)]*\)/, " ", s)
	gsub(/SHR_API|SHR_CHECK|static|inline|extern/, " ", s)
	s = tidy(s)
	if (s !~ /^[a-z_][a-z0-9_ *]*\(/ || s ~ /^typedef/)
		return
	name = substr(s, 1, index(s, "(") - 1)
	sub(/^.*[ *]/, "", name)
	if (want == "functions" || (want == "api" && api))
		print name "\t" s
}
function member_of(tag, s,   name, type) {
	s = tidy(s)
	if (s == "")
		return
	if (match(s, /\(\*[a-z_0-9]+\)/)) {
		name = substr(s, RSTART + 2, RLENGTH - 3)
		type = substr(s, 1, RSTART + 1) substr(s, RSTART + RLENGTH - 1)
		print tag "\t" name "\t" type
		return
	}
	type = s
	if (match(s, /\[[^]]*\]$/)) {
		type = substr(s, 1, RSTART - 1)
		dims = substr(s, RSTART)
	} else {
		dims = ""
	}
	match(type, /[A-Za-z_][A-Za-z_0-9]*$/)
	name = substr(type, RSTART)
	print tag "\t" name "\t" tidy(substr(type, 1, RSTART - 1)) dims
}
function struct_of(s,   tag, body, n, i, part) {
	tag = s
	sub(/^[ \t]*struct[ \t]+/, "", tag)
	sub(/[ \t]*\{.*$/, "", tag)
	if (want == "types")
		print tag
	if (want != "members")
		return
	body = s
	sub(/^[^{]*\{/, "", body)
	sub(/\}[^}]*$/, "", body)
	n = split(body, part, ";")
	for (i = 1; i <= n; i++)
		member_of(tag, part[i])
}
function statement(s) {
	if (s ~ /^[ \t]*struct[ \t]+[a-z_0-9]+[ \t]*\{/) {
		struct_of(s)
	} else if (s ~ /^[ \t]*typedef/) {
		if (want == "types" && match(s, /[a-z_0-9]+\(/))
			print substr(s, RSTART, RLENGTH - 1)
	} else {
		sub(/\{.*$/, "", s)
		if (s ~ /\(/)
			function_of(s)
	}
}
/^#ifdef __cplusplus/ { cplusplus = 1 }
cplusplus { if (/^#endif/) cplusplus = 0; next }
continued || /^[ \t]*#/ {
	if (want == "constants" && !continued && match($0, /^#define [A-Z_0-9]+/) && !/^#define [A-Z_0-9]+_H$/)
		print substr($0, 9, RLENGTH - 8)
	continued = /\\$/
	next
}
{
	line = $0 " "
	while (line != "") {
		if (!match(line, /[{};]/)) {
			text = text line
			break
		}
		c = substr(line, RSTART, 1)
		text = text substr(line, 1, RSTART)
		line = substr(line, RSTART + 1)
		if (c == "{")
			depth++
		if (c == "}")
			depth--
		if (depth == 0 && (c == ";" || (c == "}" && text ~ /\)[ \t]*\{/ && text !~ /^[ \t]*(struct|static const)[^(]*\{/))) {
			if (c == ";")
				sub(/;$/, "", text)
			statement(text)
			text = ""
		}
	}
}
