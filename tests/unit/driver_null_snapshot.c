/* tests/unit/driver_null_snapshot.c - the null driver: what is cut, put back and made of snapshots */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver_host.h"
#include "unit.h"

#define SHARE "018f0000-0000-7000-8000-000000000001"
#define OTHER "018f0000-0000-7000-8000-000000000002"
#define SNAP1 "018f0000-0000-7000-8000-0000000000a1"
#define SNAP2 "018f0000-0000-7000-8000-0000000000a2"
#define GIB (UINT64_C(1) << 30)

static const struct shr_driver *d;
static struct host h;
static char dir[64], state[80], behind[80];
static struct host_setting settings[8];

static void *open_it(void)
{
	struct shr_call call;
	void *be = NULL;

	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = settings;
	h.pools[0] = "p";
	call = host_call(&h);
	ck_assert_int_eq(d->open(&host_table, &call, &be), 0);
	return be;
}

/* A backend with a state file, and one more setting. */
static void *begin(const char *pool, const char *key, const char *value)
{
	snprintf(dir, sizeof dir, "/tmp/libshare-null.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(state, sizeof state, "%s/state", dir);
	snprintf(behind, sizeof behind, "%s/behind", dir);
	settings[0] = (struct host_setting){ NULL, "state", state };
	settings[1] = (struct host_setting){ NULL, "behind", behind };
	settings[2] = (struct host_setting){ pool, key, value };
	settings[3] = (struct host_setting){ NULL, NULL, NULL };
	return open_it();
}

static void end(void *be)
{
	d->close(be);
	unlink(state);
	unlink(behind);
	rmdir(dir);
}

static struct shr_instance share(const char *id)
{
	return host_instance(id, GIB);
}

static struct shr_instance snapshot(const char *id)
{
	struct shr_instance snap = host_instance(id, GIB);

	snap.flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
	return snap;
}

static int make(void *be, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = share(id);

	return d->create(be, &call, &in);
}

static int cut(void *be, const char *of_id, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = share(of_id), snap = snapshot(id);

	return d->snapshot->create(be, &call, &of, &snap);
}

static int drop(void *be, const char *of_id, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = share(of_id), snap = snapshot(id);

	return d->snapshot->remove(be, &call, &of, &snap);
}

static int revert(void *be, const char *of_id, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = share(of_id), snap = snapshot(id);

	return d->snapshot->revert(be, &call, &of, &snap);
}

static int clone_of(void *be, const char *of_id, const char *id, const char *to_id, uint32_t flags)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = share(of_id), snap = snapshot(id), to = share(to_id);

	to.flags = flags;
	return d->snapshot->clone(be, &call, &of, &snap, &to);
}

static int manage(void *be, const char *of_id, const char *id, const char *source)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = share(of_id), snap = snapshot(id);

	snap.source = source;
	return d->snapshot->manage(be, &call, &of, &snap);
}

static int look(void *be, const char *of_id, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = share(of_id), snap = snapshot(id);

	return d->snapshot->look(be, &call, &of, &snap, NULL);
}

static uint64_t room(void *be)
{
	struct shr_call call = host_call(&h);

	ck_assert_int_eq(d->stats(be, &call), 0);
	return h.free;
}

/* A client writes: the driver reads of it with the next look. */
static void write_content(void *be, const char *id, int number)
{
	struct shr_instance in = share(id);
	FILE *f = fopen(behind, "a");
	struct shr_call call;

	fprintf(f, "content %s %d\n", id, number);
	fclose(f);
	call = host_call(&h);
	ck_assert_int_eq(d->look(be, &call, &in, NULL), 0);
}

/* What the state file says is in ID at last; -1: nothing of it. */
static long content(const char *id)
{
	char line[512], what[16], who[37];
	unsigned long long n[6];
	FILE *f = fopen(state, "r");
	long last = -1;

	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%15s %36s", what, who) != 2 || strcmp(who, id) != 0)
			continue;
		if (strcmp(what, "create") == 0)
			last = 0;
		if (sscanf(line, "content %*s %llu", &n[0]) == 1)
			last = (long)n[0];
		if (sscanf(line, "snapshot %*s %*s %llu %llu %*s %llu %llu", &n[0], &n[1], &n[2], &n[3]) == 4)
			last = (long)n[3];
		if (sscanf(line, "clone %*s %*s %llu %llu %llu %llu", &n[0], &n[1], &n[2], &n[3]) == 4)
			last = (long)n[3];
	}
	fclose(f);
	return last;
}

START_TEST(revert_gives_back_any_contents_and_keeps_all_snapshots)
{
	void *be = begin("p", NULL, NULL);

	ck_assert_int_eq(make(be, SHARE), 0);
	write_content(be, SHARE, 11);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), 0);
	write_content(be, SHARE, 22);
	ck_assert_int_eq(cut(be, SHARE, SNAP2), 0);
	write_content(be, SHARE, 33);
	ck_assert_int_eq(revert(be, SHARE, SNAP1), 0);
	ck_assert_str_eq(h.path, "/null/" SHARE);
	ck_assert_int_eq(content(SHARE), 11);
	ck_assert_int_eq(look(be, SHARE, SNAP2), 0);
	ck_assert_int_eq(revert(be, SHARE, SNAP2), 0);
	ck_assert_int_eq(revert(be, SHARE, SNAP2), 0);
	ck_assert_int_eq(content(SHARE), 22);
	ck_assert_int_eq(look(be, SHARE, SNAP1), 0);
	end(be);
}
END_TEST

START_TEST(snapshot_is_cut_once_and_exported_to_read)
{
	void *be = begin("p", NULL, NULL);
	uint64_t first;

	ck_assert_int_eq(cut(be, SHARE, SNAP1), SHR_ENOTFOUND);
	ck_assert_ptr_nonnull(strstr(h.message, SHARE));
	ck_assert_int_eq(make(be, SHARE), 0);
	write_content(be, SHARE, 11);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), 0);
	first = h.cut;
	ck_assert_uint_gt(first, UINT64_C(1700000000) * 1000000000);
	ck_assert_uint_eq(h.n_exports, 2);
	ck_assert_uint_eq(h.exports[0].flags, SHR_EXPORT_PREFERRED | SHR_EXPORT_READONLY);
	ck_assert_uint_eq(h.exports[1].flags, SHR_EXPORT_READONLY);
	ck_assert_int_eq(h.has_bytes, 0);
	write_content(be, SHARE, 22);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), 0);
	ck_assert_uint_eq(h.cut, first);
	ck_assert_int_eq(content(SNAP1), 11);
	ck_assert_int_eq(drop(be, SHARE, SNAP1), 0);
	ck_assert_int_eq(drop(be, SHARE, SNAP1), 0);
	ck_assert_int_eq(look(be, SHARE, SNAP1), SHR_ENOTFOUND);
	ck_assert_int_eq(revert(be, SHARE, SNAP1), SHR_ENOTFOUND);
	ck_assert_ptr_nonnull(strstr(h.message, SNAP1));
	end(be);
}
END_TEST

START_TEST(clone_has_the_contents_and_outlives_its_snapshot)
{
	void *be = begin("p", NULL, NULL);

	ck_assert_int_eq(make(be, SHARE), 0);
	write_content(be, SHARE, 11);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), 0);
	write_content(be, SHARE, 22);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP1, OTHER, 0), 0);
	ck_assert_str_eq(h.export_paths[0], "null:/" OTHER);
	ck_assert_int_eq(drop(be, SHARE, SNAP1), 0);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP1, OTHER, 0), 0);
	ck_assert_int_eq(content(OTHER), 11);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP1, "018f0000-0000-7000-8000-000000000003", 0), SHR_ENOTFOUND);
	end(be);
}
END_TEST

START_TEST(only_a_copy_takes_room)
{
	void *be = begin("p", "size", "2GiB");

	ck_assert_int_eq(make(be, SHARE), 0);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), 0);
	ck_assert_uint_eq(room(be), GIB);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP1, OTHER, SHR_INSTANCE_READONLY), 0);
	ck_assert_uint_eq(h.exports[0].flags, SHR_EXPORT_PREFERRED | SHR_EXPORT_READONLY);
	ck_assert_uint_eq(room(be), GIB);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP1, "018f0000-0000-7000-8000-000000000003", 0), 0);
	ck_assert_uint_eq(room(be), 0);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP1, "018f0000-0000-7000-8000-000000000004", 0), SHR_ENOSPC);
	end(be);
}
END_TEST

START_TEST(source_is_one_snapshots_alone)
{
	void *be = begin("p", NULL, NULL);

	ck_assert_int_eq(make(be, SHARE), 0);
	ck_assert_int_eq(manage(be, SHARE, SNAP1, "missing"), SHR_ENOTFOUND);
	ck_assert_int_eq(manage(be, SHARE, SNAP1, "old@x"), SHR_ENOTFOUND);
	ck_assert_int_eq(manage(be, SHARE, SNAP1, "old@7"), 0);
	ck_assert_uint_gt(h.cut, 0);
	ck_assert_int_eq(manage(be, SHARE, SNAP2, "old@7"), SHR_EBACKEND);
	ck_assert_int_eq(content(SNAP1), 7);
	{
		struct shr_call call = host_call(&h);
		struct shr_instance of = share(SHARE), snap = snapshot(SNAP1);

		ck_assert_int_eq(d->snapshot->unmanage(be, &call, &of, &snap), 0);
	}
	ck_assert_int_eq(manage(be, SHARE, SNAP2, "old@7"), 0);
	end(be);
}
END_TEST

START_TEST(state_has_snapshots_after_open)
{
	void *be = begin("p", "size", "4GiB");
	uint64_t first;

	ck_assert_int_eq(make(be, SHARE), 0);
	write_content(be, SHARE, 11);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), 0);
	first = h.cut;
	ck_assert_int_eq(manage(be, SHARE, SNAP2, "an old one@5"), 0);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP2, OTHER, SHR_INSTANCE_READONLY), 0);
	ck_assert_int_eq(revert(be, SHARE, SNAP2), 0);
	d->close(be);
	be = open_it();
	ck_assert_uint_eq(room(be), 3 * GIB);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), 0);
	ck_assert_uint_eq(h.cut, first);
	ck_assert_int_eq(look(be, SHARE, SNAP2), 0);
	ck_assert_int_eq(manage(be, SHARE, OTHER, "an old one@5"), SHR_EBACKEND);
	end(be);
}
END_TEST

START_TEST(snapshots_go_with_their_share_and_are_nobodys_things)
{
	void *be = begin("p", NULL, NULL);
	struct shr_instance in = share(SHARE);
	struct shr_call call;
	char id[37];
	int i;

	ck_assert_int_eq(make(be, SHARE), 0);
	ck_assert_int_eq(make(be, OTHER), 0);
	for (i = 0; i < 300; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012x", 0x1000 + i);
		ck_assert_int_eq(cut(be, i % 3 ? SHARE : OTHER, id), 0);
	}
	call = host_call(&h);
	ck_assert_int_eq(d->list(be, &call, "p", "", 16), 0);
	ck_assert_uint_eq(h.n_found, 2);
	call = host_call(&h);
	ck_assert_int_eq(d->remove(be, &call, &in), 0);
	for (i = 0; i < 300; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012x", 0x1000 + i);
		ck_assert_int_eq(look(be, OTHER, id), i % 3 ? SHR_ENOTFOUND : 0);
	}
	d->close(be);
	be = open_it();
	ck_assert_int_eq(look(be, SHARE, "018f0000-0000-7000-8000-000000001001"), SHR_ENOTFOUND);
	ck_assert_int_eq(look(be, OTHER, "018f0000-0000-7000-8000-000000001000"), 0);
	end(be);
}
END_TEST

START_TEST(pool_may_offer_less)
{
	const uint64_t four = SHR_CAP_SNAPSHOT | SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_MOUNT;
	void *be = begin("p", "without", "snapshot_revert");
	struct shr_call call;

	room(be);
	ck_assert_uint_eq(h.caps & four, four & ~SHR_CAP_SNAPSHOT_REVERT);
	end(be);
	be = begin("p", "without", "snapshot");
	room(be);
	ck_assert_uint_eq(h.caps & (four | SHR_CAP_CLONE_INDEPENDENT), 0);
	end(be);
	be = begin("p", NULL, NULL);
	room(be);
	ck_assert_uint_eq(h.caps & four, four);
	end(be);
	settings[0] = (struct host_setting){ "p", "without", "everything" };
	settings[1].key = NULL;
	call = host_call(&h);
	ck_assert_int_eq(d->open(&host_table, &call, &be), SHR_EBACKEND);
	ck_assert_ptr_nonnull(strstr(h.message, "everything"));
}
END_TEST

START_TEST(faults_have_words_for_each_call)
{
	static const char *const words[] = { "snapshot_create:1:fail-after", "snapshot_look:1:again", "revert:1:nospace",
		"clone:1:unreachable", "snapshot_remove:1:fail", "snapshot_manage:1:fail", NULL };
	void *be = begin(NULL, "fault", words[0]);
	size_t i;

	d->close(be);
	for (i = 0; words[i]; i++)
		settings[i + 1] = (struct host_setting){ NULL, "fault", words[i] };
	settings[i + 1] = (struct host_setting){ NULL, NULL, NULL };
	be = open_it();
	ck_assert_int_eq(make(be, SHARE), 0);
	ck_assert_int_eq(cut(be, SHARE, SNAP1), SHR_EBACKEND);
	ck_assert_int_eq(look(be, SHARE, SNAP1), SHR_EAGAIN);
	ck_assert_int_eq(look(be, SHARE, SNAP1), 0);
	ck_assert_int_eq(revert(be, SHARE, SNAP1), SHR_ENOSPC);
	ck_assert_int_eq(clone_of(be, SHARE, SNAP1, OTHER, 0), SHR_EUNREACHABLE);
	ck_assert_int_eq(drop(be, SHARE, SNAP1), SHR_EBACKEND);
	ck_assert_int_eq(manage(be, SHARE, SNAP2, "x"), SHR_EBACKEND);
	ck_assert_int_eq(look(be, SHARE, SNAP1), 0);
	end(be);
}
END_TEST

/* Everything once; 0 when nothing failed. */
static int scenario(void)
{
	struct shr_call call;
	void *be = NULL;
	int bad;

	memset(&h, 0, sizeof h);
	h.settings = settings;
	h.pools[0] = "p";
	call = host_call(&h);
	if (d->open(&host_table, &call, &be) != 0)
		return 1;
	bad = make(be, SHARE) || cut(be, SHARE, SNAP1) || manage(be, SHARE, SNAP2, "x@3") || revert(be, SHARE, SNAP2) ||
		clone_of(be, SHARE, SNAP1, OTHER, 0) || drop(be, SHARE, SNAP1);
	ck_assert(!bad || h.code == SHR_EAGAIN);
	d->close(be);
	return bad;
}

START_TEST(each_allocation_may_fail)
{
	void *be = begin("p", "without", "clone_reflink");
	long i;

	d->close(be);
	for (i = 1; i == 1 || host_fail_at; i++) {
		host_allocations = 0;
		host_fail_at = i;
		if (scenario() == 0)
			host_fail_at = 0;
		unlink(state);
	}
	ck_assert_int_ge(i, 9);
	rmdir(dir);
}
END_TEST

UNIT_MAIN(driver_null_snapshot, revert_gives_back_any_contents_and_keeps_all_snapshots,
	snapshot_is_cut_once_and_exported_to_read, clone_has_the_contents_and_outlives_its_snapshot, only_a_copy_takes_room,
	source_is_one_snapshots_alone, state_has_snapshots_after_open, snapshots_go_with_their_share_and_are_nobodys_things,
	pool_may_offer_less, faults_have_words_for_each_call, each_allocation_may_fail)
