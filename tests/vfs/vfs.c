/* tests/vfs/vfs.c - a VFS in front of SQLite's own: counts calls, and fails those it was told to */
#include "vfs.h"
#include "vfs_inside.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

struct file {
	sqlite3_file base;
	struct vfs_disk *disk;
	const char *name;
	sqlite3_file *real; /* behind this struct */
};

static struct {
	pthread_mutex_t lock;
	unsigned long counts[5];
	unsigned kinds;
	unsigned long nth, more, failed;
	int code, after, light;
	const char *suffix;
	unsigned slow_us;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static sqlite3_vfs *real(void)
{
	return sqlite3_vfs_find("unix");
}

static int ends(const char *name, const char *suffix)
{
	size_t n = name ? strlen(name) : 0, m = strlen(suffix);

	return n >= m && strcmp(name + n - m, suffix) == 0;
}

/* Counts a call; the code that it is to fail with, or 0. Under the lock. */
static int fault(unsigned kind, const char *name)
{
	for (unsigned i = 0; i < 5; i++)
		state.counts[i] += (kind >> i) & 1;
	if (!(state.kinds & kind) || (state.suffix && !ends(name, state.suffix)))
		return 0;
	if (state.nth > 1) {
		state.nth--;
		return 0;
	}
	if (state.nth == 1)
		state.nth = 0;
	else if (state.more == 0)
		return 0;
	else
		state.more--;
	state.failed++;
	return state.code;
}

static int file_close(sqlite3_file *f)
{
	struct file *file = (struct file *)f;

	return file->real->pMethods ? file->real->pMethods->xClose(file->real) : SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	struct file *file = (struct file *)f;
	int rc;

	pthread_mutex_lock(&state.lock);
	rc = fault(VFS_READ, file->name);
	pthread_mutex_unlock(&state.lock);
	return rc ? rc : file->real->pMethods->xRead(file->real, p, n, at);
}

static int file_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	struct file *file = (struct file *)f;
	int fails, was_on, rc = SQLITE_OK;

	pthread_mutex_lock(&state.lock);
	fails = fault(VFS_WRITE, file->name);
	was_on = !vfs_power_is_off();
	if (!vfs_power_passes())
		rc = SQLITE_IOERR_WRITE;
	/* What is under way while the power goes may be there in part. */
	if (file->disk && was_on && (!fails || state.after))
		vfs_disk_write(file->disk, p, n, at);
	if (rc == SQLITE_OK && (!fails || state.after))
		rc = file->real->pMethods->xWrite(file->real, p, n, at);
	pthread_mutex_unlock(&state.lock);
	return fails ? fails : rc;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct file *file = (struct file *)f;
	int fails, rc = SQLITE_OK;

	pthread_mutex_lock(&state.lock);
	fails = fault(VFS_TRUNCATE, file->name);
	if (!vfs_power_passes())
		rc = SQLITE_IOERR_TRUNCATE;
	if (rc == SQLITE_OK && (!fails || state.after)) {
		if (file->disk)
			vfs_disk_truncate(file->disk, size);
		rc = file->real->pMethods->xTruncate(file->real, size);
	}
	pthread_mutex_unlock(&state.lock);
	return fails ? fails : rc;
}

static int file_sync(sqlite3_file *f, int flags)
{
	struct file *file = (struct file *)f;
	int fails, light, rc = SQLITE_OK;
	unsigned slow;

	pthread_mutex_lock(&state.lock);
	fails = fault(VFS_SYNC, file->name);
	if (!vfs_power_passes())
		rc = SQLITE_IOERR_FSYNC;
	if (rc == SQLITE_OK && file->disk && (!fails || state.after))
		vfs_disk_sync(file->disk);
	slow = state.slow_us;
	light = state.light;
	pthread_mutex_unlock(&state.lock);
	if (slow) {
		struct timespec ts = { .tv_sec = slow / 1000000, .tv_nsec = (long)(slow % 1000000) * 1000 };

		(void)nanosleep(&ts, NULL);
	}
	if (rc == SQLITE_OK && !light && (!fails || state.after))
		rc = file->real->pMethods->xSync(file->real, flags);
	return fails ? fails : rc;
}

#define REAL(f) ((struct file *)(f))->real
#define PASS(name, params, ...) \
	static int file_##name params \
	{ \
		return REAL(f)->pMethods->x##name(REAL(f), ##__VA_ARGS__); \
	}
PASS(FileSize, (sqlite3_file * f, sqlite3_int64 *size), size)
PASS(Lock, (sqlite3_file * f, int level), level)
PASS(Unlock, (sqlite3_file * f, int level), level)
PASS(CheckReservedLock, (sqlite3_file * f, int *ret), ret)
PASS(FileControl, (sqlite3_file * f, int op, void *p), op, p)
PASS(SectorSize, (sqlite3_file * f))
PASS(DeviceCharacteristics, (sqlite3_file * f))
PASS(ShmMap, (sqlite3_file * f, int page, int size, int extend, void volatile **ret), page, size, extend, ret)
PASS(ShmLock, (sqlite3_file * f, int at, int n, int flags), at, n, flags)
PASS(ShmUnmap, (sqlite3_file * f, int del), del)

static void file_ShmBarrier(sqlite3_file *f)
{
	REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static const sqlite3_io_methods methods = { .iVersion = 2, .xClose = file_close, .xRead = file_read,
	.xWrite = file_write, .xTruncate = file_truncate, .xSync = file_sync, .xFileSize = file_FileSize,
	.xLock = file_Lock, .xUnlock = file_Unlock, .xCheckReservedLock = file_CheckReservedLock,
	.xFileControl = file_FileControl, .xSectorSize = file_SectorSize,
	.xDeviceCharacteristics = file_DeviceCharacteristics, .xShmMap = file_ShmMap, .xShmLock = file_ShmLock,
	.xShmBarrier = file_ShmBarrier, .xShmUnmap = file_ShmUnmap };

static int vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
	struct file *file = (struct file *)f;
	int rc;

	memset(file, 0, sizeof(*file));
	file->real = (sqlite3_file *)(file + 1);
	file->name = name;
	pthread_mutex_lock(&state.lock);
	rc = fault(VFS_OPEN, name);
	if (!rc && vfs_power_is_off())
		rc = SQLITE_CANTOPEN;
	if (!rc)
		rc = real()->xOpen(real(), name, file->real, flags, ret_flags);
	if (!rc && name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)))
		file->disk = vfs_disk_open(name);
	pthread_mutex_unlock(&state.lock);
	if (!rc)
		file->base.pMethods = &methods;
	return rc;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	int rc;

	pthread_mutex_lock(&state.lock);
	rc = vfs_power_passes() ? real()->xDelete(real(), name, sync_dir) : SQLITE_IOERR_DELETE;
	if (rc == SQLITE_OK)
		vfs_disk_gone(name);
	pthread_mutex_unlock(&state.lock);
	return rc;
}

const char *vfs_use(void)
{
	static sqlite3_vfs v;
	static const char name[] = "shr-test";

	if (v.zName)
		return name;
	v = *real();
	v.pNext = NULL;
	v.zName = name;
	v.szOsFile = (int)sizeof(struct file) + real()->szOsFile;
	v.xOpen = vfs_open;
	v.xDelete = vfs_delete;
	(void)sqlite3_vfs_register(&v, 0);
	return name;
}

void vfs_reset(void)
{
	pthread_mutex_lock(&state.lock);
	memset(state.counts, 0, sizeof(state.counts));
	state.kinds = 0;
	state.nth = state.more = state.failed = 0;
	state.light = 0;
	state.slow_us = 0;
	vfs_power_reset();
	pthread_mutex_unlock(&state.lock);
}

unsigned long vfs_count(unsigned kinds)
{
	unsigned long n = 0;

	pthread_mutex_lock(&state.lock);
	for (unsigned i = 0; i < 5; i++)
		n += (kinds >> i) & 1 ? state.counts[i] : 0;
	pthread_mutex_unlock(&state.lock);
	return n;
}

void vfs_fail(unsigned kinds, unsigned long nth, unsigned long more, int code, int after, const char *suffix)
{
	pthread_mutex_lock(&state.lock);
	state.kinds = kinds;
	state.nth = nth;
	state.more = more;
	state.code = code;
	state.after = after;
	state.suffix = suffix;
	state.failed = 0;
	pthread_mutex_unlock(&state.lock);
}

unsigned long vfs_failed(void)
{
	unsigned long n;

	pthread_mutex_lock(&state.lock);
	n = state.failed;
	pthread_mutex_unlock(&state.lock);
	return n;
}

void vfs_slow_sync(unsigned microseconds)
{
	pthread_mutex_lock(&state.lock);
	state.slow_us = microseconds;
	pthread_mutex_unlock(&state.lock);
}

void vfs_light_sync(int on)
{
	pthread_mutex_lock(&state.lock);
	state.light = on;
	pthread_mutex_unlock(&state.lock);
}
