/* tests/conformance/exporter_kit_rules.c - the rules of a share, and telling an exporter of them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exporter_kit.h"

void xkit_book_add(struct xkit *kit, struct xkit_book *b, const char *who, uint32_t type, uint32_t level, uint32_t squash,
	int32_t priority)
{
	struct xkit_rule *r;
	uint32_t i, room = b->room ? b->room * 2 : 64;

	if (b->n == b->room) {
		r = realloc(b->rules, room * sizeof *r);
		if (!r)
			xkit_fail(kit, "no memory");
		b->rules = r;
		b->room = room;
		for (i = 0; i < b->n; i++) {
			r[i].rule.id = r[i].id;
			r[i].rule.who = r[i].who;
		}
	}
	r = &b->rules[b->n++];
	memset(r, 0, sizeof *r);
	xkit_id(r->id);
	snprintf(r->who, sizeof r->who, "%s", who);
	r->rule.size = sizeof r->rule;
	r->rule.type = type;
	r->rule.level = level;
	r->rule.squash = squash;
	r->rule.priority = priority;
	r->rule.revision = b->revision + 1;
	r->rule.id = r->id;
	r->rule.who = r->who;
	r->rule.share_id = r->rule.reason = "";
}

void xkit_book_fill(struct xkit *kit, struct xkit_book *b, uint32_t n)
{
	uint64_t can = kit->x->capabilities;
	uint32_t i, at, type = can & SHR_CAP_ACCESS_IP ? SHR_ACCESS_IP : can & SHR_CAP_ACCESS_USER ? SHR_ACCESS_USER :
		can & SHR_CAP_ACCESS_CERT ? SHR_ACCESS_CERT : SHR_ACCESS_CEPHX;
	char who[64];

	for (i = 0; i < n; i++) {
		at = b->n;
		if (type != SHR_ACCESS_IP)
			snprintf(who, sizeof who, "client-%u", at);
		else if (at % 10 == 9 && can & SHR_CAP_IPV6)
			snprintf(who, sizeof who, "fd00:%x::/64", at);
		else if (at % 3 == 0)
			snprintf(who, sizeof who, "10.%u.%u.0/24", at / 256, at % 256);
		else
			snprintf(who, sizeof who, "10.200.%u.%u", at / 256, at % 256);
		xkit_book_add(kit, b, who, type, at % 2 ? SHR_LEVEL_RO : SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, (int32_t)(at % 3));
	}
}

void xkit_book_clear(struct xkit_book *b)
{
	free(b->rules);
	memset(b, 0, sizeof *b);
}

int xkit_book_tell(struct xkit *kit, const struct xkit_share *share, struct xkit_book *b, uint32_t first, int gone, char *why)
{
	uint32_t n = b->n - first, i;
	struct shr_rule_change *changes = calloc(n + 1, sizeof *changes);
	const struct shr_rule_change **list = calloc(n + 1, sizeof *list);
	struct shr_access_diff diff = { sizeof diff, n, b->revision, b->revision + 1, list };
	struct xkit_more more = { .diff = &diff };
	struct xkit_call *c = xkit_call_new(kit, "update_access");
	int code;

	for (i = 0; i < n; i++) {
		changes[i].size = sizeof changes[i];
		*(gone ? &changes[i].was : &changes[i].is) = &b->rules[first + i].rule;
		list[i] = &changes[i];
		b->rules[first + i].answer = 1;
	}
	b->revision++;
	c->rules = b->rules;
	c->n_rules = gone ? first : b->n;
	code = xkit_make(c, XKIT_UPDATE, share, &more);
	if (why)
		snprintf(why, XKIT_WORDS, "%s", c->words);
	if (gone)
		b->n = first;
	xkit_call_free(c);
	free(list);
	free(changes);
	return code;
}

void xkit_book_must(struct xkit *kit, const struct xkit_share *share, struct xkit_book *b, uint32_t first, int gone)
{
	char why[XKIT_WORDS];
	int code = xkit_book_tell(kit, share, b, first, gone, why);
	uint32_t i;

	if (code)
		xkit_fail(kit, "update_access: %s: %s", shr_strcode(code), why);
	for (i = first; !gone && i < b->n; i++)
		if (b->rules[i].answer != SHR_OK)
			xkit_fail(kit, "update_access: %s: answered with %d", b->rules[i].who, b->rules[i].answer);
}

int xkit_book_look(struct xkit *kit, const struct xkit_share *share, struct xkit_book *b, uint32_t *ret_foreign)
{
	struct xkit_call *c = xkit_call_new(kit, "look");
	uint32_t i;
	int code;

	for (i = 0; i < b->n; i++)
		b->rules[i].answer = 1;
	c->rules = b->rules;
	c->n_rules = b->n;
	code = xkit_make(c, XKIT_LOOK, share, NULL);
	*ret_foreign = c->n_found;
	if (code == 0 && !c->pulled_all)
		xkit_fail(kit, "look: it did not ask for all rules");
	xkit_call_free(c);
	return code;
}
