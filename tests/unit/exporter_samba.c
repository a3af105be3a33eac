/* tests/unit/exporter_samba.c - users as smbd reads them, and a share's section: written, read again, compared */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../backends/samba/samba.h"
#include "driver_host.h"
#include "unit.h"

#define SHARE "018f0000-0000-7000-8000-000000000001"
#define INSTANCE "018f0000-0000-7000-8000-000000000002"
#define PATH "/state/mounts/" SHARE
#define MOST 64

static struct host h;
static struct shr_rule rules[MOST];
static const struct shr_rule *all[MOST + 1];
static char ids[MOST][37];
static unsigned n_rules;

static void forget(void)
{
	memset(&h, 0, sizeof h);
	memset(all, 0, sizeof all);
	n_rules = 0;
	h.all = all;
}

static void rule(const char *who, uint32_t level, int32_t priority)
{
	struct shr_rule *r = &rules[n_rules];

	snprintf(ids[n_rules], 37, "018f0000-0000-7000-8000-%012x", n_rules + 16);
	memset(r, 0, sizeof *r);
	r->size = sizeof *r;
	r->type = SHR_ACCESS_USER;
	r->level = level;
	r->priority = priority;
	r->id = ids[n_rules];
	r->who = who;
	r->share_id = SHARE;
	r->reason = "";
	all[n_rules++] = r;
}

static int effective(int readonly, struct smb_set *ret)
{
	struct shr_call call = host_call(&h);
	struct smb_set set = { NULL, 0, 0 };
	int code = smb_set_pull(&host_table, &call, (struct shr_rules *)(void *)&h, &set, NULL);

	memset(ret, 0, sizeof *ret);
	if (code == 0)
		code = smb_set_effective(&set, readonly, ret);
	smb_set_clear(&set);
	return code;
}

static struct smb_block block_of(int is_both, int is_cutting)
{
	return (struct smb_block){ SHARE, INSTANCE, PATH, is_both, is_cutting };
}

/* The section of the rules; the caller's. NULL: no memory. */
static char *text_of(int readonly, int is_both)
{
	struct smb_block b = block_of(is_both, 0);
	struct smb_set set;
	char *text = NULL;

	if (effective(readonly, &set) == 0)
		text = smb_block_text(&b, &set);
	smb_set_clear(&set);
	return text;
}

static void has(const char *text, const char *line)
{
	ck_assert_msg(strstr(text, line) != NULL, "no %s in %s", line, text);
}

static const char *wrong(const char *who)
{
	struct shr_rule r = { .size = sizeof r, .type = SHR_ACCESS_USER, .level = SHR_LEVEL_RW, .id = "1", .who = who };

	return smb_rule_wrong(&r);
}

START_TEST(whole_section_is_as_smbd_wants_it)
{
	char *text;

	forget();
	rule("bob", SHR_LEVEL_RO, 0);
	rule("alice", SHR_LEVEL_RW, 0);
	text = text_of(0, 0);
	ck_assert_str_eq(text, "[" SHARE "]\n\tpath = " PATH "\n\tlibshare:instance = " INSTANCE "\n\tavailable = yes\n\tbrowseable = no\n"
		"\tread only = yes\n\tguest ok = no\n\tprintable = no\n\twide links = no\n\tadmin users = S-1-0-0\n\tinvalid users = S-1-0-0\n"
		"\tlibshare:state = whole\n\tvalid users = S-1-0-0 \"alice\" \"bob\"\n\twrite list = S-1-0-0 \"alice\"\n");
	free(text);
}
END_TEST

/* An empty list of users would let everybody in. */
START_TEST(nobody_is_no_empty_list)
{
	char *text;

	forget();
	text = text_of(0, 0);
	has(text, "\tvalid users = S-1-0-0\n");
	has(text, "\twrite list = S-1-0-0\n");
	free(text);
}
END_TEST

START_TEST(readonly_instance_has_no_writers)
{
	char *text;

	forget();
	rule("alice", SHR_LEVEL_RW, 9);
	text = text_of(1, 0);
	has(text, "\tvalid users = S-1-0-0 \"alice\"\n\twrite list = S-1-0-0\n");
	free(text);
}
END_TEST

START_TEST(nfs_too_is_not_cached_and_nobody_is_root)
{
	static const char *const lines[] = { "\toplocks = no\n", "\tfake oplocks = no\n", "\tlevel2 oplocks = no\n", "\tkernel oplocks = no\n",
		"\tdurable handles = no\n", "\tposix locking = yes\n", "\tstrict locking = yes\n", "\tstrict sync = yes\n",
		"\tforce user = \n", "\tadmin users = S-1-0-0\n" };
	char *text, *alone;
	size_t i;

	forget();
	text = text_of(0, 1);
	alone = text_of(0, 0);
	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		has(text, lines[i]);
	ck_assert_ptr_null(strstr(alone, "oplocks"));
	free(text);
	free(alone);
}
END_TEST

/* Priority, then ro before rw, then the older; names are of any case. */
START_TEST(of_one_user_one_rule_counts)
{
	char *text;

	forget();
	rule("alice", SHR_LEVEL_RW, 0);
	rule("ALICE", SHR_LEVEL_RO, 0);
	rule("bob", SHR_LEVEL_RO, 1);
	rule("Bob", SHR_LEVEL_RW, 2);
	rule("_z", SHR_LEVEL_RW, 0);
	text = text_of(0, 0);
	has(text, "\tvalid users = S-1-0-0 \"_z\" \"ALICE\" \"Bob\"\n\twrite list = S-1-0-0 \"_z\" \"Bob\"\n");
	free(text);
}
END_TEST

START_TEST(names_that_mean_more_are_refused)
{
	static const char *const bad[] = { "", "@group", "+group", "&group", "%U", "a%Ub", "a\"b", "a,b", "a;b", "a\tb", "a\nb", " a", "a ",
		"\\a", "a\\", "a\\b\\c", "S-1-1-0", "s-1-1-0", "*", "a*", "a?", "a|b", "a=b", "a#b", "a/b", "a:b", "<a>", "[a]", "\x7f", "\x01",
		"m\xc3\xbcller", "a+b", "a@b", "a&b", "a`b", "$(a)" };
	static const char *const good[] = { "a", "alice", "john smith", "DOMAIN\\user", "o'brien", "a.b-c_d", "machine$", "42", "S-2" };
	char longest[257];
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(wrong(bad[i]) != NULL, "\"%s\" was taken", bad[i]);
	for (i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(wrong(good[i]) == NULL, "\"%s\": %s", good[i], wrong(good[i]));
	memset(longest, 'a', sizeof longest);
	longest[256] = '\0';
	ck_assert_ptr_nonnull(wrong(longest));
	longest[255] = '\0';
	ck_assert_ptr_null(wrong(longest));
}
END_TEST

START_TEST(what_it_cannot_take_is_refused_alone)
{
	struct shr_call call;
	struct smb_set set = { NULL, 0, 0 }, unfit = { NULL, 0, 0 };

	forget();
	rule("alice", SHR_LEVEL_RW, 0);
	rule("10.0.0.1", SHR_LEVEL_RW, 0);
	rules[1].type = SHR_ACCESS_IP;
	rule("bob", 77, 0);
	rule("carol", SHR_LEVEL_RW, 0);
	rules[3].squash = SHR_SQUASH_ROOT;
	rule("@all", SHR_LEVEL_RW, 0);
	call = host_call(&h);
	ck_assert_int_eq(smb_set_pull(&host_table, &call, (struct shr_rules *)(void *)&h, &set, &unfit), 0);
	ck_assert_uint_eq(set.n, 1);
	ck_assert_uint_eq(unfit.n, 4);
	ck_assert_str_eq(set.users[0].who, "alice");
	smb_set_clear(&set);
	smb_set_clear(&unfit);
}
END_TEST

START_TEST(section_is_read_as_it_was_written)
{
	struct smb_block b = block_of(0, 0), both = block_of(1, 0);
	struct smb_shown shown;
	char *text;

	forget();
	rule("alice", SHR_LEVEL_RW, 0);
	rule("john smith", SHR_LEVEL_RO, 0);
	text = text_of(0, 0);
	ck_assert_int_eq(smb_block_read(text, &shown), 0);
	ck_assert_str_eq(shown.instance_id, INSTANCE);
	ck_assert_str_eq(shown.path, PATH);
	ck_assert_int_eq(shown.is_cutting, 0);
	ck_assert_int_eq(shown.is_strange, 0);
	ck_assert_uint_eq(shown.users.n, 2);
	ck_assert_uint_eq(smb_set_find(&shown.users, "ALICE")->level, SHR_LEVEL_RW);
	ck_assert_uint_eq(smb_set_find(&shown.users, "john smith")->level, SHR_LEVEL_RO);
	ck_assert_ptr_null(smb_set_find(&shown.users, "bob"));
	ck_assert_int_eq(smb_block_same(text, &b), 1);
	ck_assert_int_eq(smb_block_same(text, &both), 0);
	b.path = "/elsewhere";
	ck_assert_int_eq(smb_block_same(text, &b), 0);
	smb_shown_clear(&shown);
	free(text);
}
END_TEST

START_TEST(a_cut_that_is_not_done_is_seen)
{
	struct smb_block b = block_of(0, 1);
	struct smb_shown shown;
	char *text = smb_block_text(&b, NULL);

	ck_assert_int_eq(smb_block_read(text, &shown), 0);
	ck_assert_int_eq(shown.is_cutting, 1);
	smb_shown_clear(&shown);
	free(text);
}
END_TEST

START_TEST(what_somebody_else_wrote_is_seen)
{
	static const char *const texts[] = { "[x]\n\tpath = /a\n\tvalid users = alice @g,bob;\"c d\"\n\twrite list = alice\n\tguest ok = yes\n",
		"[x]\n\tvalid users = a\n\twrite list = b\n" };
	struct smb_shown shown;

	ck_assert_int_eq(smb_block_read(texts[0], &shown), 0);
	ck_assert_uint_eq(shown.users.n, 4);
	ck_assert_int_eq(shown.is_strange, 1);
	ck_assert_str_eq(shown.instance_id, "");
	ck_assert_ptr_nonnull(smb_set_find(&shown.users, "c d"));
	ck_assert_uint_eq(smb_set_find(&shown.users, "alice")->level, SHR_LEVEL_RW);
	smb_shown_clear(&shown);
	ck_assert_int_eq(smb_block_read(texts[1], &shown), 0);
	ck_assert_int_eq(shown.is_strange, 1);
	smb_shown_clear(&shown);
	ck_assert_int_eq(smb_block_read("", &shown), 0);
	ck_assert_int_eq(smb_block_read("[\n=\n\t=\n\"", &shown), 0);
	smb_shown_clear(&shown);
}
END_TEST

START_TEST(who_goes_or_changes_is_cut_off_and_nobody_else)
{
	struct smb_set was, is, left;

	forget();
	rule("alice", SHR_LEVEL_RW, 0);
	rule("bob", SHR_LEVEL_RW, 0);
	rule("carol", SHR_LEVEL_RO, 0);
	ck_assert_int_eq(effective(0, &was), 0);
	forget();
	rule("Alice", SHR_LEVEL_RW, 0);
	rule("carol", SHR_LEVEL_RW, 0);
	rule("dave", SHR_LEVEL_RO, 0);
	ck_assert_int_eq(effective(0, &is), 0);
	ck_assert_int_eq(smb_set_between(&was, &is, &left), 2);
	ck_assert_uint_eq(left.n, 1);
	ck_assert_str_eq(left.users[0].who, "Alice");
	smb_set_clear(&left);
	ck_assert_int_eq(smb_set_between(&is, &is, &left), 0);
	ck_assert_uint_eq(left.n, 3);
	smb_set_clear(&left);
	smb_set_clear(&was);
	smb_set_clear(&is);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	char who[40][32], *text = NULL;
	long i;

	forget();
	for (i = 0; i < 40; i++) {
		snprintf(who[i], sizeof who[i], "user-%ld", i);
		rule(who[i], SHR_LEVEL_RW, 0);
	}
	for (i = 1; !text && i < 100; i++) {
		host_allocations = 0;
		host_fail_at = i;
		text = text_of(0, 1);
	}
	host_fail_at = 0;
	ck_assert_ptr_nonnull(text);
	ck_assert_int_gt(i, 5);
	free(text);
}
END_TEST

UNIT_MAIN(exporter_samba, whole_section_is_as_smbd_wants_it, nobody_is_no_empty_list, readonly_instance_has_no_writers,
	nfs_too_is_not_cached_and_nobody_is_root, of_one_user_one_rule_counts, names_that_mean_more_are_refused,
	what_it_cannot_take_is_refused_alone, section_is_read_as_it_was_written, a_cut_that_is_not_done_is_seen,
	what_somebody_else_wrote_is_seen, who_goes_or_changes_is_cut_off_and_nobody_else, each_allocation_may_fail)
