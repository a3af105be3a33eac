/* tests/conformance/exporter_kit_life.c - exports come, stay and go, each call twice */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exporter_kit.h"

static void table_is_whole(struct xkit *kit)
{
	const struct shr_exporter *x = kit->x;

	if (!x->name || !*x->name || !x->version || !x->open || !x->close || !x->probe || !x->add || !x->remove || !x->update_access)
		xkit_fail(kit, "a member that must be there is not");
	if (!x->protocols || !x->hold != !x->release)
		xkit_fail(kit, "no protocol, or one of hold and release alone");
	if (x->threads > SHR_THREADS_PARALLEL || x->fencing > SHR_FENCING_HOST_LOCK || x->flags)
		xkit_fail(kit, "threads, fencing or flags that are none");
}

static void probe_answers(struct xkit *kit)
{
	struct xkit_call *a = xkit_call_new(kit, "probe"), *b = xkit_call_new(kit, "probe");
	int ca = xkit_make(a, XKIT_PROBE, NULL, NULL), cb = xkit_make(b, XKIT_PROBE, NULL, NULL);
	uint64_t ia = a->incarnation, ib = b->incarnation;

	xkit_call_free(a);
	xkit_call_free(b);
	if (ca || cb)
		xkit_fail(kit, "probe: %s, then %s", shr_strcode(ca), shr_strcode(cb));
	if (ia != ib)
		xkit_fail(kit, "two incarnations of one server: %llx, %llx", (unsigned long long)ia, (unsigned long long)ib);
}

static void add_twice_is_once(struct xkit *kit)
{
	struct xkit_share s;
	struct xkit_call *c;
	char first[512];
	int i;

	xkit_share_new(kit, &s);
	for (i = 0; i < 3; i++) {
		c = xkit_call_new(kit, "add"); /* two operations, the second made twice */
		if (i == 2)
			memcpy(c->op_id, "018f0000-0000-7000-8000-000000000001", XKIT_ID);
		if (xkit_make(c, XKIT_ADD, &s, NULL) != 0)
			xkit_fail(kit, "add: %s", c->words);
		if (i == 0)
			memcpy(first, c->location, sizeof first);
		else if (strcmp(first, c->location) != 0)
			xkit_fail(kit, "the location was %s, and is %s", first, c->location);
		if (i == 2 && xkit_make(c, XKIT_ADD, &s, NULL) != 0)
			xkit_fail(kit, "the same add again: %s", c->words);
		xkit_call_free(c);
	}
	xkit_share_end(kit, &s);
}

static void remove_twice_is_once(struct xkit *kit)
{
	struct xkit_share s;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_must(kit, XKIT_REMOVE, &s, 0);
	xkit_must(kit, XKIT_REMOVE, &s, 0);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_share_end(kit, &s);
}

static void what_never_was_may_go(struct xkit *kit)
{
	struct xkit_share s;

	xkit_share_new(kit, &s);
	xkit_share_end(kit, &s);
}

static void without_a_number(struct xkit *kit)
{
	struct xkit_share s;
	uint32_t number;

	if (!(kit->x->features & SHR_EXPORTER_NUMBERED))
		xkit_skip(kit, "it needs no number");
	xkit_share_new(kit, &s);
	number = s.number;
	s.number = 0;
	xkit_must(kit, XKIT_ADD, &s, SHR_EBACKEND);
	xkit_must(kit, XKIT_REMOVE, &s, 0);
	s.number = number;
	xkit_share_end(kit, &s);
}

static void nothing_to_export(struct xkit *kit)
{
	struct xkit_share s, none;
	struct xkit_call *c;
	int code;

	if (!(kit->x->features & SHR_EXPORTER_NUMBERED) && !kit->x->look)
		xkit_skip(kit, "it serves nothing");
	c = xkit_call_new(kit, "add");
	xkit_share_new(kit, &s);
	none = s;
	snprintf(none.path + strlen(none.path), 10, "-none");
	code = xkit_make(c, XKIT_ADD, &none, NULL);
	xkit_call_free(c);
	if (code == 0)
		xkit_fail(kit, "add: a directory that is not there was exported");
	xkit_must(kit, XKIT_REMOVE, &none, 0);
	xkit_share_end(kit, &s);
}

static void drain_and_back(struct xkit *kit)
{
	struct xkit_share s;

	if (!kit->x->drain)
		xkit_skip(kit, "it has no drain");
	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_DRAIN, &s, 0);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_must(kit, XKIT_DRAIN, &s, 0);
	xkit_must(kit, XKIT_DRAIN, &s, 0);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_share_end(kit, &s);
}

static void two_instances_of_one_share(struct xkit *kit)
{
	struct xkit_share a, b;

	if (!kit->x->drain || !kit->x->look)
		xkit_skip(kit, "it has no drain, or does not look");
	xkit_share_new(kit, &a);
	xkit_share_new(kit, &b);
	memcpy(b.share_id, a.share_id, XKIT_ID);
	b.number = a.number;
	xkit_must(kit, XKIT_ADD, &a, 0);
	xkit_must(kit, XKIT_DRAIN, &a, 0);
	xkit_must(kit, XKIT_ADD, &b, 0);
	xkit_must(kit, XKIT_REMOVE, &a, 0);
	xkit_must(kit, XKIT_LOOK, &b, 0); /* the other's end has not touched it */
	xkit_share_end(kit, &b);
	xkit_share_end(kit, &a);
}

/* The number of exports, page by page, and whether one of them is of INSTANCE. */
static uint32_t count_exports(struct xkit *kit, uint32_t page, const char *instance, int *ret_there)
{
	char after[256] = "";
	uint32_t n = 0, i, got;

	*ret_there = 0;
	do {
		struct xkit_call *c = xkit_call_new(kit, "list");
		struct xkit_more more = { .max = page, .after = after };

		if (xkit_make(c, XKIT_LIST, NULL, &more) != 0)
			xkit_fail(kit, "list: %s", c->words);
		got = c->n_found;
		for (i = 0; i < got; i++)
			*ret_there |= strcmp(c->found[i].instance_id, instance) == 0;
		if (got > 0)
			memcpy(after, c->found[got - 1].name, sizeof after);
		n += got;
		xkit_call_free(c);
	} while (got == page);
	return n;
}

static void list_has_them(struct xkit *kit)
{
	struct xkit_share s[3];
	uint32_t before, n;
	int i, there;

	if (!kit->x->list)
		xkit_skip(kit, "it has no list");
	for (i = 0; i < 3; i++)
		xkit_share_new(kit, &s[i]);
	before = count_exports(kit, 100, s[0].id, &there);
	for (i = 0; i < 3; i++)
		xkit_must(kit, XKIT_ADD, &s[i], 0);
	for (i = 0; i < 3; i++) {
		n = count_exports(kit, i == 0 ? 1 : 2, s[i].id, &there);
		if (n != before + 3 || !there)
			xkit_fail(kit, "%u exports in place of %u, its own %s", n, before + 3, there ? "among them" : "not there");
	}
	for (i = 0; i < 3; i++)
		xkit_share_end(kit, &s[i]);
	n = count_exports(kit, 100, s[0].id, &there);
	if (n != before || there)
		xkit_fail(kit, "%u exports are left in place of %u", n, before);
}

static void open_again_and_all_is_there(struct xkit *kit)
{
	struct xkit_share s;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_close(kit);
	xkit_open(kit);
	if (kit->x->look)
		xkit_must(kit, XKIT_LOOK, &s, 0);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_share_end(kit, &s);
}

const struct xkit_check xkit_life_checks[] = {
	{ "table: all that must be there", table_is_whole },
	{ "probe: twice, and the same server", probe_answers },
	{ "add: twice is once", add_twice_is_once },
	{ "remove: twice is once", remove_twice_is_once },
	{ "remove: what never was", what_never_was_may_go },
	{ "add: without an export number", without_a_number },
	{ "add: of nothing", nothing_to_export },
	{ "drain: twice, and back by add", drain_and_back },
	{ "drain: then the share's other instance", two_instances_of_one_share },
	{ "list: pages in order, with its own", list_has_them },
	{ "open: again, and the exports are there", open_again_and_all_is_there },
	{ NULL, NULL },
};
