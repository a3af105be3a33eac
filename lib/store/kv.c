/* lib/store/kv.c - a store of described rows from any ordered key-value store */
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "store/kv_own.h"

const struct shr_table *shr__kv_table(const struct shr_schema *schema, uint32_t number)
{
	if (number && number <= schema->n_tables && schema->tables[number - 1]->number == number)
		return schema->tables[number - 1];
	for (uint32_t i = 0; i < schema->n_tables; i++)
		if (schema->tables[i]->number == number)
			return schema->tables[i];
	return NULL;
}

static void txn_free(struct shr__kv_txn *t)
{
	struct shr__kv *kv = t->kv;

	if (t->writes) {
		pthread_mutex_lock(&kv->lock);
		kv->writing = 0;
		pthread_mutex_unlock(&kv->lock);
	}
	shr__arena_free(t->undo);
	shr__buf_clear(&t->key);
	shr__buf_clear(&t->entry);
	shr__buf_clear(&t->other);
	shr__buf_clear(&t->value);
	shr__buf_clear(&t->was);
	shr__free(t);
}

/* One writer at a time: the catalog is its own meanwhile. */
static int may_write(struct shr__kv *kv)
{
	int busy;

	pthread_mutex_lock(&kv->lock);
	busy = kv->writing;
	kv->writing = 1;
	pthread_mutex_unlock(&kv->lock);
	return busy ? shr__kv_fail(kv, SHR_EAGAIN, "another write transaction of this store is open") : 0;
}

static int begin(struct shr__kv *kv, uint32_t flags, struct shr__kv_txn **ret_txn)
{
	struct shr__kv_txn *t = shr__alloc(sizeof *t);
	int rc;

	if (!t)
		return SHR_ENOMEM;
	t->kv = kv;
	rc = flags & SHR_TXN_WRITE ? may_write(kv) : 0;
	t->writes = !rc && flags & SHR_TXN_WRITE;
	if (t->writes && !(t->undo = shr__arena_new()))
		rc = SHR_ENOMEM;
	if (!rc)
		rc = shr__kv_judge(kv, kv->ops->begin(kv->kv, flags, &t->txn));
	if (rc) {
		txn_free(t);
		return rc;
	}
	*ret_txn = t;
	return 0;
}

static void kv_rollback(void *st, void *txn)
{
	struct shr__kv *kv = st;
	struct shr__kv_txn *t = txn;

	kv->ops->rollback(kv->kv, t->txn);
	txn_free(t);
}

static int kv_commit(void *st, void *txn)
{
	struct shr__kv *kv = st;
	struct shr__kv_txn *t = txn;
	int rc = kv->ops->commit(kv->kv, t->txn);

	txn_free(t);
	return shr__kv_judge(kv, rc);
}

static int kv_begin(void *st, uint32_t flags, void **ret_txn)
{
	struct shr__kv_txn *t;
	int rc = begin(st, flags, &t);

	if (!rc && t->writes) {
		rc = shr__kv_catalog_read(t, &t->kv->catalog);
		if (rc == SHR_ENOTFOUND)
			rc = shr__kv_fail(st, SHR_ECORRUPT, "its catalog of indexes is gone");
		if (!rc)
			rc = shr__kv_slot_write(t);
		if (rc)
			kv_rollback(st, t);
	}
	if (!rc)
		*ret_txn = t;
	return rc;
}

static int schema_ok(struct shr__kv *kv, const struct shr_schema *want)
{
	for (uint32_t i = 0; i < want->n_tables; i++) {
		const struct shr_table *table = want->tables[i];

		if (!table->n_indexes || table->number > UINT16_MAX || table->n_columns > SHR__KV_COLUMNS)
			return shr__kv_fail(kv, SHR_ESTORE, "table %s has more than this store can keep", table->name);
		for (uint32_t j = 0; j < table->n_columns; j++)
			if (table->columns[j]->number > UINT16_MAX)
				return shr__kv_fail(kv, SHR_ESTORE, "table %s: a column's number is over 65535", table->name);
		for (uint32_t j = 0; j < table->n_indexes; j++)
			if (table->indexes[j]->n_columns > SHR__KV_KEY_COLUMNS || table->indexes[j]->number > UINT16_MAX)
				return shr__kv_fail(kv, SHR_ESTORE, "index %s has more than this store can keep",
					table->indexes[j]->name);
	}
	return 0;
}

static int raise_once(struct shr__kv *kv, const struct shr_schema *want)
{
	struct shr__kv_txn *t;
	int rc = begin(kv, SHR_TXN_WRITE, &t);

	if (rc)
		return rc;
	rc = shr__kv_catalog_read(t, &kv->known);
	if (rc == SHR_ENOTFOUND)
		rc = 0;
	if (!rc && kv->known.least > want->generation)
		rc = shr__kv_fail(kv, SHR_EABI, "it needs generation %u, and this library has %u", kv->known.least,
			want->generation);
	if (!rc)
		rc = shr__kv_catalog_raise(t, &kv->known, want);
	if (!rc)
		rc = shr__kv_slot_take(t);
	if (!rc)
		return kv_commit(kv, t);
	kv_rollback(kv, t);
	return rc;
}

static int kv_prepare(void *st, const struct shr_schema *want, uint32_t *ret_generation)
{
	struct shr__kv *kv = st;
	int rc = schema_ok(kv, want);

	if (rc)
		return rc;
	rc = SHR_EAGAIN;
	for (int tries = 0; tries < 100 && rc == SHR_EAGAIN; tries++) {
		shr__kv_catalog_clear(&kv->known);
		rc = raise_once(kv, want);
	}
	if (rc)
		return rc;
	kv->schema = want;
	*ret_generation = kv->known.generation;
	return 0;
}

static int kv_mark(void *st, void *txn)
{
	struct shr__kv_txn *t = txn;

	shr__kv_forget_undo(t);
	t->marked = 1;
	return 0;
}

static int kv_keep(void *st, void *txn)
{
	struct shr__kv_txn *t = txn;

	t->marked = 0;
	shr__kv_forget_undo(t);
	return 0;
}

static int kv_back(void *st, void *txn)
{
	int rc = shr__kv_undo(txn);

	kv_keep(st, txn);
	return rc;
}

static int kv_changes(void *st, uint64_t *ret_changes)
{
	struct shr__kv *kv = st;

	return shr__kv_judge(kv, kv->ops->changes(kv->kv, ret_changes));
}

static void kv_message(void *st, char *buf, uint64_t room)
{
	struct shr__kv *kv = st;
	size_t n = 0;

	if (!room)
		return;
	pthread_mutex_lock(&kv->lock);
	if (kv->words[0] && pthread_equal(kv->failed, pthread_self())) {
		n = strlen(kv->words);
		n = n < room ? n : room - 1;
		memcpy(buf, kv->words, n);
	}
	buf[n] = 0;
	pthread_mutex_unlock(&kv->lock);
}

static void kv_close(void *st)
{
	struct shr__kv *kv = st;

	shr__kv_slot_leave(kv);
	shr__buf_clear(&kv->slot);
	kv->ops->close(kv->kv);
	shr__kv_catalog_clear(&kv->catalog);
	shr__kv_catalog_clear(&kv->known);
	pthread_mutex_destroy(&kv->lock);
	shr__free(kv);
}

static const struct shr_store_ops kv_ops = {
	.abi = SHR_STORE_ABI,
	.size = sizeof(struct shr_store_ops),
	.name = "kv",
	.prepare = kv_prepare,
	.begin = kv_begin,
	.commit = kv_commit,
	.rollback = kv_rollback,
	.mark = kv_mark,
	.keep = kv_keep,
	.back = kv_back,
	.get = shr__kv_row_get,
	.insert = shr__kv_row_insert,
	.update = shr__kv_row_update,
	.add = shr__kv_row_add,
	.remove = shr__kv_row_remove,
	.scan = shr__kv_scan,
	.changes = kv_changes,
	.check = shr__kv_check,
	.message = kv_message,
	.close = kv_close,
};

int shr_store_from_kv(const struct shr_kv_ops *ops, void *kv, struct shr_store **ret_store,
	const struct shr_error **reterr)
{
	struct shr__kv *st;

	if (reterr)
		*reterr = NULL;
	if (ops->abi != SHR_STORE_ABI || ops->size < sizeof *ops)
		return shr__fail_do(reterr, SHR_EABI, "Build the store against the headers of this libshare.",
			"the key-value store's table has abi %u and size %u; this library needs %u and at least %zu", ops->abi,
			ops->size, SHR_STORE_ABI, sizeof *ops);
	if (!ops->name || !ops->begin || !ops->commit || !ops->rollback || !ops->get || !ops->put || !ops->del || !ops->next ||
	    !ops->changes || !ops->close)
		return shr__fail(reterr, SHR_EABI, "a member that every key-value store must have is missing in its table");
	st = shr__alloc(sizeof *st);
	if (!st)
		return shr__fail_nomem(reterr);
	if (pthread_mutex_init(&st->lock, NULL)) {
		shr__free(st);
		return shr__fail_nomem(reterr);
	}
	st->ops = ops;
	st->kv = kv;
	st->named = kv_ops;
	st->named.name = ops->name;
	st->store.ops = &st->named;
	st->store.st = st;
	*ret_store = &st->store;
	return 0;
}
