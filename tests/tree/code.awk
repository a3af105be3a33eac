# tests/tree/code.awk - C without its comments and the inside of its strings, line for line
{
	rest = $0
	out = ""
	while (rest != "") {
		if (comment) {
			i = index(rest, "*/")
			if (!i)
				break
			rest = substr(rest, i + 2)
			out = out " "
			comment = 0
			continue
		}
		if (!match(rest, /\/\*|"|'|\/\//)) {
			out = out rest
			break
		}
		word = substr(rest, RSTART, RLENGTH)
		out = out substr(rest, 1, RSTART - 1)
		rest = substr(rest, RSTART + RLENGTH)
		if (word == "/*") {
			comment = 1
		} else if (word == "//") {
			out = out "//"
		} else {
			# up to the closing quote; an escaped one is skipped
			while (match(rest, /\\.|"|'/)) {
				q = substr(rest, RSTART, RLENGTH)
				rest = substr(rest, RSTART + RLENGTH)
				if (q == word)
					break
			}
			out = out word word
		}
	}
	print out
}
