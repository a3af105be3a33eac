/* tests/whole/whole_secrets.c - the secret that goes with a rule is shown to those who may see it, and is nowhere else */
#include "whole.h"

#include <dirent.h>

static struct whole w;
static char share[40], rule_id[40];

#define CEPH "plugins: {directories: [" TEST_BACKENDS "]}\nbackends:\n- name: n\n  driver: 'null'\n  pools: [{name: p}]\n"

static void setup(const char *key)
{
	memset(&w, 0, sizeof w);
	whole_open(&w, &(struct whole_how){ .config = CEPH, .file = 1, .key = key });
}

/* A share with one cephx rule; what its operation ends with. */
static int make_share(void)
{
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_CEPHX, .level = SHR_LEVEL_RW, .who = "alice" };
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_rule_page *page = NULL;
	const struct shr_op *op = NULL;
	int rc;

	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_CEPHFS;
	spec.rules = &rule;
	spec.n_rules = 1;
	spec.rule_size = sizeof rule;
	OK(shr_share_create(w.s, &spec, &op, &e));
	rc = whole_end(&w, op->id, NULL);
	snprintf(share, sizeof share, "%s", op->object_id);
	shr_op_unref(op);
	OK(shr_access_list(w.s, share, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	snprintf(rule_id, sizeof rule_id, "%s", page->items[0]->id);
	shr_rule_page_unref(page);
	return rc;
}

static char *secret(void)
{
	char *key = NULL;

	OK(shr_access_key(w.s, share, rule_id, &key, &e));
	ck_assert_uint_ge(strlen(key), 16);
	return key;
}

/* ---- looking for it ---- */

static int holds(const char *p, size_t n, const char *key)
{
	return memmem(p, n, key, strlen(key)) != NULL;
}

static void not_in_files(const char *key)
{
	DIR *dir = opendir(w.dir);
	unsigned n = 0;
	struct dirent *d;

	ck_assert_ptr_nonnull(dir);
	while ((d = readdir(dir))) {
		char path[512];
		long size;
		char *p;
		FILE *f;

		snprintf(path, sizeof path, "%s/%s", w.dir, d->d_name);
		f = d->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		fseek(f, 0, SEEK_END);
		size = ftell(f);
		rewind(f);
		p = malloc((size_t)size + 1);
		ck_assert_uint_eq(fread(p, 1, (size_t)size, f), (size_t)size);
		ck_assert_msg(!holds(p, (size_t)size, key), "the secret is in %s", path);
		ck_assert_msg(!holds(p, (size_t)size, key + 8), "a part of the secret is in %s", path);
		free(p);
		fclose(f);
		n++;
	}
	closedir(dir);
	ck_assert_uint_ge(n, 2);
}

static void not_in_json(char *json, const char *key)
{
	ck_assert_ptr_nonnull(json);
	ck_assert(!strstr(json, key));
	shr_free(json);
}

static void not_in_records(const char *key)
{
	const struct shr_event_page *events = NULL;
	const struct shr_op_page *ops = NULL;
	const struct shr_rule *rule = NULL;
	const struct shr_share *s = whole_share(&w, share);

	not_in_json(shr_share_json(s), key);
	shr_share_unref(s);
	OK(shr_access_get(w.s, share, rule_id, &rule, &e));
	ck_assert_uint_eq(rule->has_key, 1);
	not_in_json(shr_rule_json(rule), key);
	shr_rule_unref(rule);
	OK(shr_event_read(w.host, NULL, 1000, SHR_LIST_ALL_PROJECTS, NULL, &events, &e));
	for (uint32_t i = 0; i < events->n; i++)
		not_in_json(shr_event_json(events->items[i]), key);
	shr_event_page_unref(events);
	OK(shr_op_list(w.s, NULL, NULL, &ops, &e));
	for (uint32_t i = 0; i < ops->n; i++)
		not_in_json(shr_op_json(ops->items[i]), key);
	shr_op_page_unref(ops);
	ck_assert(!strstr(w.log, key));
}

START_TEST(a_secret_is_nowhere_but_with_those_who_may_see_it)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	struct shr_session *member = NULL;
	char *key, *other = NULL;

	setup("k1");
	ck_assert_int_eq(make_share(), 0);
	key = secret();
	not_in_files(key);
	not_in_records(key);
	p.project = "p2";
	OK(shr_session_open(w.ctx, &p, &member, &e));
	REFUSED(SHR_ENOTFOUND, shr_access_key(member, share, rule_id, &other, &e));
	shr_session_close(member);
	whole_close(&w);
	not_in_files(key);
	shr_free(key);
	whole_remove(&w);
}
END_TEST

START_TEST(without_a_key_to_seal_with_the_rule_is_refused)
{
	const struct shr_rule *rule = NULL;
	char *key = NULL;

	setup(NULL);
	(void)make_share();
	OK(shr_access_get(w.s, share, rule_id, &rule, &e));
	ck_assert_uint_eq(rule->state, SHR_RULE_ERROR);
	ck_assert_uint_eq(rule->has_key, 0);
	shr_rule_unref(rule);
	ck_assert_int_eq(whole_ask(&w, "SELECT code FROM rule_fault"), SHR_EKEY);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM rule_key"), 0);
	REFUSED(SHR_ENOTFOUND, shr_access_key(w.s, share, rule_id, &key, &e));
	whole_holds(&w, INV_REFUSED);
	whole_close(&w);
	whole_remove(&w);
}
END_TEST

START_TEST(secrets_are_sealed_anew_with_a_new_key)
{
	char *key, *again, *after = NULL;

	setup("k1");
	ck_assert_int_eq(make_share(), 0);
	key = secret();
	w.newest_key = "k2";
	OK(shr_access_reseal(w.host, NULL, 0, &after, &e));
	shr_free(after);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM rule_key WHERE key_id='k2'"), 1);
	again = secret();
	ck_assert_str_eq(key, again);
	not_in_files(key);
	shr_free(key);
	shr_free(again);
	whole_close(&w);
	whole_remove(&w);
}
END_TEST

/* The host's key of that name is another one, or there is none any more. */
static int other_key(void *data, const char *key_id, uint8_t ret_key[32], char ret_id[64])
{
	if (data == NULL)
		return -1;
	memset(ret_key, 0x55, 32);
	snprintf(ret_id, 64, "%s", key_id[0] ? key_id : "k9");
	return 0;
}

START_TEST(the_wrong_key_shows_nothing_and_harms_nothing)
{
	char *key = NULL, *right, *after = NULL;

	setup("k1");
	ck_assert_int_eq(make_share(), 0);
	right = secret();
	for (int i = 0; i < 2; i++) {
		struct shr_host *host = &w.ctx->env.world.host;
		struct shr_host was = *host;
		const struct shr_error *why = NULL;

		host->seal_key = other_key;
		host->data = i ? host->data : NULL;
		ck_assert_int_eq(shr_access_key(w.s, share, rule_id, &key, &why), SHR_EKEY);
		ck_assert(!strstr(why->message, right) && !strstr(why->remedy, right));
		shr_error_unref(why);
		REFUSED(SHR_EKEY, shr_access_reseal(w.host, NULL, 0, &after, &e));
		shr_free(after);
		*host = was;
	}
	key = secret();
	ck_assert_str_eq(key, right);
	shr_free(key);
	shr_free(right);
	whole_close(&w);
	whole_remove(&w);
}
END_TEST

UNIT_MAIN(whole_secrets, a_secret_is_nowhere_but_with_those_who_may_see_it, without_a_key_to_seal_with_the_rule_is_refused,
	secrets_are_sealed_anew_with_a_new_key, the_wrong_key_shows_nothing_and_harms_nothing)
