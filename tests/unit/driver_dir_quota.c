/* tests/unit/driver_dir_quota.c - the dir driver where project quotas are: on a kernel that this test plays */
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include "driver_dir.h"

/* ---- the kernel ---- */

#define PROJECTS 16
static struct project {
	uint32_t id;
	uint64_t limit, used; /* blocks of 512 bytes */
} projects[PROJECTS];
static struct mark {
	ino_t ino;
	uint32_t project, flags;
} marks[64];
static unsigned n_marks;
static int enforced = 1, may_set = 1, fail_limits;

static struct project *project(uint32_t id)
{
	int i;

	for (i = 0; i < PROJECTS; i++) {
		if (projects[i].id == id || projects[i].id == 0) {
			projects[i].id = id;
			return &projects[i];
		}
	}
	ck_abort_msg("too many projects");
	return NULL;
}

static int answer(int why)
{
	errno = why;
	return why ? -1 : 0;
}

static int set_limit(uint32_t id, const struct fs_disk_quota *q)
{
	if (!may_set)
		return answer(EPERM);
	if (q->d_fieldmask == 0)
		return 0;
	if (fail_limits)
		return answer(EIO);
	ck_assert_int_eq(q->d_flags, FS_PROJ_QUOTA);
	ck_assert_uint_eq(q->d_id, id);
	project(id)->limit = q->d_blk_hardlimit;
	return 0;
}

static int quotactl_fd(unsigned command, uint32_t id, void *arg)
{
	struct fs_disk_quota *q = arg;

	ck_assert_uint_eq(command & SUBCMDMASK, PRJQUOTA);
	switch (command >> SUBCMDSHIFT) {
	case Q_XGETQSTAT:
		((struct fs_quota_stat *)arg)->qs_flags = enforced ? FS_QUOTA_PDQ_ACCT | FS_QUOTA_PDQ_ENFD : FS_QUOTA_PDQ_ACCT;
		return 0;
	case Q_XSETQLIM:
		return set_limit(id, q);
	case Q_XGETQUOTA:
		if (project(id)->limit == 0 && project(id)->used == 0)
			return answer(ENOENT);
		q->d_blk_hardlimit = project(id)->limit;
		q->d_bcount = project(id)->used;
		return 0;
	default:
		return answer(EINVAL);
	}
}

long quota_syscall(long number, ...);
long quota_syscall(long number, ...)
{
	va_list args;
	long a[4];
	int i;

	va_start(args, number);
	for (i = 0; i < 4; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number != SYS_quotactl_fd)
		return syscall(number, a[0], a[1], a[2], a[3]);
	return quotactl_fd((unsigned)a[1], (uint32_t)a[2], (void *)a[3]);
}

static struct mark *mark_of(ino_t ino)
{
	unsigned i;

	for (i = 0; i < n_marks && marks[i].ino != ino; i++)
		;
	if (i == n_marks)
		marks[n_marks++] = (struct mark){ ino, 0, 0 };
	ck_assert_uint_lt(n_marks, 64);
	return &marks[i];
}

int quota_ioctl(int fd, unsigned long request, ...);
int quota_ioctl(int fd, unsigned long request, ...)
{
	struct fsxattr *attr;
	struct stat st;
	struct mark *m;
	va_list args;

	va_start(args, request);
	attr = va_arg(args, struct fsxattr *);
	va_end(args);
	ck_assert_int_eq(fstat(fd, &st), 0);
	if (request != FS_IOC_FSGETXATTR && request != FS_IOC_FSSETXATTR)
		return answer(ENOTTY);
	m = mark_of(st.st_ino);
	if (request == FS_IOC_FSGETXATTR) {
		memset(attr, 0, sizeof *attr);
		attr->fsx_projid = m->project;
		attr->fsx_xflags = m->flags;
		return 0;
	}
	if (!S_ISDIR(st.st_mode) && attr->fsx_xflags & FS_XFLAG_PROJINHERIT)
		return answer(EINVAL);
	m->project = attr->fsx_projid;
	m->flags = attr->fsx_xflags;
	return 0;
}

/* ---- what the tests look at ---- */

static struct mark *mark_at(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(at(path), &st), 0);
	return mark_of(st.st_ino);
}

static struct project *project_at(const char *path)
{
	struct mark *m = mark_at(path);

	ck_assert_uint_ne(m->project, 0);
	return project(m->project);
}

#define SNAP "018f0000-0000-7000-8000-0000000000a1"

static const char *more(int i)
{
	static char path[256];

	snprintf(path, sizeof path, "%.60s/p/.libshare-snap-" SNAP "/more-%d", root, i);
	return path;
}

START_TEST(size_is_said_to_be_enforced_where_it_is)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(stats(be), 0);
	ck_assert_uint_ne(h.caps & SHR_CAP_SIZE_ENFORCED, 0);
	d->close(be);
	enforced = 0;
	be = open_root(NULL, NULL);
	ck_assert_int_eq(stats(be), 0);
	ck_assert_uint_eq(h.caps & SHR_CAP_SIZE_ENFORCED, 0);
	d->close(be);
	enforced = 1;
	may_set = 0;
	be = open_root(NULL, NULL);
	ck_assert_int_eq(stats(be), 0);
	ck_assert_uint_eq(h.caps & SHR_CAP_SIZE_ENFORCED, 0);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(share_has_a_project_of_its_own)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, 3 * MIB), 0);
	ck_assert_int_eq(create(be, ID2, 5 * MIB + 1), 0);
	ck_assert_uint_eq(project_at("p/" ID1)->limit, 3 * MIB / 512);
	ck_assert_uint_eq(project_at("p/" ID2)->limit, 5 * MIB / 512 + 1);
	ck_assert_uint_ne(mark_at("p/" ID1)->project, mark_at("p/" ID2)->project);
	ck_assert_uint_eq(mark_at("p/" ID1)->flags, FS_XFLAG_PROJINHERIT);
	ck_assert_int_eq(create(be, ID1, 3 * MIB), 0);
	ck_assert_uint_eq(project_at("p/" ID1)->limit, 3 * MIB / 512);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(number_that_is_taken_is_passed_over)
{
	uint32_t wanted;
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	wanted = mark_at("p/" ID1)->project;
	ck_assert_int_eq(drop(be, ID1), 0);
	project(wanted)->used = 1; /* somebody's */
	n_marks = 0;
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_uint_eq(mark_at("p/" ID1)->project, wanted + 1);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(resize_moves_the_limit)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, 4 * MIB), 0);
	project_at("p/" ID1)->used = 2 * MIB / 512;
	ck_assert_int_eq(usage(be, ID1), 0);
	ck_assert_uint_eq(h.used, 2 * MIB);
	ck_assert_int_eq(resize(be, ID1, 8 * MIB), 0);
	ck_assert_uint_eq(project_at("p/" ID1)->limit, 8 * MIB / 512);
	ck_assert_int_eq(resize(be, ID1, MIB), SHR_EDATALOSS);
	ck_assert_uint_eq(project_at("p/" ID1)->limit, 8 * MIB / 512);
	ck_assert_int_eq(resize(be, ID1, 2 * MIB), 0);
	ck_assert_uint_eq(project_at("p/" ID1)->limit, 2 * MIB / 512);
	fail_limits = 1;
	ck_assert_int_eq(resize(be, ID1, 4 * MIB), SHR_EUNREACHABLE);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(removal_frees_the_number)
{
	struct project *p;
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	p = project_at("p/" ID1);
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert_uint_eq(p->limit, 0);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(managed_tree_is_marked_to_its_last_file)
{
	struct project *p;
	void *be;

	make_root();
	mkdir(at("old"), 0755);
	mkdir(at("old/sub"), 0755);
	put_file(at("old/sub/file"), 100);
	ck_assert_int_eq(mkfifo(at("old/pipe"), 0600), 0);
	be = open_root(NULL, NULL);
	ck_assert_int_eq(manage(be, ID1, "old"), 0);
	p = project_at("old");
	ck_assert_uint_eq(p->limit, MIB / 512);
	ck_assert_uint_eq(mark_at("old/sub")->project, p->id);
	ck_assert_uint_eq(mark_at("old/sub")->flags, FS_XFLAG_PROJINHERIT);
	ck_assert_uint_eq(mark_at("old/sub/file")->project, p->id);
	ck_assert_uint_eq(mark_at("old/sub/file")->flags, 0);
	ck_assert_int_eq(unmanage(be, ID1), 0);
	ck_assert_uint_eq(p->limit, 0);
	d->close(be);
	drop_root();
}
END_TEST

/* A copy beside the share needs more room than the share has; whatever comes of it, the limit is there again. */
START_TEST(revert_and_clone_end_under_their_limits)
{
	struct shr_instance of = host_instance(ID1, 3 * MIB), to = host_instance(ID2, 4 * MIB), snap = host_instance(SNAP, 3 * MIB);
	struct project *p;
	struct shr_call call;
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, 3 * MIB), 0);
	p = project_at("p/" ID1);
	put_file(at("p/" ID1 "/file"), 1000);
	call = host_call(&h);
	ck_assert_int_eq(d->snapshot->create(be, &call, &of, &snap), 0);
	ck_assert_uint_eq(mark_at("p/.libshare-snap-" SNAP)->project, 0);
	h.cancel = 1;
	for (int i = 0; i < 100; i++)
		put_file(more(i), 1); /* so many that it asks whether it is cancelled */
	call = host_call(&h);
	ck_assert_int_eq(d->snapshot->revert(be, &call, &of, &snap), SHR_ECANCELLED);
	ck_assert_uint_eq(p->limit, 3 * MIB / 512);
	h.cancel = 0;
	call = host_call(&h);
	ck_assert_int_eq(d->snapshot->revert(be, &call, &of, &snap), 0);
	ck_assert_uint_eq(p->limit, 3 * MIB / 512);
	ck_assert_uint_eq(mark_at("p/" ID1)->project, p->id);
	ck_assert_uint_eq(mark_at("p/" ID1)->flags, FS_XFLAG_PROJINHERIT);
	call = host_call(&h);
	ck_assert_int_eq(d->snapshot->clone(be, &call, &of, &snap, &to), 0);
	ck_assert_uint_eq(project_at("p/" ID2)->limit, 4 * MIB / 512);
	ck_assert_uint_ne(mark_at("p/" ID2)->project, p->id);
	d->close(be);
	drop_root();
}
END_TEST

UNIT_MAIN(driver_dir_quota, size_is_said_to_be_enforced_where_it_is, share_has_a_project_of_its_own,
	number_that_is_taken_is_passed_over, resize_moves_the_limit, removal_frees_the_number,
	managed_tree_is_marked_to_its_last_file, revert_and_clone_end_under_their_limits)
