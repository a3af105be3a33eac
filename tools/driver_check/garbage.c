/* tools/driver_check/garbage.c - refs, tokens, settings and rules that make no sense: an error, and no harm */
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kit.h"

/* None of these is a name of something that exists. */
static const char *const words[] = {
	"", "-1", "99999999999999999999999", "%s%n%s%n", "../../libshare-kit-no-such", "/libshare-kit-no-such/x", "$(id)",
	"{\"a\":", "kit\xc3\xa4\xe2\x82\xac", NULL, /* the last is as long as can be */
};
#define N_WORDS (sizeof words / sizeof *words)

static const char *word(size_t i, char longest[4097])
{
	memset(longest, 'g', 4096);
	longest[4096] = '\0';
	return words[i] ? words[i] : longest;
}

/* Any answer will do that is one: SHR_EDRIVER is what the library makes of an answer that is none. */
static int must_answer(struct kit *kit, struct kit_call *call, const char *with)
{
	int code = kit_make(kit, call);

	if (code == SHR_EDRIVER)
		kit_fail(kit, "%s with %.60s: %s", shr__verb_name(call->verb), with, call->message);
	return code;
}

static void whole_and_other(struct kit *kit, struct kit_share *share, struct kit_share *other)
{
	kit_create(kit, other, KIT_MIB);
	kit_make_tree(other);
	kit_create(kit, share, KIT_MIB);
}

/* With what is garbage everything may fail; but the share goes by its id, and the other one has lost nothing. */
static void end_both(struct kit *kit, struct kit_share *share, struct kit_share *other, const char *with)
{
	kit_must(kit, SHR__VERB_REMOVE, share, 0, 0);
	if (kit_has_files(other) && !kit_file_is(other, "one", 10000))
		kit_fail(kit, "with %.60s another share was harmed", with);
	kit_remove(kit, other);
}

static void ref_of_nobody(struct kit *kit)
{
	static const enum shr__verb verbs[] = {
		SHR__VERB_LOOK, SHR__VERB_USAGE, SHR__VERB_RESIZE, SHR__VERB_CREATE, SHR__VERB_REMOVE,
	};
	struct kit_share share, other, bent;
	char longest[4097];
	size_t i, k;

	for (i = 0; i < N_WORDS; i++) {
		whole_and_other(kit, &share, &other);
		for (k = 0; k < sizeof verbs / sizeof *verbs; k++) {
			struct kit_call call = { .verb = verbs[k], .share = &bent, .bytes = 2 * KIT_MIB };

			if ((verbs[k] == SHR__VERB_LOOK && !kit->driver->look) || (verbs[k] == SHR__VERB_USAGE && !kit->driver->usage) ||
			    (verbs[k] == SHR__VERB_RESIZE && !(kit->caps & SHR_CAP_EXTEND)))
				continue;
			bent = share;
			snprintf(bent.ref, sizeof bent.ref, "%s", word(i, longest));
			must_answer(kit, &call, bent.ref);
		}
		kit_must(kit, SHR__VERB_UNEXPORT, &share, 0, 0);
		end_both(kit, &share, &other, word(i, longest));
	}
}

static void token_of_nobody(struct kit *kit)
{
	struct kit_share share, other;
	char longest[4097];
	size_t i;

	for (i = 1; i < N_WORDS; i++) {
		struct kit_call create = { .verb = SHR__VERB_CREATE, .share = &share, .token = word(i, longest) };
		struct kit_call drop = { .verb = SHR__VERB_REMOVE, .share = &share, .token = word(i, longest) };

		kit_create(kit, &other, KIT_MIB);
		kit_make_tree(&other);
		kit_share_init(kit, &share, KIT_MIB);
		must_answer(kit, &create, create.token);
		must_answer(kit, &drop, drop.token);
		end_both(kit, &share, &other, word(i, longest));
	}
}

/* ---- settings ---- */

/* FROM with KEY (which may have a '!' behind it) set to VALUE. */
static struct shr__setting *bend(const struct shr__setting *from, uint32_t n, const char *key, const char *const *value,
	char room[256], uint32_t *ret_n)
{
	struct shr__setting *to = calloc(n + 1, sizeof *to);
	uint32_t i, k = 0;

	snprintf(room, 256, "%.*s", (int)strcspn(key, "!"), key);
	for (i = 0; i < n; i++)
		if (strcmp(from[i].key, room) != 0)
			to[k++] = from[i];
	for (i = k; i > 0 && strcmp(to[i - 1].key, room) > 0; i--)
		to[i] = to[i - 1];
	to[i] = (struct shr__setting){ .key = room, .values = value, .n_values = 1 };
	*ret_n = k + 1;
	return to;
}

/* The backend of CONF is opened, or is not, with words; then its pools are asked for. */
static void try_settings(struct kit *kit, const struct shr__conf_backend *conf, const char *key, const char *value)
{
	const struct shr__conf_backend *right = kit->conf;
	struct kit_call stats = { .verb = SHR__VERB_STATS };
	char why[1024] = "";
	int code;

	kit->conf = conf;
	code = kit_try_open(kit, &kit->backend, why, sizeof why);
	if (code == 0)
		code = must_answer(kit, &stats, value);
	if (code == SHR_EDRIVER)
		kit_fail(kit, "setting %s is \"%.60s\": %s", key, value, why);
	kit_close(kit);
	kit->conf = right;
}

static void try_keys(struct kit *kit, const char *const *keys, int of_pool)
{
	const struct shr__conf_backend *right = kit->conf;
	struct shr__conf_backend conf = *right;
	struct shr__conf_pool *pools = malloc(right->n_pools * sizeof *pools);
	struct shr__setting *bent;
	char longest[4097], room[256];
	const char *value;
	size_t i;

	memcpy(pools, right->pools, right->n_pools * sizeof *pools);
	for (; keys && *keys; keys++) {
		for (i = 0; i < N_WORDS; i++) {
			value = word(i, longest);
			if (of_pool) {
				bent = bend(right->pools[0].settings, right->pools[0].n_settings, *keys, &value, room, &pools[0].n_settings);
				pools[0].settings = bent;
				conf.pools = pools;
			} else {
				bent = bend(right->settings, right->n_settings, *keys, &value, room, &conf.n_settings);
				conf.settings = bent;
			}
			try_settings(kit, &conf, *keys, value);
			free(bent);
		}
	}
	free(pools);
}

static void empty_dir(const char *dir)
{
	char *const roots[] = { (char *)(uintptr_t)dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	while (fts && (e = fts_read(fts)))
		if (e->fts_info != FTS_D)
			remove(e->fts_accpath);
	if (fts)
		fts_close(fts);
}

/* What a driver took for a good name, and made: it is seen in the directory that is watched, and goes, if it was not there. */
static void made_of_words(const struct kit *kit, int was_there[N_WORDS], int go)
{
	char path[2048];
	struct stat st;
	size_t i;

	for (i = 0; kit->args.watch && i < N_WORDS; i++) {
		if (!words[i] || !words[i][0] || strchr(words[i], '/'))
			continue;
		snprintf(path, sizeof path, "%.1024s/%s", kit->args.watch, words[i]);
		if (!go)
			was_there[i] = lstat(path, &st) == 0;
		else if (!was_there[i])
			empty_dir(path);
	}
}

/* In an empty directory below two others: what is taken for a relative path is made there. */
static void settings_of_nobody(struct kit *kit)
{
	char dir[] = "/tmp/shr-driver-check.XXXXXX", before[1024];
	int was_there[N_WORDS];

	kit_close(kit);
	if (!getcwd(before, sizeof before) || !mkdtemp(dir) || chdir(dir) < 0 || mkdir("a", 0700) < 0 || mkdir("a/b", 0700) < 0 ||
	    chdir("a/b") < 0)
		kit_skip(kit, "no directory for it: %m");
	made_of_words(kit, was_there, 0);
	try_keys(kit, kit->driver->settings, 0);
	try_keys(kit, kit->driver->pool_settings, 1);
	made_of_words(kit, was_there, 1);
	if (chdir(before) == 0)
		empty_dir(dir);
	kit_open(kit);
}

/* ---- rules ---- */

static int no_rules(void *data, struct shr__arena *arena, const char *after, const struct shr_rule **ret, uint32_t room)
{
	(void)data;
	(void)arena;
	(void)after;
	(void)room;
	(void)ret;
	return 0;
}

/* Each comes and goes; it may be refused, which is an answer. */
static void odd_clients(struct kit *kit, struct kit_share *share, uint32_t type, const char *who)
{
	struct shr_rule rule = { .size = sizeof rule, .type = type, .level = SHR_LEVEL_RO, .squash = SHR_SQUASH_ALL,
		.priority = -1000000, .revision = 1, .id = "018f0000-0000-7000-8000-0000000000ac", .share_id = "", .who = who,
		.reason = "" };
	struct shr_rule_change change = { .size = sizeof change, .is = &rule };
	const struct shr_rule_change *list[] = { &change };
	struct shr_access_diff diff = { .size = sizeof diff, .n_changes = 1, .from_revision = 0, .revision = 1, .changes = list };
	struct kit_call come = { .verb = SHR__VERB_ACCESS, .share = share, .diff = &diff, .rules = no_rules }, go = come;

	must_answer(kit, &come, who);
	change.was = &rule;
	change.is = NULL;
	diff.from_revision = 1;
	diff.revision = 2;
	must_answer(kit, &go, who);
}

static void clients_of_nobody(struct kit *kit)
{
	static const char *const names[] = {
		"a b", "EXAMPLE\\user", "user@EXAMPLE.ORG", "-rf", "$(id)", "*", "%s%n", "\"quoted\"", "a,b", "a;b", "(ro)",
		"\xc3\xa4\xe2\x82\xac", "@group", "x=y",
	};
	static const char *const addresses[] = { "0.0.0.0/0", "255.255.255.255", "127.0.0.1", "0.0.0.0", "192.0.2.0/31" };
	uint64_t caps = shr__backend_access_caps(kit->backend);
	struct kit_share share;
	size_t i;

	kit_create(kit, &share, KIT_MIB);
	for (i = 0; caps & SHR_CAP_ACCESS_USER && i < sizeof names / sizeof *names; i++)
		odd_clients(kit, &share, SHR_ACCESS_USER, names[i]);
	for (i = 0; caps & SHR_CAP_ACCESS_IP && i < sizeof addresses / sizeof *addresses; i++)
		odd_clients(kit, &share, SHR_ACCESS_IP, addresses[i]);
	if (caps & SHR_CAP_IPV6 && caps & SHR_CAP_ACCESS_IP)
		odd_clients(kit, &share, SHR_ACCESS_IP, "::/0");
	kit_remove(kit, &share);
}

const struct kit_row kit_garbage_rows[] = {
	{ "garbage: a ref that is nobody's", ref_of_nobody, KIT_CONTRACT, 0 },
	{ "garbage: a token that is nobody's", token_of_nobody, KIT_CONTRACT, 0 },
	{ "garbage: settings that make no sense", settings_of_nobody, KIT_CONTRACT, 0 },
	{ "garbage: clients of odd names", clients_of_nobody, KIT_CONTRACT, 0 },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};
