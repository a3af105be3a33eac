/* tests/unit/exporter_ganesha.c - rules as NFS-Ganesha reads them: their order, what it cannot read, and the block's file */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../backends/ganesha/ganesha.h"
#include "driver_host.h"
#include "unit.h"

#define SHARE "018f0000-0000-7000-8000-000000000001"
#define INSTANCE "018f0000-0000-7000-8000-000000000002"
#define MOST 600

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

static void rule(const char *who, uint32_t level, uint32_t squash, int32_t priority)
{
	struct shr_rule *r = &rules[n_rules];

	snprintf(ids[n_rules], 37, "018f0000-0000-7000-8000-%012x", n_rules + 16);
	memset(r, 0, sizeof *r);
	r->size = sizeof *r;
	r->type = SHR_ACCESS_IP;
	r->level = level;
	r->squash = squash;
	r->priority = priority;
	r->id = ids[n_rules];
	r->who = who;
	r->share_id = SHARE;
	r->reason = "";
	all[n_rules++] = r;
}

static int pull(struct gan_set *set, struct gan_set *unfit)
{
	struct shr_call call = host_call(&h);

	memset(set, 0, sizeof *set);
	return gan_set_pull(&host_table, &call, (struct shr_rules *)(void *)&h, SHR_SQUASH_ROOT, set, unfit);
}

/* The client blocks of the rules; the caller's. NULL: no memory. */
static char *text_of(int readonly)
{
	struct gan_block block = { SHARE, INSTANCE, "/state/mounts/" SHARE, 7, SHR_SQUASH_ROOT, readonly, 0 };
	struct gan_set set;
	char *text = NULL;

	if (pull(&set, NULL) == 0)
		text = gan_block_text(&block, &set);
	gan_set_clear(&set);
	return text;
}

/* The nets and what is said of them, in the order of the text: "RO 10.0.0.1 ". */
static void squeeze(const char *text, char *ret, size_t room)
{
	const char *at = text;
	char clients[4096], level[8], squash[32];
	size_t n = 0;

	*ret = '\0';
	while ((at = strstr(at, "Clients = ")) != NULL) {
		ck_assert_int_eq(sscanf(at, "Clients = %4095[^;]; Access_Type = %7[^;]; Squash = %31[^;]", clients, level, squash), 3);
		n += (size_t)snprintf(ret + n, room - n, "%s %s: %s; ", level, squash, clients);
		at++;
	}
}

static void must_be(int readonly, const char *want)
{
	char *text = text_of(readonly), got[8192];

	ck_assert_ptr_nonnull(text);
	squeeze(text, got, sizeof got);
	ck_assert_str_eq(got, want);
	free(text);
}

START_TEST(whole_block_is_as_the_server_wants_it)
{
	char *text;

	forget();
	rule("10.0.0.1", SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, 0);
	text = text_of(0);
	ck_assert_str_eq(text, "# libshare instance " INSTANCE " number 7\nEXPORT {\n\tExport_Id = 7;\n\tPath = \"/state/mounts/" SHARE
		"\";\n\tPseudo = \"/" SHARE "\";\n\tAccess_Type = NONE;\n\tSquash = Root_Squash;\n\tProtocols = 4;\n\tTransports = TCP;\n"
		"\tSecType = sys;\n\tFSAL { Name = VFS; }\n\tCLIENT {\n\t\tClients = 10.0.0.1;\n\t\tAccess_Type = RW; Squash = Root_Squash; "
		"Protocols = 4;\n\t}\n}\n");
	free(text);
}
END_TEST

/* No attribute is kept, whoever may mount it and be it the first block, for nobody. */
START_TEST(what_smb_speaks_too_keeps_no_attributes)
{
	struct gan_block block = { SHARE, INSTANCE, "/state/mounts/" SHARE, 7, SHR_SQUASH_ROOT, 0, 1 };
	char *text = gan_block_text(&block, NULL);

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "\tFSAL { Name = VFS; }\n\tAttr_Expiration_Time = 0;\n}\n"));
	free(text);
	block.is_both = 0;
	text = gan_block_text(&block, NULL);
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_null(strstr(text, "Attr_Expiration_Time"));
	free(text);
}
END_TEST

START_TEST(priority_then_length_then_ro_then_age)
{
	forget();
	rule("10.0.0.0/8", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.0/16", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("10.1.0.0/16", SHR_LEVEL_RO, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.0/9", SHR_LEVEL_RO, SHR_SQUASH_ROOT, 5);
	rule("10.0.0.1", SHR_LEVEL_RW, SHR_SQUASH_ROOT, -1);
	must_be(0, "RO Root_Squash: 10.0.0.0/9, 10.1.0.0/16; RW Root_Squash: 10.0.0.0/16, 10.0.0.0/8, 10.0.0.1; ");
}
END_TEST

START_TEST(one_level_is_one_block_whatever_the_order)
{
	char who[256][32], *text, *at;
	unsigned i, blocks = 0;

	forget();
	for (i = 0; i < 256; i++) {
		snprintf(who[i], sizeof who[i], "10.0.0.%u", i);
		rule(who[i], i % 2 ? SHR_LEVEL_RO : SHR_LEVEL_RW, SHR_SQUASH_NONE + i % 3, 0);
	}
	text = text_of(0);
	for (at = text; (at = strstr(at, "CLIENT {")) != NULL; at++)
		blocks++;
	ck_assert_uint_eq(blocks, 6);
	free(text);
}
END_TEST

START_TEST(readonly_instance_is_read_only_in_one_block)
{
	forget();
	rule("10.0.0.1", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.2", SHR_LEVEL_RO, SHR_SQUASH_ROOT, 0);
	must_be(1, "RO Root_Squash: 10.0.0.2, 10.0.0.1; ");
}
END_TEST

START_TEST(everything_is_two_halves)
{
	forget();
	rule("0.0.0.0/0", SHR_LEVEL_RW, SHR_SQUASH_NONE, 0);
	rule("::/0", SHR_LEVEL_RO, SHR_SQUASH_ALL, 0);
	must_be(0, "RO All_Squash: ::/1, 8000::/1; RW No_Root_Squash: 0.0.0.0/1, 128.0.0.0/1; ");
}
END_TEST

START_TEST(long_prefixes_of_ipv6_are_told_one_by_one)
{
	forget();
	rule("fd00::4/126", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("fd00::5", SHR_LEVEL_RO, SHR_SQUASH_ROOT, 0);
	rule("fd00::/99", SHR_LEVEL_RO, SHR_SQUASH_ROOT, 0);
	must_be(0, "RO Root_Squash: fd00::5; RW Root_Squash: fd00::4, fd00::6, fd00::7; RO Root_Squash: fd00::/99; ");
}
END_TEST

START_TEST(what_it_cannot_read_is_refused_alone)
{
	struct gan_set set, unfit = { NULL, 0, 0 };

	forget();
	rule("fd00::/100", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("fd00::/119", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("alice", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.1; } EXPORT {", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.1/33", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.1/", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.1", 9, SHR_SQUASH_ROOT, 0);
	rule("10.0.0.1", SHR_LEVEL_RW, 9, 0);
	rule("10.0.0.2", SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	rules[2].type = SHR_ACCESS_USER;
	ck_assert_int_eq(pull(&set, &unfit), 0);
	ck_assert_uint_eq(set.n, 1);
	ck_assert_uint_eq(unfit.n, 8);
	for (unsigned i = 0; i < n_rules; i++)
		ck_assert_int_eq(gan_rule_wrong(&rules[i]) == NULL, i == 8);
	gan_set_clear(&set);
	gan_set_clear(&unfit);
	must_be(0, "RW Root_Squash: 10.0.0.2; ");
}
END_TEST

START_TEST(ids_are_uuids_and_nothing_else)
{
	ck_assert_int_eq(plug_id_ok(SHARE), 1);
	ck_assert_int_eq(plug_id_ok(""), 0);
	ck_assert_int_eq(plug_id_ok(SHARE "0"), 0);
	ck_assert_int_eq(plug_id_ok("018f0000-0000-7000-8000-00000000000"), 0);
	ck_assert_int_eq(plug_id_ok("018f0000-0000-7000-8000-00000000000\""), 0);
	ck_assert_int_eq(plug_id_ok("../../../../../../../../../../../etc"), 0);
}
END_TEST

START_TEST(file_is_whole_and_for_nobody_else)
{
	char dir[] = "/tmp/libshare-unit.XXXXXX";
	struct gan_head head;
	struct stat st;
	char *text;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	forget();
	text = text_of(0);
	umask(0);
	ck_assert_int_eq(gan_file_head(fd, SHARE, &head), 0);
	ck_assert_int_eq(gan_file_write(fd, SHARE, text), 0);
	ck_assert_int_eq(gan_file_write(fd, SHARE, text), 0);
	ck_assert_int_eq(fstatat(fd, SHARE ".conf", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(gan_file_head(fd, SHARE, &head), 1);
	ck_assert_str_eq(head.instance_id, INSTANCE);
	ck_assert_uint_eq(head.number, 7);
	ck_assert_int_eq(gan_file_write(fd, SHARE, "something else\n"), 0);
	ck_assert_int_eq(gan_file_head(fd, SHARE, &head), 0);
	ck_assert_int_eq(gan_file_drop(fd, SHARE), 0);
	ck_assert_int_eq(gan_file_drop(fd, SHARE), 0);
	free(text);
	close(fd);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	char who[40][32], *text = NULL;
	long i;

	forget();
	for (i = 0; i < 40; i++) {
		snprintf(who[i], sizeof who[i], "10.0.%ld.0/24", i);
		rule(who[i], SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	}
	for (i = 1; !text && i < 100; i++) {
		host_allocations = 0;
		host_fail_at = i;
		text = text_of(0);
	}
	host_fail_at = 0;
	ck_assert_ptr_nonnull(text);
	ck_assert_int_gt(i, 5);
	free(text);
}
END_TEST

/* ---- sets that are kept ---- */

#define CHANGES 5
static struct gan_keeper keeper = { PTHREAD_MUTEX_INITIALIZER, NULL, 0 };
static unsigned seed;

static unsigned below(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Some of each kind: equal nets, prefixes, IPv6, what the server cannot read. */
static void invent(struct shr_rule *r, char who[64])
{
	unsigned kind = below(20);

	snprintf(who, 64, kind == 0 ? "fd00::%u" : kind == 1 ? "10.%u.0.0/16" : kind == 2 ? "fd00:%u::/110" : "10.0.0.%u", below(250));
	r->who = who;
	r->level = below(3) ? SHR_LEVEL_RW : SHR_LEVEL_RO;
	r->priority = (int32_t)below(2);
	r->squash = below(4);
}

static char *text_with(const struct gan_set *set)
{
	struct gan_block block = { SHARE, INSTANCE, "/state/mounts/" SHARE, 7, SHR_SQUASH_ROOT, 0, 0 };
	char *text = gan_block_text(&block, set);

	ck_assert_ptr_nonnull(text);
	return text;
}

/* The set goes on from what is kept exactly as if it had been pulled. */
static void must_go_on(const struct shr_access_diff *diff)
{
	struct gan_set kept = { NULL, 0, 0 }, pulled;
	char *a, *b;

	ck_assert_int_eq(gan_kept_take(&keeper, INSTANCE, diff, SHR_SQUASH_ROOT, &kept), 1);
	ck_assert_int_eq(pull(&pulled, NULL), 0);
	a = text_with(&kept);
	b = text_with(&pulled);
	ck_assert_str_eq(a, b);
	free(a);
	free(b);
	gan_set_clear(&pulled);
	gan_kept_put(&keeper, INSTANCE, diff->revision, &kept);
}

/* Those that are left close up, in the order of ids. */
static void leave(unsigned at)
{
	for (n_rules--; at < n_rules; at++)
		all[at] = all[at + 1];
	all[n_rules] = NULL;
}

START_TEST(what_is_kept_goes_on_as_if_it_were_pulled)
{
	static struct shr_rule old[CHANGES], store[3 * MOST];
	static char whos[3 * MOST][64], names[3 * MOST][37], was[CHANGES][64];
	struct gan_set set;
	uint64_t revision = 5;
	unsigned made = 0;

	forget();
	seed = 7;
	for (; made < 400; made++) {
		rule("10.0.0.1", SHR_LEVEL_RW, 0, 0);
		invent(&rules[made], whos[made]);
	}
	ck_assert_int_eq(pull(&set, NULL), 0);
	gan_kept_put(&keeper, INSTANCE, revision, &set);
	for (unsigned round = 0; round < 600; round++) {
		struct shr_rule_change changes[CHANGES];
		const struct shr_rule_change *list[CHANGES];
		struct shr_access_diff diff = { sizeof diff, 1 + below(CHANGES), revision, revision + 1 + below(3), list };
		unsigned touched[CHANGES];

		memset(changes, 0, sizeof changes);
		for (uint32_t i = 0; i < diff.n_changes; i++) {
			unsigned at = below(n_rules), k;

			list[i] = &changes[i];
			for (k = 0; k < i && touched[k] != at; k++)
				;
			touched[i] = at;
			if (k < i || (below(2) && n_rules < MOST && made < 3 * MOST)) { /* a new one */
				struct shr_rule *r = &store[made];

				*r = rules[0];
				if (below(10) == 0) { /* told as new, and there already */
					changes[i].is = all[at];
					continue;
				}
				snprintf(names[made], 37, "018f0000-0000-7000-9000-%012x", made);
				r->id = names[made];
				invent(r, whos[made++]);
				all[n_rules++] = r;
				all[n_rules] = NULL;
				changes[i].is = r;
				touched[i] = n_rules - 1;
				continue;
			}
			old[i] = *all[at];
			snprintf(was[i], sizeof was[i], "%s", old[i].who);
			old[i].who = was[i];
			changes[i].was = &old[i];
			if (below(2) || n_rules < 300) { /* another level */
				struct shr_rule *r = (struct shr_rule *)(uintptr_t)all[at];

				r->level = r->level == SHR_LEVEL_RW ? SHR_LEVEL_RO : SHR_LEVEL_RW;
				changes[i].is = r;
			} else {
				leave(at);
				i = diff.n_changes = i + 1; /* the places of the others have moved */
				break;
			}
		}
		must_go_on(&diff);
		revision = diff.revision;
	}
	gan_kept_drop(&keeper, NULL);
	ck_assert_uint_eq(keeper.n, 0);
}
END_TEST

START_TEST(what_is_of_another_revision_is_pulled)
{
	static const uint64_t wrong[][2] = { { 0, 6 }, { 4, 6 }, { 6, 7 }, { 5, 5 } };
	struct shr_rule stranger = { .size = sizeof stranger, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW,
		.id = "018f0000-0000-7000-9000-000000000001", .who = "10.9.9.9" };
	const struct shr_rule_change gone = { sizeof gone, 0, &stranger, NULL }, *list[] = { &gone };
	struct gan_set set = { NULL, 0, 0 };

	forget();
	for (unsigned i = 0; i < 300; i++)
		rule("10.0.0.1", SHR_LEVEL_RW, 0, 0);
	for (unsigned i = 0; i < 5; i++) {
		struct shr_access_diff diff = { sizeof diff, i < 4 ? 0 : 1, i < 4 ? wrong[i][0] : 5, i < 4 ? wrong[i][1] : 6, list };

		ck_assert_int_eq(pull(&set, NULL), 0);
		gan_kept_put(&keeper, INSTANCE, 5, &set);
		ck_assert_int_eq(gan_kept_take(&keeper, SHARE, &diff, SHR_SQUASH_ROOT, &set), 0);
		ck_assert_int_eq(gan_kept_take(&keeper, INSTANCE, &diff, SHR_SQUASH_ROOT, &set), 0);
		ck_assert_uint_eq(keeper.n, 0); /* it is of no more use */
	}
	forget();
	rule("10.0.0.1", SHR_LEVEL_RW, 0, 0);
	ck_assert_int_eq(pull(&set, NULL), 0);
	gan_kept_put(&keeper, INSTANCE, 5, &set); /* too small */
	ck_assert_ptr_null(keeper.first);
}
END_TEST

START_TEST(so_many_are_kept_and_no_more)
{
	struct gan_set set;
	char id[37];

	forget();
	for (unsigned i = 0; i < 500; i++)
		rule("10.0.0.1", SHR_LEVEL_RW, 0, 0);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_int_eq(pull(&set, NULL), 0);
		snprintf(id, sizeof id, "018f0000-0000-7000-8001-%012x", i);
		gan_kept_put(&keeper, id, 5, &set);
	}
	ck_assert_uint_eq(keeper.n, 200000);
	gan_kept_drop(&keeper, id);
	ck_assert_uint_eq(keeper.n, 199500);
	gan_kept_drop(&keeper, NULL);
	ck_assert_ptr_null(keeper.first);
}
END_TEST

UNIT_MAIN(exporter_ganesha, what_is_kept_goes_on_as_if_it_were_pulled, what_is_of_another_revision_is_pulled, so_many_are_kept_and_no_more,
	 whole_block_is_as_the_server_wants_it, what_smb_speaks_too_keeps_no_attributes,
	priority_then_length_then_ro_then_age, one_level_is_one_block_whatever_the_order, readonly_instance_is_read_only_in_one_block, everything_is_two_halves,
	long_prefixes_of_ipv6_are_told_one_by_one, what_it_cannot_read_is_refused_alone, ids_are_uuids_and_nothing_else,
	file_is_whole_and_for_nobody_else, each_allocation_may_fail)
