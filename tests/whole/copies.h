/* tests/whole/copies.h - for tests of copied shares: a tree with all that there can be, and whether two are the same */
#ifndef TESTS_WHOLE_COPIES_H
#define TESTS_WHOLE_COPIES_H

#include "whole.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2))) static inline void copies_run(const char *format, ...)
{
	char command[2000];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	ck_assert_msg(system(command) == 0, "%s", command);
}

static inline void copies_path(struct whole *w, const char *object_id, char *ret, size_t room)
{
	char sql[300];
	sqlite3_stmt *s = NULL;

	snprintf(sql, sizeof sql, "SELECT path FROM instance WHERE share_id='%s'", object_id);
	ck_assert_int_eq(sqlite3_prepare_v2(whole_db(w), sql, -1, &s, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	snprintf(ret, room, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

static inline int copies_finish(struct whole *w, const struct shr_op *op, char said[400])
{
	const struct shr_error *why = NULL;
	int rc = shr_op_wait(w->s, op->id, -1, NULL, &why);

	snprintf(said, 400, "%s", why ? why->message : "");
	shr_error_unref(why);
	shr_op_unref(op);
	return rc;
}

static inline void copies_must(struct whole *w, const struct shr_op *op)
{
	char said[400];
	int rc = copies_finish(w, op, said);

	ck_assert_msg(rc == 0, "%s: %s", shr_strcode(rc), said);
}

/* All that there can be in a share, as far as this process may make it. */
static inline void copies_tree(const char *dir)
{
	char name[400];

	copies_run("cd %s && mkdir -p many d/e/f/g && for i in $(seq 300); do echo $i >many/$i; done && ln many/7 d/seven && ln many/7 d/e/7 &&"
		" ln -s ../many/8 d/link && ln -s nowhere/at/all d/lost && mkfifo d/pipe && truncate -s 5M d/hole && printf x >>d/hole &&"
		" dd if=/dev/urandom of=d/big bs=1M count=3 2>/dev/null && chmod 4755 many/9 && chmod 000 many/10 && chmod 1777 d/e &&"
		" touch -d 2001-02-03T04:05:06.789 many/11 d/e/f d && touch -h -d 2002-02-02 d/link && chmod 2750 .", dir);
	if (geteuid() == 0)
		copies_run("cd %s && chown 1234:4321 many/12 d/e && chown -h 77:88 d/link", dir);
	snprintf(name, sizeof name, "%s/many/13", dir);
	ck_assert(setxattr(name, "user.colour", "blue", 4, 0) == 0 || errno == EOPNOTSUPP);
}

/* Names, kinds, modes, owners, sizes, times, links, targets, attributes, contents. */
static inline void copies_same(struct whole *w, const char *a, const char *b)
{
	char pa[300], pb[300];
	char name[400], was[8] = "", is[8] = "";
	ssize_t n_was, n_is;
	/* What a directory's size and count of links are is the file system's own. */
	const char *list = "find . -type d -printf '%p %m %U %G %T@\n' -o -printf '%p %y %m %U %G %s %T@ %n %l\n' | sort";

	copies_path(w, a, pa, sizeof pa);
	copies_path(w, b, pb, sizeof pb);
	copies_run("x=$(cd %s && %s) && y=$(cd %s && %s) && if [ \"$x\" != \"$y\" ]; then echo \"$x\" >&2; echo \"$y\" >&2; exit 1; fi",
		pa, list, pb, list);
	copies_run("diff -r --no-dereference -x pipe -x 10 %s %s", pa, pb);
	copies_run("cd %s && [ many/7 -ef d/seven ] && [ many/7 -ef d/e/7 ] && [ $(stat -c %%b d/hole) -lt 2000 ]", pb);
	snprintf(name, sizeof name, "%s/many/13", pa);
	n_was = getxattr(name, "user.colour", was, sizeof was);
	snprintf(name, sizeof name, "%s/many/13", pb);
	n_is = getxattr(name, "user.colour", is, sizeof is);
	ck_assert(n_was == n_is && memcmp(was, is, sizeof was) == 0);
}

#endif
