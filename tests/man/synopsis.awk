# tests/man/synopsis.awk - the prototypes of an mdoc page's SYNOPSIS: NAME, tab, prototype as declarations.awk prints it
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
# The words of a macro line into word[]; quotes keep spaces together.
function words(s,   n) {
	n = 0
	sub(/^\.[A-Z][a-z][ \t]*/, "", s)
	while (s != "") {
		sub(/^[ \t]+/, "", s)
		if (s == "")
			break
		if (substr(s, 1, 1) == "\"") {
			s = substr(s, 2)
			i = index(s, "\"")
			if (!i)
				i = length(s) + 1
		} else {
			i = match(s, /[ \t]/) ? RSTART : length(s) + 1
		}
		word[++n] = substr(s, 1, i - 1)
		s = substr(s, i + 1)
	}
	return n
}
function done() {
	print name "\t" tidy(type " " name "(" (args == "" ? "void" : args) ")")
}
/^\.Sh / { on = /^\.Sh SYNOPSIS/; next }
!on { next }
/^\.Ft/ {
	n = words($0)
	type = word[1]
	for (k = 2; k <= n; k++)
		type = type " " word[k]
}
/^\.Fn/ {
	n = words($0)
	name = word[1]
	args = word[2]
	for (k = 3; k <= n; k++)
		args = args "," word[k]
	if (n < 2)
		args = ""
	done()
}
/^\.Fo/ { words($0); name = word[1]; args = "" }
/^\.Fa/ {
	n = words($0)
	for (k = 1; k <= n; k++)
		args = args (args == "" ? "" : ",") word[k]
}
/^\.Fc/ { done() }
