/* examples/memkv.c - an ordered key-value store in memory, as a host may have one: snapshot reads, first committer wins */
#include "memkv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/*
 * A skip list of keys; each key has its versions, the newest first. A transaction reads the newest version that is no newer
 * than its snapshot, and keeps its own writes to itself until it commits: then every key that it wrote must still be as it
 * was in its snapshot, or another was first.
 */
#define LEVELS 16

struct version {
	struct version *older;
	uint64_t seq;
	int there; /* 0: deleted */
	size_t n;
	unsigned char bytes[];
};

struct node {
	struct version *newest;
	struct node *next_dead;
	int is_dead; /* on the list of those that may have to go */
	size_t n;
	const unsigned char *key; /* behind next[] */
	struct node *next[];
};

struct write {
	unsigned char *key;
	size_t n;
	struct version *version;
};

struct memkv {
	pthread_mutex_t lock;
	unsigned users; /* stores, and whoever made it */
	uint64_t seq;   /* of the last commit */
	uint64_t dice;
	struct node *head[LEVELS];
	struct node *dead;
	struct txn *open; /* all transactions */
};

struct handle { /* what one store has */
	struct memkv *m;
	uint64_t own; /* commits through it */
};

struct txn {
	struct handle *h;
	struct txn *before, *after;
	uint64_t snapshot;
	struct write *writes; /* by key */
	size_t n, room;
};

static int compare(const void *a, size_t na, const void *b, size_t nb)
{
	size_t n = na < nb ? na : nb;
	int order = n ? memcmp(a, b, n) : 0;

	return order ? order : (na > nb) - (na < nb);
}

/* The links that lead to the first node at or behind KEY (behind it alone, with PAST), on every level. */
static void find(struct memkv *m, const void *key, size_t n, int past, struct node **links[LEVELS], struct node **ret_before)
{
	struct node **next = m->head, *before = NULL;

	for (int level = LEVELS - 1; level >= 0; level--) {
		while (next[level]) {
			int order = compare(next[level]->key, next[level]->n, key, n);

			if (order > 0 || (order == 0 && !past))
				break;
			before = next[level];
			next = before->next;
		}
		links[level] = &next[level];
	}
	if (ret_before)
		*ret_before = before;
}

static struct node *node_at(struct memkv *m, const void *key, size_t n)
{
	struct node **links[LEVELS];

	find(m, key, n, 0, links, NULL);
	return *links[0] && !compare((*links[0])->key, (*links[0])->n, key, n) ? *links[0] : NULL;
}

static struct node *node_new(struct memkv *m, const void *key, size_t n)
{
	struct node **links[LEVELS], *node;
	int height = 1;

	m->dice = m->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	for (uint64_t d = m->dice >> 33; height < LEVELS && (d & 3) == 0; d >>= 2)
		height++;
	node = calloc(1, sizeof *node + LEVELS * sizeof node->next[0] + n);
	if (!node)
		return NULL;
	node->n = n;
	node->key = memcpy(&node->next[LEVELS], key, n);
	find(m, key, n, 0, links, NULL);
	for (int level = 0; level < height; level++) {
		node->next[level] = *links[level];
		*links[level] = node;
	}
	return node;
}

static void versions_free(struct version *v)
{
	while (v) {
		struct version *older = v->older;

		free(v);
		v = older;
	}
}

static void node_remove(struct memkv *m, struct node *node)
{
	struct node **links[LEVELS];

	find(m, node->key, node->n, 0, links, NULL);
	for (int level = 0; level < LEVELS; level++)
		if (*links[level] == node)
			*links[level] = node->next[level];
	versions_free(node->newest);
	free(node);
}

/* Deleted keys go when nobody can see what they were. */
static void sweep(struct memkv *m)
{
	while (!m->open && m->dead) {
		struct node *node = m->dead;

		m->dead = node->next_dead;
		node->is_dead = 0;
		if (!node->newest || !node->newest->there)
			node_remove(m, node);
	}
}

static const struct version *visible(const struct node *node, uint64_t snapshot)
{
	const struct version *v = node->newest;

	while (v && v->seq > snapshot)
		v = v->older;
	return v && v->there ? v : NULL;
}

/* The place of KEY among T's writes; 1: it is there. */
static int find_write(const struct txn *t, const void *key, size_t n, size_t *ret_at)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(t->writes[middle].key, t->writes[middle].n, key, n);

		if (!order) {
			*ret_at = middle;
			return 1;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_at = low;
	return 0;
}

static int kv_begin(void *kv, uint32_t flags, void **ret_txn)
{
	struct handle *h = kv;
	struct txn *t = calloc(1, sizeof *t);

	(void)flags;
	if (!t)
		return SHR_ENOMEM;
	t->h = h;
	pthread_mutex_lock(&h->m->lock);
	t->snapshot = h->m->seq;
	t->after = h->m->open;
	if (t->after)
		t->after->before = t;
	h->m->open = t;
	pthread_mutex_unlock(&h->m->lock);
	*ret_txn = t;
	return 0;
}

/* Under the lock. */
static void leave(struct txn *t)
{
	struct memkv *m = t->h->m;

	if (t->before)
		t->before->after = t->after;
	else
		m->open = t->after;
	if (t->after)
		t->after->before = t->before;
	sweep(m);
}

static void txn_free(struct txn *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->writes[i].key);
		free(t->writes[i].version);
	}
	free(t->writes);
	free(t);
}

static void kv_rollback(void *kv, void *txn)
{
	struct handle *h = kv;

	pthread_mutex_lock(&h->m->lock);
	leave(txn);
	pthread_mutex_unlock(&h->m->lock);
	txn_free(txn);
}

/* What no open transaction can see any more. */
static void trim(struct memkv *m, struct node *node)
{
	uint64_t oldest = m->seq;
	struct version *v = node->newest;

	for (const struct txn *t = m->open; t; t = t->after)
		oldest = t->snapshot < oldest ? t->snapshot : oldest;
	while (v && v->seq > oldest)
		v = v->older;
	if (!v)
		return;
	versions_free(v->older);
	v->older = NULL;
}

/* Every key of T as it was, and a node for each: after this nothing can fail. */
static int can_commit(struct memkv *m, const struct txn *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct node *node = node_at(m, t->writes[i].key, t->writes[i].n);

		if (node && node->newest && node->newest->seq > t->snapshot)
			return SHR_EAGAIN;
		if (!node)
			node = node_new(m, t->writes[i].key, t->writes[i].n);
		if (!node)
			return SHR_ENOMEM;
		if (!node->is_dead && (!node->newest || !t->writes[i].version->there)) {
			node->is_dead = 1;
			node->next_dead = m->dead;
			m->dead = node;
		}
	}
	return 0;
}

static int kv_commit(void *kv, void *txn)
{
	struct handle *h = kv;
	struct memkv *m = h->m;
	struct txn *t = txn;
	int rc;

	pthread_mutex_lock(&m->lock);
	rc = can_commit(m, t);
	if (!rc && t->n) {
		m->seq++;
		h->own++;
	}
	for (size_t i = 0; !rc && i < t->n; i++) {
		struct node *node = node_at(m, t->writes[i].key, t->writes[i].n);

		t->writes[i].version->seq = m->seq;
		t->writes[i].version->older = node->newest;
		node->newest = t->writes[i].version;
		t->writes[i].version = NULL;
		trim(m, node);
	}
	leave(t);
	pthread_mutex_unlock(&m->lock);
	txn_free(t);
	return rc;
}

static int kv_get(void *kv, void *txn, const void *key, uint64_t key_len, const void **ret_value, uint64_t *ret_len)
{
	struct handle *h = kv;
	const struct txn *t = txn;
	const struct version *v = NULL;
	const struct node *node;
	size_t at;

	if (find_write(t, key, key_len, &at)) {
		v = t->writes[at].version;
		v = v->there ? v : NULL;
	} else {
		pthread_mutex_lock(&h->m->lock);
		node = node_at(h->m, key, key_len);
		v = node ? visible(node, t->snapshot) : NULL;
		pthread_mutex_unlock(&h->m->lock);
	}
	if (!v)
		return SHR_ENOTFOUND;
	*ret_value = v->bytes; /* stays while this transaction is open */
	*ret_len = v->n;
	return 0;
}

static int add_write(struct txn *t, size_t at, const void *key, size_t n)
{
	struct write w = { malloc(n ? n : 1), n, NULL };

	if (!w.key)
		return SHR_ENOMEM;
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct write *writes = realloc(t->writes, room * sizeof *writes);

		if (!writes) {
			free(w.key);
			return SHR_ENOMEM;
		}
		t->writes = writes;
		t->room = room;
	}
	memcpy(w.key, key, n);
	memmove(&t->writes[at + 1], &t->writes[at], (t->n - at) * sizeof *t->writes);
	t->writes[at] = w;
	t->n++;
	return 0;
}

static int write_key(struct txn *t, const void *key, size_t n_key, const void *value, size_t n, int there)
{
	struct version *v = calloc(1, sizeof *v + n);
	size_t at;

	if (!v)
		return SHR_ENOMEM;
	v->there = there;
	v->n = n;
	if (n)
		memcpy(v->bytes, value, n);
	if (!find_write(t, key, n_key, &at) && add_write(t, at, key, n_key)) {
		free(v);
		return SHR_ENOMEM;
	}
	free(t->writes[at].version);
	t->writes[at].version = v;
	return 0;
}

static int kv_put(void *kv, void *txn, const void *key, uint64_t key_len, const void *value, uint64_t len)
{
	(void)kv;
	return write_key(txn, key, key_len, value, len, 1);
}

static int kv_del(void *kv, void *txn, const void *key, uint64_t key_len)
{
	(void)kv;
	return write_key(txn, key, key_len, NULL, 0, 0);
}

/* The next node, either way, that T's snapshot has. Under the lock. */
static const struct node *next_node(struct memkv *m, const struct txn *t, const void *key, size_t n, int backwards,
	int inclusive)
{
	struct node **links[LEVELS], *before;

	find(m, key, n, backwards ? inclusive : !inclusive, links, &before);
	if (!backwards) {
		const struct node *node = *links[0];

		while (node && !visible(node, t->snapshot))
			node = node->next[0];
		return node;
	}
	while (before && !visible(before, t->snapshot))
		find(m, before->key, before->n, 0, links, &before);
	return before;
}

/* The next of T's own writes, either way; deleted ones, too. */
static const struct write *next_write(const struct txn *t, const void *key, size_t n, int backwards, int inclusive)
{
	size_t at;
	int there = find_write(t, key, n, &at);

	if (there && inclusive)
		return &t->writes[at];
	if (backwards)
		return at ? &t->writes[at - 1] : NULL;
	at += there;
	return at < t->n ? &t->writes[at] : NULL;
}

static int kv_next(void *kv, void *txn, const void *key, uint64_t key_len, uint32_t backwards, uint32_t inclusive,
	const void **ret_key, uint64_t *ret_key_len, const void **ret_value, uint64_t *ret_len)
{
	struct handle *h = kv;
	const struct txn *t = txn;

	for (;;) {
		const struct write *w = next_write(t, key, key_len, backwards != 0, inclusive != 0);
		const struct version *v;
		const struct node *node;
		int order;

		pthread_mutex_lock(&h->m->lock);
		node = next_node(h->m, t, key, key_len, backwards != 0, inclusive != 0);
		v = node ? visible(node, t->snapshot) : NULL;
		pthread_mutex_unlock(&h->m->lock);
		if (!node && !w)
			return SHR_ENOTFOUND;
		order = !node ? -1 : !w ? 1 : compare(w->key, w->n, node->key, node->n);
		if (node && w && backwards)
			order = -order;
		key = order <= 0 ? w->key : node->key; /* its own write hides what was there */
		key_len = order <= 0 ? w->n : node->n;
		v = order <= 0 ? w->version : v;
		inclusive = 0;
		if (!v->there)
			continue;
		*ret_key = key;
		*ret_key_len = key_len;
		*ret_value = v->bytes;
		*ret_len = v->n;
		return 0;
	}
}

static int kv_changes(void *kv, uint64_t *ret_changes)
{
	struct handle *h = kv;

	pthread_mutex_lock(&h->m->lock);
	*ret_changes = h->m->seq - h->own;
	pthread_mutex_unlock(&h->m->lock);
	return 0;
}

static void kv_close(void *kv)
{
	struct handle *h = kv;

	memkv_free(h->m);
	free(h);
}

static const struct shr_kv_ops memkv_ops = {
	SHR_STORE_ABI, sizeof(struct shr_kv_ops), "memkv", kv_begin, kv_commit, kv_rollback, kv_get, kv_put, kv_del, kv_next,
	kv_changes, kv_close,
};

struct memkv *memkv_new(void)
{
	struct memkv *m = calloc(1, sizeof *m);

	if (m && pthread_mutex_init(&m->lock, NULL)) {
		free(m);
		return NULL;
	}
	if (m)
		m->users = 1;
	return m;
}

void memkv_free(struct memkv *m)
{
	unsigned users;

	if (!m)
		return;
	pthread_mutex_lock(&m->lock);
	users = --m->users;
	pthread_mutex_unlock(&m->lock);
	if (users)
		return;
	for (struct node *node = m->head[0], *next; node; node = next) {
		next = node->next[0];
		versions_free(node->newest);
		free(node);
	}
	pthread_mutex_destroy(&m->lock);
	free(m);
}

int memkv_store(struct memkv *m, struct shr_store **ret_store, const struct shr_error **reterr)
{
	struct handle *h = calloc(1, sizeof *h);
	int rc;

	if (reterr)
		*reterr = NULL;
	if (!h)
		return SHR_ENOMEM;
	h->m = m;
	rc = shr_store_from_kv(&memkv_ops, h, ret_store, reterr);
	if (rc) {
		free(h);
		return rc;
	}
	pthread_mutex_lock(&m->lock);
	m->users++;
	pthread_mutex_unlock(&m->lock);
	return 0;
}
