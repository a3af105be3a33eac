/* examples/sharectl/options.c - every option there is, and reading the command line */
#include "ctl.h"
#include "say.h"
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAG(word, letter, help) { word, NULL, help, NULL, NULL, NULL, letter, 0 }
#define TEXT(word, letter, arg, help) { word, arg, help, NULL, NULL, NULL, letter, 0 }
#define MANY(word, arg, help) { word, arg, help, NULL, NULL, NULL, 0, 1 }
#define NUMBER(word, arg, parse, want, help) { word, arg, help, NULL, parse, want, 0, 0 }
#define CHOICE(word, arg, parse, choices, help) { word, arg, help, choices, parse, choices, 0, 0 }

const struct ctl_option ctl_options[OPT_COUNT] = {
	[OPT_HELP] = FLAG("help", 'h', "say what the command does and takes"),
	[OPT_VERSION] = FLAG("version", 'V', "say which version this is"),
	[OPT_CONFIG] = TEXT("config", 'c', "FILE",
		"the configuration (default: $LIBSHARE_CONFIG, ./libshare.yaml, /etc/libshare.yaml)"),
	[OPT_PROJECT] = TEXT("project", 'p', "PROJECT", "act for this project (default: \"default\")"),
	[OPT_USER] = TEXT("user", 'u', "USER", "who stands on operations and events (default: $USER)"),
	[OPT_ROLE] = MANY("role", "ROLE", "have this role, \"admin\" or \"access_key\" for instance; may be repeated"),
	[OPT_SYSTEM] = FLAG("system", 0, "act as the host itself: every project, no question asked"),
	[OPT_KEY_FILE] = MANY("key-file", "FILE",
		"a key of 32 bytes or 64 hex digits for access keys; the first is the newest"),
	[OPT_JSON] = FLAG("json", 'j', "print one JSON object a line"),
	[OPT_VERBOSE] = FLAG("verbose", 'v', "tell on stderr what the library logs"),
	[OPT_NO_ENGINE] = FLAG("no-engine", 0, "run no engine here: another process has one"),
	[OPT_NO_WAIT] = FLAG("no-wait", 0, "do not wait for the end of the operation"),
	[OPT_TIMEOUT] = NUMBER("timeout", "TIME", ctl_parse_time, "a time like 500ms, 30s, 5m, 2h or 1d",
		"wait no longer than this: 30s, 5m, ... (default: as long as it takes)"),
	[OPT_TOKEN] = TEXT("token", 0, "TOKEN", "the same call again with this token is the same operation"),
	[OPT_IF_VERSION] = NUMBER("if-version", "N", ctl_parse_count, "a whole number",
		"only if the object has this version"),
	[OPT_ROOT] = TEXT("root", 0, "DIR", "where the shares are to lie; made when it is not there"),
	[OPT_STORE] = TEXT("store", 0, "FILE", "where the records are to lie (default: DIR/libshare.db)"),
	[OPT_FORCE] = FLAG("force", 'f', "write over a configuration that is there; a store is never touched"),
	[OPT_PROTO] = { "proto", "PROTO", "nfs, smb or cephfs, or several with commas (default: nfs)", "nfs smb cephfs",
		ctl_parse_protocols, "nfs, smb or cephfs, or several with commas", 0, 0 },
	[OPT_NAME] = TEXT("name", 0, "NAME", "a name"),
	[OPT_DESCRIPTION] = TEXT("description", 0, "TEXT", "a description"),
	[OPT_ZONE] = TEXT("zone", 0, "ZONE", "in this availability zone"),
	[OPT_BACKEND] = MANY("backend", "BACKEND", "this backend of the configuration"),
	[OPT_POOL] = TEXT("pool", 0, "POOL", "this pool of the backend"),
	[OPT_META] = MANY("meta", "KEY=VALUE", "metadata; may be repeated; for a list KEY alone will do"),
	[OPT_UNSET] = MANY("unset", "KEY", "take this metadata away; may be repeated"),
	[OPT_ALLOW] = MANY("allow", "WHO[=LEVEL]", "let this address in from the first moment, rw or ro; may be repeated"),
	[OPT_STATE] = CHOICE("state", "STATE", ctl_parse_state,
		"creating available extending shrinking deleting error managing unmanaging reverting", "only those in this state"),
	[OPT_LIMIT] = NUMBER("limit", "N", ctl_parse_count, "a whole number", "print at most so many"),
	[OPT_AFTER] = TEXT("after", 0, "POSITION", "go on where a list with --limit ended"),
	[OPT_NEWEST] = FLAG("newest", 0, "the newest first"),
	[OPT_ALL_PROJECTS] = FLAG("all-projects", 'a', "of all projects"),
	[OPT_TYPE] = CHOICE("type", "TYPE", ctl_parse_type, "ip user cert cephx", "what WHO is (default: ip)"),
	[OPT_LEVEL] = CHOICE("level", "LEVEL", ctl_parse_level, "rw ro", "read and write, or read only"),
	[OPT_SQUASH] = CHOICE("squash", "SQUASH", ctl_parse_squash, "default none root all", "whose ids are taken away"),
	[OPT_PRIORITY] = NUMBER("priority", "N", ctl_parse_integer, "a whole number",
		"the greatest wins where rules overlap (default: 0)"),
	[OPT_PROTOCOL] = CHOICE("protocol", "PROTOCOL", ctl_parse_protocol, "nfs smb cephfs",
		"by this protocol (default: any that the share speaks)"),
	[OPT_FAMILY] = CHOICE("family", "FAMILY", ctl_parse_family, "ipv4 ipv6 vsock",
		"over this address family (default: any)"),
	[OPT_TARGET] = TEXT("target", 0, "DIR", "mount it on this directory (default: /mnt)"),
	[OPT_FROM] = TEXT("from", 0, "SNAPSHOT", "it begins with what this snapshot has"),
	[OPT_READONLY] = FLAG("readonly", 0, "clients only read it, and nothing is copied; with --from"),
	[OPT_ACCESS] = CHOICE("access", "ACCESS", ctl_parse_snapshot_access, "none own share",
		"export it by rules of its own, by its share's, or not (default: as the share says)"),
	[OPT_SNAPSHOT_ACCESS] = CHOICE("snapshot-access", "ACCESS", ctl_parse_snapshot_access, "none own share",
		"how snapshots that are yet to be cut are exported"),
	[OPT_IF_REVISION] = NUMBER("if-revision", "N", ctl_parse_count, "a whole number",
		"only if the rules have this revision"),
	[OPT_REVISION] = NUMBER("revision", "N", ctl_parse_count, "a whole number",
		"up to this revision of the rules (default: the newest)"),
	[OPT_REASON] = TEXT("reason", 0, "TEXT", "why, for those who find the lock"),
	[OPT_SHARES] = NUMBER("shares", "N", ctl_parse_limit, "a number, or unlimited", "so many shares, or unlimited"),
	[OPT_BYTES] = NUMBER("bytes", "SIZE", ctl_parse_limit, "a size like 10GiB, or unlimited",
		"so much in all, or unlimited"),
	[OPT_UNENDED] = FLAG("unended", 0, "only those that have not ended"),
	[OPT_OBJECT] = TEXT("object", 0, "ID", "only those of this object"),
	[OPT_WORKERS] = NUMBER("workers", "N", ctl_parse_count, "a whole number", "so many worker threads (default: 4)"),
	[OPT_ALL] = FLAG("all", 0, "all backends that an engine has"),
	[OPT_FULL] = FLAG("full", 0, "also every index entry against every row"),
};

static enum ctl_opt find_long(const char *word, size_t n)
{
	for (int o = 1; o < OPT_COUNT; o++)
		if (strlen(ctl_options[o].name) == n && memcmp(ctl_options[o].name, word, n) == 0)
			return o;
	return OPT_END;
}

static enum ctl_opt find_letter(char letter)
{
	for (int o = 1; o < OPT_COUNT; o++)
		if (letter && ctl_options[o].letter == letter)
			return o;
	return OPT_END;
}

static int take(struct ctl *c, enum ctl_opt o, const char *word)
{
	const struct ctl_option *opt = &ctl_options[o];
	struct ctl_value *v = &c->given[o];
	const char **more;

	if (opt->parse && opt->parse(word, &v->number) < 0)
		return ctl_usage(c, "--%s: \"%s\" is not %s%s", opt->name, word, opt->choices == opt->want ? "one of: " : "",
			opt->want);
	more = ctl_alloc((size_t)(v->n + 1) * sizeof *more);
	if (v->n)
		memcpy(more, v->words, (size_t)v->n * sizeof *more);
	free(v->words);
	more[v->n++] = word ? word : "";
	v->words = more;
	return CTL_OK;
}

/* ARGV[*AT] is an option; *AT moves to the last word of it. */
static int one_option(struct ctl *c, char **argv, int argc, int *at)
{
	const char *word = argv[*at], *equals = strchr(word, '='), *value = NULL;
	int is_long = word[1] == '-';
	enum ctl_opt o;

	if (is_long)
		o = find_long(word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2));
	else
		o = find_letter(word[1]);
	if (!o)
		return ctl_usage(c, "there is no option %s", word);
	if (is_long && equals)
		value = equals + 1;
	else if (!is_long && word[2])
		value = word + 2;
	if (!ctl_options[o].arg && value)
		return ctl_usage(c, "--%s takes no value", ctl_options[o].name);
	if (ctl_options[o].arg && !value) {
		if (*at + 1 >= argc)
			return ctl_usage(c, "--%s wants %s behind it", ctl_options[o].name, ctl_options[o].arg);
		value = argv[++*at];
	}
	return take(c, o, value);
}

/* "-5GiB" is an argument, and so is everything behind "--". */
static int is_option(const char *word)
{
	return word[0] == '-' && word[1] && !(word[1] >= '0' && word[1] <= '9');
}

static int check_options(struct ctl *c)
{
	for (int o = 1; o < OPT_COUNT; o++) {
		if (!c->given[o].n)
			continue;
		if (!ctl_takes(c->command, o))
			return ctl_usage(c, "%s takes no --%s", c->command->words, ctl_options[o].name);
		if (c->given[o].n > 1 && !ctl_options[o].many && ctl_options[o].arg)
			return ctl_usage(c, "--%s comes twice", ctl_options[o].name);
	}
	return CTL_OK;
}

static int find_command(struct ctl *c)
{
	int used = 0;

	if (!c->argc)
		return CTL_OK;
	c->command = ctl_find(c->argv, c->argc, &used);
	if (!c->command) {
		if (ctl_has(c, OPT_HELP))
			return CTL_OK; /* of a group: main() says it, or that there is none */
		if (ctl_begins(NULL, c->argv, 1) && c->argc > 1)
			return ctl_usage(c, "there is no command \"%s %s\"", c->argv[0], c->argv[1]);
		if (ctl_begins(NULL, c->argv, 1))
			return ctl_usage(c, "\"%s\" wants one more word", c->argv[0]);
		return ctl_usage(c, "there is no command \"%s\"", c->argv[0]);
	}
	c->argv += used;
	c->argc -= used;
	return CTL_OK;
}

int ctl_read(struct ctl *c, int argc, char **argv)
{
	int rc = CTL_OK, only_words = 0;

	c->argv = c->words = ctl_alloc((size_t)(argc + 1) * sizeof *c->words);
	for (int i = 1; i < argc && !rc; i++) {
		if (!only_words && strcmp(argv[i], "--") == 0)
			only_words = 1;
		else if (!only_words && is_option(argv[i]))
			rc = one_option(c, argv, argc, &i);
		else
			c->argv[c->argc++] = argv[i];
	}
	if (!rc)
		rc = find_command(c);
	if (rc || !c->command || ctl_has(c, OPT_HELP) || ctl_has(c, OPT_VERSION))
		return rc;
	rc = check_options(c);
	if (!rc && c->argc < c->command->least)
		return ctl_usage(c, "%s wants: %s", c->command->words, c->command->args);
	if (!rc && c->argc > c->command->most)
		return ctl_usage(c, "%s: \"%s\" is one word too many", c->command->words, c->argv[c->command->most]);
	return rc;
}
