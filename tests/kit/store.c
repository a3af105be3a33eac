/* tests/kit/store.c - the conformance kit for stores: running its tests */
#include "store_kit.h"

#include <stdio.h>

void shr__kit_fail(struct kit *k, const char *file, int line, const char *what)
{
	const char *base = strrchr(file, '/');

	if (!k->failed)
		snprintf(k->text, sizeof k->text, "%s:%d: %s", base ? base + 1 : file, line, what);
	k->failed = 1;
}

void shr__kit_fail_rc(struct kit *k, const char *file, int line, const char *call, int rc, const char *wanted)
{
	char what[200];

	snprintf(what, sizeof what, "%s gave %d, not %s", call, rc, wanted);
	shr__kit_fail(k, file, line, what);
}

struct shr_store *shr__kit_store(struct kit *k, int i, const struct shr_schema *schema)
{
	struct shr_store *store;
	uint32_t generation = 0;
	int rc;

	if (k->stores[i])
		return k->stores[i];
	rc = k->params->open(k->params->data, &store);
	if (rc) {
		shr__kit_fail_rc(k, __FILE__, __LINE__, "open", rc, "0");
		return NULL;
	}
	rc = store->ops->prepare(store->st, schema, &generation);
	if (rc || generation < schema->generation) {
		shr__kit_fail_rc(k, __FILE__, __LINE__, "prepare", rc, "0 with the schema's generation or a later one");
		store->ops->close(store->st);
		return NULL;
	}
	k->stores[i] = store;
	return store;
}

void shr__kit_close(struct kit *k, int i)
{
	if (k->stores[i])
		k->stores[i]->ops->close(k->stores[i]->st);
	k->stores[i] = NULL;
}

struct kit_txn *shr__kit_begin(struct kit *k, struct shr_store *store, uint32_t flags)
{
	struct kit_txn *t = k->txns;
	int rc;

	while (t->store)
		t++;
	rc = store->ops->begin(store->st, flags, &t->txn);
	if (rc) {
		shr__kit_fail_rc(k, __FILE__, __LINE__, "begin", rc, "0");
		return NULL;
	}
	t->store = store;
	return t;
}

int shr__kit_commit(struct kit_txn *t)
{
	struct shr_store *store = t->store;

	t->store = NULL;
	return store->ops->commit(store->st, t->txn);
}

void shr__kit_rollback(struct kit_txn *t)
{
	struct shr_store *store = t->store;

	t->store = NULL;
	if (store)
		store->ops->rollback(store->st, t->txn);
}

static void report(const struct kit *k, const struct kit_test *test, uint32_t how, const char *text)
{
	if (k->params->report)
		k->params->report(test->name, how, text, k->params->data);
}

static int run_one(const struct shr_kit_store_params *params, const struct kit_test *test)
{
	struct kit k = { params, { NULL, NULL }, { { NULL, NULL } }, 0, "" };
	int rc;

	if (test->two && params->flags & SHR_KIT_PRIVATE) {
		report(&k, test, SHR_KIT_SKIPPED, "needs two handles on one content");
		return 0;
	}
	rc = params->wipe(params->data);
	if (rc)
		shr__kit_fail_rc(&k, __FILE__, __LINE__, "wipe", rc, "0");
	else
		test->run(&k);
	for (size_t i = 0; i < sizeof k.txns / sizeof k.txns[0]; i++)
		shr__kit_rollback(&k.txns[i]);
	shr__kit_close(&k, 1);
	shr__kit_close(&k, 0);
	report(&k, test, k.failed ? SHR_KIT_FAILED : SHR_KIT_PASSED, k.text);
	return k.failed;
}

int shr_kit_store(const struct shr_kit_store_params *params)
{
	const struct kit_test *const groups[] = { shr__kit_row_tests, shr__kit_scan_tests, shr__kit_txn_tests,
		shr__kit_race_tests, shr__kit_schema_tests };
	struct shr_kit_store_params p;
	int n_failed = 0;

	if (!params || params->size < sizeof p || !params->wipe || !params->open)
		return SHR_EINVAL;
	p = *params;
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		for (const struct kit_test *test = groups[i]; test->name; test++)
			if (!p.only || !strcmp(p.only, test->name))
				n_failed += run_one(&p, test);
	return n_failed;
}
