/* lib/base/record.c - immutable, counted records with all they point to in one arena */
#include "record.h"

struct shr__record_child {
	struct shr__record_child *next;
	const void *record;
};

/* The head is written through a pointer to a constant record: only the record's own bytes are immutable. */
static struct shr__record_head *head_of(const void *record)
{
	return (struct shr__record_head *)(uintptr_t)record - 1;
}

void *shr__record_new(size_t size, struct shr__arena **ret_arena)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__record_head *head;

	if (arena == NULL)
		return NULL;
	head = size <= PTRDIFF_MAX ? shr__arena_alloc(arena, sizeof(*head) + size) : NULL;
	if (head == NULL) {
		shr__arena_free(arena);
		return NULL;
	}
	head->arena = arena;
	atomic_init(&head->refs, 1);
	*ret_arena = arena;
	return head + 1;
}

const void *shr__record_ref(const void *record)
{
	if (record != NULL && head_of(record)->arena != NULL)
		atomic_fetch_add_explicit(&head_of(record)->refs, 1, memory_order_relaxed);
	return record;
}

void shr__record_unref(const void *record)
{
	struct shr__record_head *head;
	struct shr__record_child *c;

	if (record == NULL)
		return;
	head = head_of(record);
	if (head->arena == NULL)
		return;
	/* The last one must see what every other thread did with the record before it let go. */
	if (atomic_fetch_sub_explicit(&head->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (c = head->children; c != NULL; c = c->next)
		shr__record_unref(c->record);
	shr__arena_free(head->arena);
}

int shr__record_own(const void *owner, const void *child)
{
	struct shr__record_head *head = head_of(owner);
	struct shr__record_child *c;

	if (child == NULL)
		return 0;
	c = shr__arena_alloc(head->arena, sizeof(*c));
	if (c == NULL)
		return -1;
	c->record = child;
	c->next = head->children;
	head->children = c;
	return 0;
}
