/* tests/real/ganesha_access.c - who can mount, read and write: as clients see it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ganesha.h"

static void rw_ro_and_nobody(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", "ro 127.0.0.3", NULL };
	struct shared s;
	struct nfs_client c;

	shared_new(kit, &s, who);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, "put one text of one");
	must_answer(kit, &c, 1, "text of one", "get one");
	nfs_client_end(&c);
	must_mount(kit, &c, &s, "127.0.0.3", "127.0.0.1");
	must_answer(kit, &c, 1, "text of one", "get one");
	must_answer(kit, &c, 0, "ROFS", "put two text");
	nfs_client_end(&c);
	must_not_mount(kit, &s, "127.0.0.4", "127.0.0.1");
	shared_end(kit, &s);
}

static void deny_cuts_off(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.3", "rw 127.0.0.2", NULL };
	struct nfs_client c, other;
	struct shared s;

	shared_new(kit, &s, who);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_mount(kit, &other, &s, "127.0.0.3", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, "put one text");
	xkit_book_must(kit, &s.share, &s.book, 1, 1);
	must_answer(kit, &c, 0, NULL, "get one");
	must_answer(kit, &c, 0, NULL, "put two text");
	must_answer(kit, &other, 1, "text", "get one");
	nfs_client_end(&c);
	nfs_client_end(&other);
	must_not_mount(kit, &s, "127.0.0.2", "127.0.0.1");
	shared_end(kit, &s);
}

static void level_changes_live(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct nfs_client c;
	struct shared s;

	shared_new(kit, &s, who);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, "put one text");
	s.book.rules[0].rule.level = SHR_LEVEL_RO;
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	must_answer(kit, &c, 0, "ROFS", "put two text");
	must_answer(kit, &c, 1, "text", "get one");
	s.book.rules[0].rule.level = SHR_LEVEL_RW;
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	must_answer(kit, &c, 1, NULL, "put three text");
	nfs_client_end(&c);
	shared_end(kit, &s);
}

static void can(struct xkit *kit, const struct shared *s, const char *source, const char *server, char what)
{
	char got = what_can(kit, s, source, server);

	if (got != what)
		xkit_fail(kit, "%s can '%c' in place of '%c'", source, got, what);
}

static void by_ipv6(struct xkit *kit)
{
	static const char *const who[] = { "rw fd00::2", "ro ::1", NULL };
	struct shared s;

	shared_new(kit, &s, who);
	can(kit, &s, "fd00::2", "::1", 'w');
	can(kit, &s, "::1", "::1", 'r');
	can(kit, &s, "fd00::3", "::1", '-');
	shared_add_rule(kit, &s, "ro fd00::/126");
	xkit_book_must(kit, &s.share, &s.book, 2, 0);
	can(kit, &s, "fd00::3", "::1", 'r');
	can(kit, &s, "fd00::2", "::1", 'w');
	can(kit, &s, "127.0.0.1", "127.0.0.1", '-');
	shared_end(kit, &s);
}

static void overlapping_prefixes(struct xkit *kit)
{
	static const char *const who[] = { "ro 127.0.0.0/8", "rw 127.0.0.2", "rw 127.0.1.0/24", "ro 127.0.1.0/25", "rw 127.0.2.0/24 -1",
		"rw 127.0.3.0/24 5", "ro 127.0.3.1 4", NULL };
	struct shared s;

	shared_new(kit, &s, who);
	can(kit, &s, "127.0.0.2", "127.0.0.1", 'w'); /* the longest prefix */
	can(kit, &s, "127.0.0.3", "127.0.0.1", 'r');
	can(kit, &s, "127.0.1.1", "127.0.0.1", 'r');
	can(kit, &s, "127.0.1.200", "127.0.0.1", 'w');
	can(kit, &s, "127.0.2.1", "127.0.0.1", 'r'); /* a lower priority does not count */
	can(kit, &s, "127.0.3.1", "127.0.0.1", 'w'); /* a higher one does, however short */
	shared_end(kit, &s);
}

static void everybody(struct xkit *kit)
{
	static const char *const who[] = { "ro 0.0.0.0/0", "rw 127.0.0.2", "rw ::/0", NULL };
	struct shared s;

	shared_new(kit, &s, who);
	can(kit, &s, "127.0.0.2", "127.0.0.1", 'w');
	can(kit, &s, "127.9.9.9", "127.0.0.1", 'r');
	can(kit, &s, "fd00::3", "::1", 'w');
	shared_end(kit, &s);
}

static void readonly_instance(struct xkit *kit)
{
	static const char *const none[] = { NULL };
	struct shared s;

	shared_new(kit, &s, none);
	shared_add_rule(kit, &s, "rw 127.0.0.2");
	s.share.flags = SHR_INSTANCE_READONLY;
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	can(kit, &s, "127.0.0.2", "127.0.0.1", 'r');
	shared_end(kit, &s);
}

static uint32_t owner_after(struct xkit *kit, struct shared *s, uint32_t squash)
{
	struct nfs_client c;
	char path[600];
	struct stat st;

	s->book.rules[0].rule.squash = squash;
	xkit_book_must(kit, &s->share, &s->book, 0, 0);
	must_mount(kit, &c, s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, squash == SHR_SQUASH_NONE ? "put none text" : squash == SHR_SQUASH_ROOT ? "put root text" :
		"put all text");
	nfs_client_end(&c);
	snprintf(path, sizeof path, "%s/%s", s->share.path, squash == SHR_SQUASH_NONE ? "none" : squash == SHR_SQUASH_ROOT ? "root" :
		"all");
	if (stat(path, &st) < 0)
		xkit_fail(kit, "%s is not there", path);
	return st.st_uid;
}

static void squashed(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct shared s;

	shared_new(kit, &s, who);
	if (owner_after(kit, &s, SHR_SQUASH_NONE) != 0)
		xkit_fail(kit, "root was squashed");
	if (owner_after(kit, &s, SHR_SQUASH_ROOT) == 0 || owner_after(kit, &s, SHR_SQUASH_ALL) == 0)
		xkit_fail(kit, "root was not squashed");
	shared_end(kit, &s);
}

static void two_thousand(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", "ro 127.0.0.3", NULL };
	struct nfs_client c;
	struct shared s;
	int64_t took;

	shared_new(kit, &s, who);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	xkit_book_fill(kit, &s.book, 2000);
	xkit_book_must(kit, &s.share, &s.book, 2, 0);
	shared_add_rule(kit, &s, "ro 127.0.0.4");
	took = xkit_now_ns();
	xkit_book_must(kit, &s.share, &s.book, s.book.n - 1, 0);
	took = (xkit_now_ns() - took) / 1000000;
	must_answer(kit, &c, 1, NULL, "put one text");
	nfs_client_end(&c);
	can(kit, &s, "127.0.0.2", "127.0.0.1", 'w');
	can(kit, &s, "127.0.0.3", "127.0.0.1", 'r');
	can(kit, &s, "127.0.0.4", "127.0.0.1", 'r');
	can(kit, &s, "127.0.0.5", "127.0.0.1", '-');
	shared_end(kit, &s);
	if (took > 1000)
		xkit_fail(kit, "one more rule took %lld ms", (long long)took);
	snprintf(kit->why, sizeof kit->why, "(%lld ms)", (long long)took);
}

/* As an SMB server writes: in the file system, of which the NFS server is not told. */
static void write_behind(struct xkit *kit, const struct shared *s, const char *name, const char *text)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", s->share.path, name);
	file = fopen(path, "a");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		xkit_fail(kit, "%s cannot be written", path);
}

/* The server has looked at the file just before, so the size that it kept would be old, and a client reads no further. */
static void two_protocols(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct nfs_client c;
	struct shared s;
	char path[600];

	shared_new_of(kit, &s, SHR_PROTO_NFS | SHR_PROTO_SMB, who);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	write_behind(kit, &s, "both", "six by");
	must_answer(kit, &c, 1, "size 6;", "size both");
	write_behind(kit, &s, "both", "tes and more");
	must_answer(kit, &c, 1, "size 18;", "size both");
	must_answer(kit, &c, 1, "six bytes and more", "get both");
	snprintf(path, sizeof path, "%s/both", s.share.path);
	if (truncate(path, 3) < 0)
		xkit_fail(kit, "%s cannot be made shorter", path);
	must_answer(kit, &c, 1, "size 3;", "size both");
	nfs_client_end(&c);
	shared_end(kit, &s);
}

const struct xkit_check ganesha_access_checks[] = {
	{ "rw writes, ro reads, others do not mount", rw_ro_and_nobody },
	{ "a deny cuts off who has mounted", deny_cuts_off },
	{ "a level changes on a live mount", level_changes_live },
	{ "by IPv6", by_ipv6 },
	{ "overlapping prefixes: priority, then the longest", overlapping_prefixes },
	{ "everybody, and one of them more", everybody },
	{ "a read-only instance lets nobody write", readonly_instance },
	{ "squash: none, root, all", squashed },
	{ "two protocols: what others write is seen whole at once", two_protocols },
	{ "2,000 rules, and one more in under a second", two_thousand },
	{ NULL, NULL },
};
