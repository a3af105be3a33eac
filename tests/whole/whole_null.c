/* tests/whole/whole_null.c - the null driver's file, a slow driver that refuses some, and rules that change all the time */
#include "whole.h"

#include <pthread.h>

#define CALLERS 3
#define BATCHES 25
#define MOST 4096

static struct whole w;
static char state[256];
static char share[40];

struct held { /* what the driver's file ends with */
	char id[40];
	unsigned level;
};
static struct held held[MOST];
static unsigned n_held;

static struct held *find(const char *id)
{
	for (unsigned i = 0; i < n_held; i++)
		if (strcmp(held[i].id, id) == 0)
			return &held[i];
	return NULL;
}

/* The lines of the only instance: libshare-null(7). */
static void read_state(void)
{
	FILE *f = fopen(state, "r");
	char line[512], id[40];
	unsigned level;

	ck_assert_ptr_nonnull(f);
	n_held = 0;
	while (fgets(line, sizeof line, f)) {
		struct held *h;

		if (sscanf(line, "rule %*s %39s %*u %u", id, &level) == 2) {
			h = find(id);
			ck_assert(h || n_held < MOST);
			h = h ? h : &held[n_held++];
			snprintf(h->id, sizeof h->id, "%s", id);
			h->level = level;
		} else if (sscanf(line, "unrule %*s %39s", id) == 1 && (h = find(id))) {
			*h = held[--n_held];
		}
	}
	fclose(f);
}

static void *call(void *data)
{
	unsigned number = (unsigned)(uintptr_t)data, seed = number;
	char who[20][24];

	for (unsigned k = 0; k < BATCHES; k++) {
		struct shr_access_change changes[20];
		struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;

		for (unsigned i = 0; i < 20; i++) {
			snprintf(who[i], sizeof who[i], "10.%u.%u.%u", number, i, (unsigned)rand_r(&seed) % 15);
			changes[i] = (struct shr_access_change){ .verb = SHR_SET, .type = SHR_ACCESS_IP, .who = who[i],
				.level = 1 + (uint32_t)rand_r(&seed) % 2 };
		}
		p.changes = changes;
		p.n_changes = 20;
		OK(shr_access_apply(w.s, share, &p, NULL, &e));
	}
	return NULL;
}

static void deny_some(void)
{
	const struct shr_rule_page *page = NULL;

	OK(shr_access_list(w.s, share, NULL, &page, &e));
	for (uint32_t i = 0; i < page->n; i += 3)
		OK(shr_access_deny(w.s, share, page->items[i]->id, NULL, &e));
	shr_rule_page_unref(page);
}

/* Each rule in force is in the file as it is; in error are those whose names the driver refuses, and no others. */
static unsigned compare(void)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	char after[512] = "";
	unsigned active = 0;

	list.limit = 1000;
	do {
		const struct shr_rule_page *page = NULL;

		list.after = after[0] ? after : NULL;
		OK(shr_access_list(w.s, share, &list, &page, &e));
		for (uint32_t i = 0; i < page->n; i++) {
			const struct shr_rule *r = page->items[i];
			const struct held *h = find(r->id);

			ck_assert_int_eq(r->state, strstr(r->who, ".7") ? SHR_RULE_ERROR : SHR_RULE_ACTIVE);
			if (r->state == SHR_RULE_ACTIVE)
				ck_assert_msg(h && h->level == r->level, "rule %s (%s) is not on the backend", r->id, r->who);
			else
				ck_assert_msg(!h, "rule %s (%s) is on the backend", r->id, r->who);
			active += r->state == SHR_RULE_ACTIVE;
		}
		snprintf(after, sizeof after, "%s", page->after);
		shr_rule_page_unref(page);
	} while (after[0]);
	return active;
}

START_TEST(what_the_null_driver_holds_is_what_the_store_says)
{
	pthread_t threads[CALLERS];
	char config[1024];

	whole_dir(&w);
	snprintf(state, sizeof state, "%s/state", w.dir);
	snprintf(config, sizeof config, "plugins: {directories: [%s]}\nbackends:\n- name: n\n  driver: 'null'\n  settings:\n    state: %s\n"
		"    fault: [\"update_access:*:late=10ms\", \"update_access:*:reject=.7\", \"update_access:2-3:again\", "
		"\"update_access:5:pending=3x10ms\"]\n  pools: [{name: p}]\nengine: {retry: {first: 10ms}}\n", TEST_BACKENDS,
		state);
	whole_open(&w, &(struct whole_how){ .config = config, .file = 1, .workers = 2 });
	whole_create(&w, 1 << 20, 0, share);
	for (uintptr_t i = 0; i < CALLERS; i++)
		pthread_create(&threads[i], NULL, call, (void *)i);
	for (int i = 0; i < CALLERS; i++)
		pthread_join(threads[i], NULL);
	deny_some();
	REFUSED(SHR_EPARTIAL, shr_access_wait(w.s, share, 0, 120000, &e));
	whole_rest(&w);
	read_state();
	ck_assert_uint_eq(compare(), n_held);
	ck_assert_uint_gt(n_held, 100);
	whole_holds(&w, INV_REFUSED);
	whole_close(&w);
	whole_remove(&w);
}
END_TEST

UNIT_MAIN(whole_null, what_the_null_driver_holds_is_what_the_store_says)
