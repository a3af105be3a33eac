# tests/sim/plants/plant.awk - plant a bug: -v file=lib/flow/run.c -f plant.awk BUG SOURCE; an edit that does not fit fails
# A bug is a text: what it is, then for each file "=== FILE" and edits: lines behind "<<<", put in place of by those behind ">>>".
FNR == 1 { input++ }
input == 1 && /^=== / { mine = $2 == file; part = ""; next }
input == 1 && /^<<<$/ { if (mine) n++; part = "old"; next }
input == 1 && /^>>>$/ { part = "new"; next }
input == 1 { if (mine && part == "old") old[n] = old[n] $0 "\n"; if (mine && part == "new") new[n] = new[n] $0 "\n"; next }
{ text = text $0 "\n" }
END {
	if (!n) { print "no edit for " file > "/dev/stderr"; exit 1 }
	for (i = 1; i <= n; i++) {
		at = index(text, old[i])
		if (!at || index(substr(text, at + 1), old[i])) {
			print file ": edit " i (at ? " fits twice:" : " does not fit:") > "/dev/stderr"
			printf "%s", old[i] > "/dev/stderr"
			exit 1
		}
		text = substr(text, 1, at - 1) new[i] substr(text, at + length(old[i]))
	}
	printf "%s", text
}
