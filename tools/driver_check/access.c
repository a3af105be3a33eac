/* tools/driver_check/access.c - rules: a thousand at once, again and again, unknown ones, the full set */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit.h"

#define RULES 1000

struct book { /* rules in the order of their ids, and changes that point at them */
	struct shr_rule rules[RULES + 1];
	char ids[RULES + 1][KIT_ID];
	char who[RULES + 1][64];
	struct shr_rule_change changes[RULES + 1];
	const struct shr_rule_change *list[RULES + 1];
	unsigned n_set; /* the full set are the first of them */
	unsigned pulled;
	int broken;     /* the full set cannot be read */
};

static void name_client(const struct kit *kit, struct book *b, unsigned i)
{
	uint64_t can = shr__backend_access_caps(kit->backend);

	if (can & SHR_CAP_ACCESS_IP) {
		b->rules[i].type = SHR_ACCESS_IP;
		if (i % 10 == 9 && can & SHR_CAP_IPV6)
			snprintf(b->who[i], sizeof b->who[i], "fd00:%x::/64", i);
		else
			snprintf(b->who[i], sizeof b->who[i], "10.%u.%u.0/24", i / 256, i % 256);
	} else {
		b->rules[i].type = can & SHR_CAP_ACCESS_USER ? SHR_ACCESS_USER : can & SHR_CAP_ACCESS_CERT ? SHR_ACCESS_CERT :
			SHR_ACCESS_CEPHX;
		snprintf(b->who[i], sizeof b->who[i], "client-%u", i);
	}
}

static void fill_book(const struct kit *kit, struct book *b)
{
	unsigned i;

	for (i = 0; i <= RULES; i++) {
		snprintf(b->ids[i], KIT_ID, "018f0000-0000-7000-8000-%012x", i);
		name_client(kit, b, i);
		b->rules[i].size = sizeof b->rules[i];
		b->rules[i].level = i % 2 ? SHR_LEVEL_RO : SHR_LEVEL_RW;
		b->rules[i].revision = 1;
		b->rules[i].id = b->ids[i];
		b->rules[i].share_id = "";
		b->rules[i].who = b->who[i];
		b->rules[i].reason = "";
		b->changes[i].size = sizeof b->changes[i];
		b->list[i] = &b->changes[i];
	}
}

static struct book *new_book(const struct kit *kit)
{
	struct book *b = calloc(1, sizeof *b);

	fill_book(kit, b);
	return b;
}

static int next_rule(void *data, struct shr__arena *arena, const char *after, const struct shr_rule **ret, uint32_t room)
{
	struct book *b = data;
	unsigned i;

	(void)arena;
	(void)room;
	if (b->broken)
		return SHR_ESTORE;
	for (i = 0; i < b->n_set; i++) {
		if (strcmp(b->ids[i], after) > 0) {
			b->pulled++;
			*ret = &b->rules[i];
			return 1;
		}
	}
	return 0;
}

/* The answer of the call for the changes FIRST to FIRST + N - 1. */
static int tell(struct kit *kit, struct kit_share *share, struct book *b, unsigned first, unsigned n, uint64_t from,
	uint64_t revision, struct kit_call *call)
{
	struct shr_access_diff diff = {
		.size = sizeof diff, .n_changes = n, .from_revision = from, .revision = revision, .changes = b->list + first,
	};

	call->verb = SHR__VERB_ACCESS;
	call->share = share;
	call->diff = &diff;
	call->rules = next_rule;
	call->rules_data = b;
	return kit_make(kit, call);
}

static void must_tell(struct kit *kit, struct kit_share *share, struct book *b, unsigned first, unsigned n,
	uint64_t from, uint64_t revision)
{
	struct kit_call call;
	int code;

	memset(&call, 0, sizeof call);
	code = tell(kit, share, b, first, n, from, revision, &call);
	if (code)
		kit_fail(kit, "%u changes from revision %llu: %s: %s", n, (unsigned long long)from, shr_strcode(code), call.message);
	if (call.n_refused)
		kit_fail(kit, "%u of %u rules were refused: %s: %s", call.n_refused, n, shr_strcode(call.refused_code), call.refused);
}

static void thousand_rules_come_change_and_go(struct kit *kit)
{
	struct book *b = new_book(kit);
	struct kit_share share;
	unsigned i, again;

	kit_create(kit, &share, KIT_MIB);
	for (i = 0; i < RULES; i++)
		b->changes[i].is = &b->rules[i];
	b->n_set = RULES;
	for (again = 0; again < 2; again++)
		must_tell(kit, &share, b, 0, RULES, 0, 1);
	for (i = 0; i < RULES; i++)
		b->changes[i].was = &b->rules[i];
	for (again = 0; again < 2; again++)
		must_tell(kit, &share, b, 0, RULES, 1, 2);
	for (i = 0; i < RULES; i++)
		b->changes[i].is = NULL;
	b->n_set = 0;
	for (again = 0; again < 2; again++)
		must_tell(kit, &share, b, 0, RULES, 2, 3);
	kit_remove(kit, &share);
	free(b);
}

static void rules_that_never_were_may_go(struct kit *kit)
{
	struct book *b = new_book(kit);
	struct kit_share share;

	kit_create(kit, &share, KIT_MIB);
	b->changes[0].was = &b->rules[0];
	b->changes[1].is = &b->rules[1];
	b->changes[2].was = &b->rules[2];
	b->n_set = 0;
	must_tell(kit, &share, b, 0, 1, 0, 1);
	must_tell(kit, &share, b, 0, 3, 1, 2);
	kit_remove(kit, &share);
	free(b);
}

static void empty_diff_is_fine(struct kit *kit)
{
	struct book *b = new_book(kit);
	struct kit_share share;

	kit_create(kit, &share, KIT_MIB);
	must_tell(kit, &share, b, 0, 0, 0, 1);
	kit_remove(kit, &share);
	free(b);
}

/* As after a process that knew more: the driver may pull what it misses, and must not trip over it. */
static void one_more_of_a_thousand(struct kit *kit)
{
	struct book *b = new_book(kit);
	struct kit_share share;

	kit_create(kit, &share, KIT_MIB);
	b->n_set = RULES + 1;
	b->changes[RULES].is = &b->rules[RULES];
	must_tell(kit, &share, b, RULES, 1, 1000, 1001);
	if (b->pulled > RULES + 1)
		kit_fail(kit, "%u rules were pulled of %d", b->pulled, RULES + 1);
	must_tell(kit, &share, b, RULES, 1, 1000, 1001);
	kit_remove(kit, &share);
	free(b);
}

static void full_set_that_cannot_be_read(struct kit *kit)
{
	struct book *b = new_book(kit);
	struct kit_call call;
	struct kit_share share;
	int code;

	kit_create(kit, &share, KIT_MIB);
	b->broken = 1;
	b->changes[0].is = &b->rules[0];
	memset(&call, 0, sizeof call);
	code = tell(kit, &share, b, 0, 1, 1000, 1001, &call);
	if (code != 0 && code != SHR_ESTORE)
		kit_fail(kit, "%s in place of what the store said: %s", shr_strcode(code), call.message);
	b->broken = 0;
	b->n_set = 1;
	must_tell(kit, &share, b, 0, 1, 1000, 1001);
	kit_remove(kit, &share);
	free(b);
}

void kit_ten_rules(struct kit *kit, struct kit_call *call)
{
	struct ten {
		struct shr_access_diff diff;
		struct book book;
	} *ten = kit->rules;
	unsigned i;

	if (!ten) {
		ten = kit->rules = calloc(1, sizeof *ten);
		fill_book(kit, &ten->book);
	}
	for (i = 0; i < 10; i++)
		ten->book.changes[i].is = &ten->book.rules[i];
	ten->book.n_set = 10;
	ten->diff.size = sizeof ten->diff;
	ten->diff.n_changes = 10;
	ten->diff.revision = 1;
	ten->diff.changes = ten->book.list;
	call->diff = &ten->diff;
	call->rules = next_rule;
	call->rules_data = &ten->book;
}

const struct kit_row kit_access_rows[] = {
	{ "access: a thousand rules come, change and go, each twice", thousand_rules_come_change_and_go, KIT_CONTRACT, 0 },
	{ "access: rules that never were may go", rules_that_never_were_may_go, KIT_CONTRACT, 0 },
	{ "access: nothing changed", empty_diff_is_fine, KIT_CONTRACT, 0 },
	{ "access: one more, when it knows nothing of a thousand", one_more_of_a_thousand, KIT_CONTRACT, 0 },
	{ "access: a full set that cannot be read", full_set_that_cannot_be_read, KIT_CONTRACT, 0 },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};
