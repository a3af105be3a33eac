/* tests/conformance/exporter_kit_access.c - rules: many at once, again and again, such as it cannot take, and what look says */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exporter_kit.h"

#define RULES 1000

static void looks_right(struct xkit *kit, const struct xkit_share *s, struct xkit_book *b)
{
	uint32_t foreign, i;
	int code;

	if (!kit->x->look)
		return;
	code = xkit_book_look(kit, s, b, &foreign);
	if (code)
		xkit_fail(kit, "look: %s", shr_strcode(code));
	if (foreign)
		xkit_fail(kit, "look: %u clients of no rule", foreign);
	for (i = 0; i < b->n; i++)
		if (b->rules[i].answer != SHR_OK)
			xkit_fail(kit, "look: %s: %s", b->rules[i].who, shr_strcode(b->rules[i].answer));
}

static void thousand_come_and_go(struct xkit *kit)
{
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct xkit_share s;
	uint32_t i;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_book_fill(kit, &b, RULES);
	xkit_book_must(kit, &s, &b, 0, 0);
	looks_right(kit, &s, &b);
	xkit_book_must(kit, &s, &b, 0, 0);
	for (i = 0; i < b.n; i++)
		b.rules[i].rule.level = b.rules[i].rule.level == SHR_LEVEL_RW ? SHR_LEVEL_RO : SHR_LEVEL_RW;
	xkit_book_must(kit, &s, &b, 0, 0);
	looks_right(kit, &s, &b);
	xkit_book_must(kit, &s, &b, RULES / 2, 1);
	looks_right(kit, &s, &b);
	xkit_book_must(kit, &s, &b, 0, 1);
	looks_right(kit, &s, &b);
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
}

static void add_again_keeps_clients(struct xkit *kit)
{
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct xkit_share s;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_book_fill(kit, &b, 20);
	xkit_book_must(kit, &s, &b, 0, 0);
	xkit_must(kit, XKIT_ADD, &s, 0);
	looks_right(kit, &s, &b);
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
}

static void after_remove_nobody_is_left(struct xkit *kit)
{
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct xkit_share s;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_book_fill(kit, &b, 20);
	xkit_book_must(kit, &s, &b, 0, 0);
	xkit_must(kit, XKIT_REMOVE, &s, 0);
	if (kit->x->look)
		xkit_must(kit, XKIT_LOOK, &s, SHR_ENOTFOUND);
	xkit_must(kit, XKIT_ADD, &s, 0);
	b.n = 0;
	looks_right(kit, &s, &b);
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
}

static void unknown_ones_may_go(struct xkit *kit)
{
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct xkit_share s;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_book_must(kit, &s, &b, 0, 0); /* nothing changed */
	xkit_book_fill(kit, &b, 3);
	xkit_book_must(kit, &s, &b, 0, 1);
	looks_right(kit, &s, &(struct xkit_book){ b.rules, 0, 0, 0 });
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
}

static void of_other_types(struct xkit *kit)
{
	static const struct {
		uint64_t cap;
		uint32_t type;
		uint32_t reserved0;
		const char *who;
	} types[] = {
		{ SHR_CAP_ACCESS_IP, SHR_ACCESS_IP, 0, "10.1.2.3" }, { SHR_CAP_ACCESS_USER, SHR_ACCESS_USER, 0, "alice" },
		{ SHR_CAP_ACCESS_CERT, SHR_ACCESS_CERT, 0, "host.example.org" }, { SHR_CAP_ACCESS_CEPHX, SHR_ACCESS_CEPHX, 0, "client" },
	};
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct xkit_share s;
	char why[XKIT_WORDS];
	size_t i;
	int code;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	for (i = 0; i < 4; i++)
		xkit_book_add(kit, &b, types[i].who, types[i].type, SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, 0);
	code = xkit_book_tell(kit, &s, &b, 0, 0, why);
	if (code)
		xkit_fail(kit, "one rule it cannot take took down all: %s: %s", shr_strcode(code), why);
	for (i = 0; i < 4; i++)
		if ((b.rules[i].answer == SHR_OK) != ((kit->x->capabilities & types[i].cap) != 0) ||
		    (b.rules[i].answer != SHR_OK && b.rules[i].answer != SHR_EUNSUPPORTED))
			xkit_fail(kit, "a rule for %s: %s, but declared is 0x%llx", types[i].who, shr_strcode(b.rules[i].answer),
				(unsigned long long)kit->x->capabilities);
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
}

/* Each is let in as said, or refused by name; and look agrees. */
static void of_all_lengths(struct xkit *kit)
{
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct xkit_share s;
	char who[64], why[XKIT_WORDS];
	uint32_t i, kept = 0, refused = 0;

	if (!(kit->x->capabilities & SHR_CAP_ACCESS_IP))
		xkit_skip(kit, "it takes no addresses");
	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	for (i = 0; i <= 32; i++) {
		snprintf(who, sizeof who, i == 32 ? "128.0.0.1" : i == 0 ? "0.0.0.0/0" : "128.0.0.0/%u", i);
		xkit_book_add(kit, &b, who, SHR_ACCESS_IP, i % 2 ? SHR_LEVEL_RO : SHR_LEVEL_RW, i % 4, 0);
	}
	for (i = 0; kit->x->capabilities & SHR_CAP_IPV6 && i <= 128; i++) {
		snprintf(who, sizeof who, i == 128 ? "8000::1" : i == 0 ? "::/0" : "8000::/%u", i);
		xkit_book_add(kit, &b, who, SHR_ACCESS_IP, i % 2 ? SHR_LEVEL_RO : SHR_LEVEL_RW, i % 4, 0);
	}
	if (xkit_book_tell(kit, &s, &b, 0, 0, why) != 0)
		xkit_fail(kit, "update_access: %s", why);
	for (i = 0; i < b.n; i++) {
		refused += b.rules[i].answer != SHR_OK;
		if (b.rules[i].answer != SHR_OK && b.rules[i].answer != SHR_EUNSUPPORTED)
			xkit_fail(kit, "%s: %s", b.rules[i].who, shr_strcode(b.rules[i].answer));
		if (b.rules[i].answer == SHR_OK) {
			b.rules[kept] = b.rules[i];
			b.rules[kept].rule.id = b.rules[kept].id;
			b.rules[kept].rule.who = b.rules[kept].who;
			kept++;
		}
	}
	b.n = kept;
	looks_right(kit, &s, &b);
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
	snprintf(kit->why, sizeof kit->why, "(%u taken, %u refused)", kept, refused);
}

static void set_that_cannot_be_read(struct xkit *kit)
{
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct shr_access_diff diff = { .size = sizeof diff, .revision = 1 };
	struct shr_rule_change change = { .size = sizeof change };
	const struct shr_rule_change *list = &change;
	struct xkit_more more = { .diff = &diff };
	struct xkit_call *c = xkit_call_new(kit, "update_access");
	struct xkit_share s;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	xkit_book_fill(kit, &b, 2);
	change.is = &b.rules[0].rule;
	diff.n_changes = 1;
	diff.changes = &list;
	c->rules = b.rules;
	c->n_rules = b.n;
	c->broken = 1;
	xkit_make(c, XKIT_UPDATE, &s, &more); /* what it answers the core has stuck to already */
	c->broken = 0;
	xkit_call_free(c);
	xkit_book_must(kit, &s, &b, 0, 0);
	looks_right(kit, &s, &b);
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
}

static void one_more(struct xkit *kit)
{
	static const uint32_t sizes[] = { 10, 1000, 10000 };
	struct xkit_book b = { NULL, 0, 0, 0 };
	struct xkit_share s;
	int64_t took[3];
	size_t i;

	xkit_share_new(kit, &s);
	xkit_must(kit, XKIT_ADD, &s, 0);
	for (i = 0; i < 3; i++) {
		xkit_book_fill(kit, &b, sizes[i] - b.n);
		xkit_book_must(kit, &s, &b, 0, 0);
		xkit_book_fill(kit, &b, 1);
		took[i] = xkit_now_ns();
		xkit_book_must(kit, &s, &b, b.n - 1, 0);
		took[i] = (xkit_now_ns() - took[i]) / 1000;
	}
	xkit_book_clear(&b);
	xkit_share_end(kit, &s);
	snprintf(kit->why, sizeof kit->why, "(%.1f, %.1f, %.1f ms)", (double)took[0] / 1000, (double)took[1] / 1000,
		(double)took[2] / 1000);
}

const struct xkit_check xkit_access_checks[] = {
	{ "access: a thousand rules come, change and go", thousand_come_and_go },
	{ "access: add again, and clients stay", add_again_keeps_clients },
	{ "access: removed and added, and nobody is let in", after_remove_nobody_is_left },
	{ "access: nothing changed; rules that never were may go", unknown_ones_may_go },
	{ "access: types that were not declared, one by one", of_other_types },
	{ "access: prefixes of every length", of_all_lengths },
	{ "access: a full set that cannot be read", set_that_cannot_be_read },
	{ "access: one more of 10, 1,000 and 10,000", one_more },
	{ NULL, NULL },
};
