/* lib/store/kv_txn.c - reading and writing through the host's key-value store, with a savepoint that it need not have */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/kv_own.h"

int shr__kv_fail(struct shr__kv *kv, int code, const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&kv->lock);
	va_start(args, format);
	vsnprintf(kv->words, sizeof kv->words, format, args);
	va_end(args);
	kv->failed = pthread_self();
	pthread_mutex_unlock(&kv->lock);
	return code;
}

int shr__kv_judge(struct shr__kv *kv, int rc)
{
	switch (rc) {
	case 0:
	case SHR_ENOTFOUND:
		return rc;
	case SHR_EAGAIN:
	case SHR_ENOMEM:
	case SHR_ENOSPC:
	case SHR_ESTORE:
	case SHR_EBUSY:
	case SHR_ECORRUPT:
	case SHR_EUNKNOWN:
		return shr__kv_fail(kv, rc, "%s", "");
	default:
		return shr__kv_fail(kv, SHR_ESTORE, "%s gave the answer %d, which stores do not have", kv->ops->name, rc);
	}
}

int shr__kv_get(struct shr__kv_txn *t, const struct shr__buf *key, const void **ret_p, uint64_t *ret_n)
{
	if (key->failed)
		return SHR_ENOMEM;
	return shr__kv_judge(t->kv, t->kv->ops->get(t->kv->kv, t->txn, key->p, key->n, ret_p, ret_n));
}

/* What a key had before the savepoint's body wrote it. */
struct shr__kv_undo {
	struct shr__kv_undo *before;
	const void *key, *value; /* no value: it was not there */
	size_t n_key, n_value;
};

static int remember(struct shr__kv_txn *t, const struct shr__buf *key)
{
	struct shr__kv_undo *u;
	const void *p = NULL;
	uint64_t n = 0;
	int rc = shr__kv_get(t, key, &p, &n);

	if (rc < 0 && rc != SHR_ENOTFOUND)
		return rc;
	u = shr__arena_alloc(t->undo, sizeof *u);
	if (!u)
		return SHR_ENOMEM;
	u->key = shr__arena_memdup(t->undo, key->p, key->n);
	u->n_key = key->n;
	u->value = rc ? NULL : shr__arena_memdup(t->undo, n ? p : "", n);
	u->n_value = n;
	if (!u->key || (!rc && !u->value))
		return SHR_ENOMEM;
	u->before = t->last;
	t->last = u;
	return 0;
}

static int put(struct shr__kv_txn *t, const void *key, size_t n_key, const void *p, size_t n)
{
	const struct shr_kv_ops *ops = t->kv->ops;
	int rc;

	if (p)
		rc = ops->put(t->kv->kv, t->txn, key, n_key, p, n);
	else
		rc = ops->del(t->kv->kv, t->txn, key, n_key);
	rc = shr__kv_judge(t->kv, rc);
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

int shr__kv_put(struct shr__kv_txn *t, const struct shr__buf *key, const void *p, size_t n)
{
	int rc = key->failed ? SHR_ENOMEM : 0;

	if (!rc && t->marked)
		rc = remember(t, key);
	return rc ? rc : put(t, key->p, key->n, p, n);
}

void shr__kv_forget_undo(struct shr__kv_txn *t)
{
	if (t->last)
		shr__arena_reset(t->undo);
	t->last = NULL;
}

int shr__kv_undo(struct shr__kv_txn *t)
{
	int rc = 0;

	for (const struct shr__kv_undo *u = t->last; u && !rc; u = u->before)
		rc = put(t, u->key, u->n_key, u->value, u->n_value);
	return rc;
}
