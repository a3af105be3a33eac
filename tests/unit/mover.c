/* tests/unit/mover.c - moving a tree in many calls: what is gone on with, what is begun anew, what is never touched */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mover/mover.h"
#include "trees.h"

static char root[64], from[80], to[80], token[SHR__MOVE_TOKEN];
static uint64_t token_len, told;
static long fail_at, allocations; /* the allocation that fails; 0: none */
static int stop; /* what stops() says */
static struct shr__move m;

static void *memory(void *old, size_t n)
{
	if (!n) {
		free(old);
		return NULL;
	}
	if (++allocations == fail_at) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, n);
}

/* The test's own time: it goes on only where the mover looks up from its work. */
static int64_t clock_ns;

static int stops(void *data)
{
	clock_ns += 1000000;
	return stop;
}

static int64_t now(void *data)
{
	return clock_ns;
}

static void progress(void *data, uint64_t bytes)
{
	told = bytes;
}

static const struct shr__mover_host host = { memory, stops, now, progress, NULL };

static void run(const char *command)
{
	ck_assert_msg(system(command) == 0, "%s", command);
}

static void set_up(void)
{
	snprintf(root, sizeof root, "/tmp/libshare-mover.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(from, sizeof from, "%s/from", root);
	snprintf(to, sizeof to, "%s/to", root);
	run(say("mkdir %s %s", from, to));
	token_len = told = 0;
	allocations = fail_at = stop = 0;
}

static void tear_down(void)
{
	run(say("chmod -R u+rwx %s && rm -rf %s", root, root));
}

/* One call; what it left is for the next one. */
static int move(int64_t slice_ns)
{
	int rc;

	memset(&m, 0, sizeof m);
	m.host = &host;
	m.from = from;
	m.to = to;
	m.links = "links while it is made";
	m.token = token;
	m.token_len = token_len;
	m.slice_ns = slice_ns;
	rc = shr__move(&m);
	token_len = m.left_len;
	memcpy(token, m.left, (size_t)m.left_len);
	return rc;
}

static void same(void)
{
	const char *list = "find . -printf '%p %y %m %U %G %n %l %T@ ' \\( -type f -printf '%s\\n' -o -printf '\\n' \\) | sort";

	run(say("a=$(cd %s && %s) && b=$(cd %s && %s) && [ \"$a\" = \"$b\" ] && diff -r -x p --no-dereference %s %s", from, list, to, list, from, to));
}

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 200; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

START_TEST(a_large_file_is_gone_on_with)
{
	unsigned calls = 1, more = 0;
	uint64_t done = 0;

	set_up();
	run(say("dd if=/dev/urandom of=%s/big bs=1M count=150 2>/dev/null && ln %s/big %s/same && dd if=%s/big of=%s/holes bs=1M seek=300 count=140 "
		"2>/dev/null", from, from, from, from, from));
	while (move(1) == 1) {
		ck_assert_uint_ge(m.done, done);
		ck_assert_uint_le(m.done, m.total);
		more += m.done > done; /* also in the middle of a file */
		done = m.done;
		ck_assert_uint_gt(m.total, 280u << 20);
		calls++;
		ck_assert_uint_lt(calls, 1000);
	}
	if (shr__boot_id((char[SHR__BOOT_ROOM]){ "" }) && done) /* where nothing is shared between the two */
		ck_assert_msg(calls >= 4 && more >= 3, "%u calls, %u with more", calls, more);
	same();
	run(say("[ $(stat -c %%b %s/holes) -lt 300000 ]", to));
	tear_down();
}
END_TEST

START_TEST(many_names_are_gone_on_with)
{
	unsigned calls = 1;

	set_up();
	run(say("cd %s && mkdir -p a/b && for i in $(seq 200); do echo $i >a/$i; ln a/$i a/b/$i; ln -s $i a/b/s$i; done; mkfifo a/p; ln a/p a/b/p", from));
	for (; move(1) == 1; calls++)
		ck_assert_uint_lt(calls, 1000);
	ck_assert_uint_ge(calls, 3);
	same();
	ck_assert_int_ne(access(say("%s/links while it is made", to), F_OK), 0);
	tear_down();
}
END_TEST

START_TEST(without_a_token_of_this_life_it_begins_anew)
{
	static const char *const tokens[] = { "", "nonsense", "018f0000-0000-7000-8000-000000000001 0 0" };

	set_up();
	run(say("cd %s && mkdir d && echo one >d/f", from));
	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
		run(say("cd %s && mkdir -p d old/er && echo two >d/f && echo x >old/er/x && chmod 0 old/er && touch -r %s/d/f d/f", to, from));
		token_len = strlen(tokens[i]);
		memcpy(token, tokens[i], token_len);
		ck_assert_int_eq(move(0), 0);
		same();
	}
	token_len = sizeof token; /* longer than any that was left */
	memset(token, 'f', sizeof token);
	ck_assert_int_eq(move(0), 0);
	same();
	tear_down();
}
END_TEST

START_TEST(a_token_of_this_life_is_believed)
{
	char boot[SHR__BOOT_ROOM];

	set_up();
	if (shr__boot_id(boot)) {
		run(say("cd %s && echo one >f; cd %s && echo two >f && touch -r %s/f f", from, to, from));
		token_len = (uint64_t)snprintf(token, sizeof token, "%s 5 a", boot);
		ck_assert_int_eq(move(0), 0);
		run(say("grep -q two %s/f", to)); /* it had its times, so it was whole */
		token_len = (uint64_t)snprintf(token, sizeof token, "%s 5 a more", boot);
		ck_assert_int_eq(move(0), 0);
		same();
	}
	tear_down();
}
END_TEST

START_TEST(a_tree_is_not_moved_onto_itself)
{
	set_up();
	run(say("echo one >%s/f", from));
	memcpy(to, from, sizeof to);
	ck_assert_int_eq(move(0), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_str_eq(m.of, to);
	run(say("grep -q one %s/f", from));
	tear_down();
}
END_TEST

START_TEST(what_is_not_there_is_named)
{
	set_up();
	run(say("rmdir %s", from));
	ck_assert_int_eq(move(0), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(m.of, from);
	run(say("mkdir %s && rmdir %s", from, to));
	ck_assert_int_eq(move(0), -1);
	ck_assert_str_eq(m.of, to);
	tear_down();
}
END_TEST

START_TEST(it_stops_or_hurries_when_it_is_told_to)
{
	int before;

	set_up();
	run(say("cd %s && for i in $(seq 500); do echo $i >$i; done", from));
	before = descriptors();
	stop = SHR__STOPS;
	ck_assert_int_eq(move(INT64_C(3600000000000)), -1);
	ck_assert_int_eq(errno, ECANCELED);
	stop = SHR__HURRIES;
	ck_assert_int_eq(move(INT64_C(3600000000000)), 1);
	ck_assert_uint_gt(token_len, 0);
	ck_assert_int_eq(move(0), 0); /* what is done in one call does not hurry */
	ck_assert_int_eq(descriptors(), before);
	same();
	tear_down();
}
END_TEST

START_TEST(no_memory_is_an_error_and_leaves_nothing_open)
{
	int before, rc;

	set_up();
	run(say("cd %s && mkdir -p a/b/c && echo one >a/b/c/f && ln a/b/c/f a/g && truncate -s 3M a/h && echo x >>a/h", from));
	before = descriptors();
	do {
		fail_at++;
		allocations = 0;
		token_len = 0;
		rc = move(0);
		ck_assert(rc == 0 || errno == ENOMEM);
		ck_assert_int_eq(descriptors(), before);
	} while (rc < 0);
	ck_assert_int_gt(fail_at, 4);
	same();
	tear_down();
}
END_TEST

START_TEST(what_cannot_be_read_or_is_another_file_system_is_no_part_that_is_left_out)
{
	set_up();
	run(say("cd %s && mkdir d && echo one >d/f && chmod 0 d", from));
	if (geteuid() != 0) {
		ck_assert_int_eq(move(0), -1);
		ck_assert_int_eq(errno, EACCES);
		ck_assert_str_eq(m.of, "d");
	} else if (system(say("mount -t tmpfs none %s/d 2>/dev/null", from)) == 0) {
		int rc = move(0), why = errno;

		run(say("umount %s/d", from));
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(why, EXDEV);
		ck_assert_str_eq(m.of, "d");
	}
	tear_down();
}
END_TEST

UNIT_MAIN(mover, a_large_file_is_gone_on_with, many_names_are_gone_on_with, without_a_token_of_this_life_it_begins_anew,
	a_token_of_this_life_is_believed, a_tree_is_not_moved_onto_itself, what_is_not_there_is_named, it_stops_or_hurries_when_it_is_told_to,
	no_memory_is_an_error_and_leaves_nothing_open, what_cannot_be_read_or_is_another_file_system_is_no_part_that_is_left_out)
