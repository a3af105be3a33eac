/* lib/store/kv_slot.c - a key of each handle's own, so that who adds an index and who writes without it cannot both commit */
#include <string.h>

#include "store/kv_own.h"

/*
 * A handle that began to write before another added an index would leave its rows out of it. So every write transaction writes
 * its handle's slot, which nobody else does and which costs no conflict; and who changes the catalog writes all slots. To take
 * a slot is to write the number of the next one: two handles that open at once, one of which changes the catalog, conflict.
 */
static const char next_name[] = "\0libshare.next";
static const char slot_name[] = "\0libshare.slot";

static void name(struct shr__buf *key, const char *p, size_t n)
{
	key->n = 0;
	shr__buf_add(key, p, n);
}

int shr__kv_slot_take(struct shr__kv_txn *t)
{
	unsigned char number[8] = { 0 };
	const void *p;
	uint64_t n;
	int rc;

	name(&t->key, next_name, sizeof next_name);
	rc = shr__kv_get(t, &t->key, &p, &n);
	if (rc && rc != SHR_ENOTFOUND)
		return rc;
	if (!rc && n != sizeof number)
		return shr__kv_fail(t->kv, SHR_ECORRUPT, "its number of handles is damaged");
	if (!rc)
		memcpy(number, p, sizeof number);
	for (int i = 7; i >= 0 && ++number[i] == 0; i--)
		;
	name(&t->kv->slot, slot_name, sizeof slot_name);
	shr__buf_add(&t->kv->slot, number, sizeof number);
	rc = shr__kv_put(t, &t->key, number, sizeof number);
	return rc ? rc : shr__kv_slot_write(t);
}

int shr__kv_slot_write(struct shr__kv_txn *t)
{
	return shr__kv_put(t, &t->kv->slot, "", 0);
}

int shr__kv_slot_write_all(struct shr__kv_txn *t)
{
	const struct shr_kv_ops *ops = t->kv->ops;
	const void *key, *value;
	uint64_t n_key, n_value;
	int rc;

	name(&t->key, slot_name, sizeof slot_name);
	while (!t->key.failed) {
		rc = shr__kv_judge(t->kv, ops->next(t->kv->kv, t->txn, t->key.p, t->key.n, 0, 0, &key, &n_key, &value, &n_value));
		if (rc == SHR_ENOTFOUND || (!rc && (n_key < sizeof slot_name || memcmp(key, slot_name, sizeof slot_name))))
			return 0;
		if (rc)
			return rc;
		name(&t->key, key, n_key);
		rc = shr__kv_put(t, &t->key, "", 0);
		if (rc)
			return rc;
	}
	return SHR_ENOMEM;
}

void shr__kv_slot_leave(struct shr__kv *kv)
{
	void *txn;

	/* Whether it goes or stays harms nobody: one that stays is a key more to write when an index is added. */
	if (!kv->slot.n || kv->ops->begin(kv->kv, SHR_TXN_WRITE, &txn))
		return;
	if (kv->ops->del(kv->kv, txn, kv->slot.p, kv->slot.n))
		kv->ops->rollback(kv->kv, txn);
	else
		(void)kv->ops->commit(kv->kv, txn);
}
