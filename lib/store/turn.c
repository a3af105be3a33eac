/* lib/store/turn.c - taking turns: two kernel locks that die with their process, and a futex to be woken by */
#include "turn.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define GATE_BYTE 0
#define TURN_BYTE 1
/* A process that dies wakes nobody: how long until its death is noticed. */
#define POLL_NS (10 * MS)
/* How long the gate is waited for before the turn is tried without it: its holder may be stopped. */
#define PATIENCE_NS (50 * MS)
#define SKIP_NS (1000 * MS)
/* How often it is looked whether the file is still the one that others find at its path. */
#define CHECK_NS (1000 * MS)
#define MAP_BYTES 4096

/* 0; 1: another has it; -errno. Locks of the open file, not of the process: two handles in one process exclude each
 * other too, and closing some other descriptor does not lose them. */
static int lock_try(const struct shr__turn *t, int byte)
{
	struct flock want = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	if (fcntl(t->fd, F_OFD_SETLK, &want) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES || errno == EINTR ? 1 : -errno;
}

static void lock_drop(const struct shr__turn *t, int byte, _Atomic uint32_t *seq, const _Atomic uint32_t *waiters)
{
	struct flock none = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	(void)fcntl(t->fd, F_OFD_SETLK, &none);
	atomic_fetch_add(seq, 1);
	if (atomic_load(waiters))
		(void)syscall(SYS_futex, seq, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int lock_wait(const struct shr__turn *t, int byte, _Atomic uint32_t *seq, _Atomic uint32_t *waiters,
	int64_t deadline_ns)
{
	int rc = lock_try(t, byte);

	if (rc != 1)
		return rc;
	atomic_fetch_add(waiters, 1);
	for (;;) {
		uint32_t seen = atomic_load(seq);
		int64_t left = deadline_ns - shr__clock_mono_ns();

		rc = lock_try(t, byte);
		if (rc != 1 || left <= 0)
			break;
		if (left > POLL_NS)
			left = POLL_NS;
		struct timespec ts = { .tv_sec = 0, .tv_nsec = (long)left };
		(void)syscall(SYS_futex, seq, FUTEX_WAIT, seen, &ts, NULL, 0);
	}
	atomic_fetch_sub(waiters, 1);
	return rc;
}

/* Where nobody waits there is no order to keep: 0: it is ours at once. */
static int take_free(struct shr__turn *t, struct shr__turn_page *page)
{
	if (atomic_load(&page->gate_waiters) || atomic_load(&page->turn_waiters))
		return 1;
	return lock_try(t, TURN_BYTE);
}

/* The turn, waited for at the gate. */
static int wait_in_order(struct shr__turn *t, struct shr__turn_page *page, int64_t now, int64_t deadline_ns)
{
	for (;;) {
		int64_t until = now + PATIENCE_NS < deadline_ns ? now + PATIENCE_NS : deadline_ns;
		int rc = lock_wait(t, GATE_BYTE, &page->gate_seq, &page->gate_waiters, until);

		if (rc == 0) {
			rc = lock_wait(t, TURN_BYTE, &page->turn_seq, &page->turn_waiters, deadline_ns);
			lock_drop(t, GATE_BYTE, &page->gate_seq, &page->gate_waiters);
			return rc;
		}
		if (rc < 0)
			return rc;
		now = shr__clock_mono_ns();
		rc = lock_try(t, TURN_BYTE);
		if (rc == 0)
			t->skip_gate_ns = now + SKIP_NS;
		if (rc != 1 || now >= deadline_ns)
			return rc;
	}
}

/* MODE and owner of the database for the file beside it, as SQLite does for its own. */
static void like_the_database(int fd, const struct stat *like)
{
	if (!like)
		return;
	(void)fchmod(fd, like->st_mode & 0666);
	if (geteuid() == 0 && fchown(fd, like->st_uid, like->st_gid) != 0)
		return;
}

static int page_map(struct shr__turn *t, const struct stat *like)
{
	static const char zero[sizeof(struct shr__turn_page)];
	struct stat s;
	int fd = open(t->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	void *p;

	if (fd >= 0)
		like_the_database(fd, like);
	else if (errno == EEXIST)
		fd = open(t->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno;
	if (fstat(fd, &s) != 0)
		goto fail;
	/* The page needs bytes under it before it is touched, or a full disk would be a SIGBUS. Zeros written
	 * twice by two first comers are the same zeros. */
	if ((size_t)s.st_size < sizeof(zero) && pwrite(fd, zero, sizeof(zero), 0) != (ssize_t)sizeof(zero)) {
		errno = errno ? errno : ENOSPC;
		goto fail;
	}
	p = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		goto fail;
	t->fd = fd;
	t->dev = s.st_dev;
	t->ino = s.st_ino;
	atomic_store(&t->page, p);
	return 0;
fail:
	{
		int e = errno;
		(void)close(fd);
		return e;
	}
}

/* An operator, or a clean-up script, may take the file away: then those who come later would take their turns at
 * another one. When it cannot be opened anew the old one goes on: the database's own lock still keeps order. */
static void same_file(struct shr__turn *t, int64_t now)
{
	struct shr__turn_page *old = atomic_load(&t->page);
	struct stat s;
	int fd = t->fd;

	t->checked_ns = now;
	if (stat(t->path, &s) == 0 && s.st_dev == t->dev && s.st_ino == t->ino)
		return;
	if (t->n_retired == sizeof(t->retired) / sizeof(t->retired[0]) || page_map(t, NULL) != 0)
		return;
	t->retired[t->n_retired++] = old;
	(void)close(fd);
	atomic_fetch_sub(&t->own, UINT64_C(1) << 32);
}

int shr__turn_open(struct shr__turn *t, const char *path, const struct stat *like)
{
	int e;

	memset(t, 0, sizeof(*t));
	t->fd = -1;
	t->path = shr__strdup(path);
	if (!t->path)
		return ENOMEM;
	errno = 0;
	e = page_map(t, like);
	t->checked_ns = shr__clock_mono_ns();
	if (e)
		shr__turn_close(t);
	return e;
}

void shr__turn_close(struct shr__turn *t)
{
	struct shr__turn_page *page = atomic_load(&t->page);

	if (page) {
		(void)munmap(page, MAP_BYTES);
		(void)close(t->fd);
	}
	for (unsigned i = 0; i < t->n_retired; i++)
		(void)munmap(t->retired[i], MAP_BYTES);
	shr__free(t->path);
	memset(t, 0, sizeof(*t));
	t->fd = -1;
}

int shr__turn_take(struct shr__turn *t, int64_t deadline_ns)
{
	int64_t now = shr__clock_mono_ns();
	struct shr__turn_page *page;
	int rc;

	if (now - t->checked_ns > CHECK_NS)
		same_file(t, now);
	page = atomic_load(&t->page);
	rc = take_free(t, page);
	if (rc != 1)
		; /* taken, or it cannot be */
	else if (now < t->skip_gate_ns)
		rc = lock_wait(t, TURN_BYTE, &page->turn_seq, &page->turn_waiters, deadline_ns);
	else
		rc = wait_in_order(t, page, now, deadline_ns);
	if (rc)
		return rc;
	atomic_store_explicit(&page->pid, (uint32_t)getpid(), memory_order_relaxed);
	atomic_store_explicit(&page->since_ns, now, memory_order_relaxed);
	/* One who died in its commit told the others too early, or not at all: tell them now. */
	uint64_t begun = atomic_load(&page->begun);
	if (atomic_load(&page->ended) != begun)
		atomic_store(&page->ended, begun);
	return 0;
}

void shr__turn_drop(struct shr__turn *t)
{
	struct shr__turn_page *page = atomic_load(&t->page);

	atomic_store_explicit(&page->pid, 0, memory_order_relaxed);
	lock_drop(t, TURN_BYTE, &page->turn_seq, &page->turn_waiters);
}

void shr__turn_commit_begins(struct shr__turn *t)
{
	atomic_fetch_add(&t->own, 1);
	atomic_fetch_add(&atomic_load(&t->page)->begun, 1);
}

void shr__turn_commit_ended(struct shr__turn *t)
{
	atomic_fetch_add(&t->own, 1);
	atomic_fetch_add(&atomic_load(&t->page)->ended, 1);
}

uint64_t shr__turn_changes(struct shr__turn *t)
{
	struct shr__turn_page *page = atomic_load(&t->page);

	return atomic_load(&page->begun) + atomic_load(&page->ended) - atomic_load(&t->own);
}
