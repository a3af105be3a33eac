/* tests/vfs/vfs_power.c - what is on the disk, what was written since, and what of that a power failure leaves */
#include "vfs.h"
#include "vfs_inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512

struct change {
	struct change *next;
	sqlite3_int64 at; /* a truncation: the size */
	int n;            /* 0: a truncation */
	unsigned char p[];
};
struct vfs_disk {
	struct vfs_disk *next;
	char *path;
	unsigned char *image; /* what was synced */
	size_t n;
	struct change *first, **last;
};

static struct {
	struct vfs_disk *disks;
	unsigned long off_at; /* 0: never */
	unsigned long changes;
	int watched, off;
} power;

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void image_size(struct vfs_disk *d, size_t n)
{
	d->image = must(realloc(d->image, n + 1));
	if (n > d->n)
		memset(d->image + d->n, 0, n - d->n);
	d->n = n;
}

static void changes_drop(struct vfs_disk *d)
{
	while (d->first) {
		struct change *c = d->first;

		d->first = c->next;
		free(c);
	}
	d->last = &d->first;
}

static struct vfs_disk *disk_find(const char *path)
{
	struct vfs_disk *d = power.disks;

	while (d && strcmp(d->path, path) != 0)
		d = d->next;
	return d;
}

struct vfs_disk *vfs_disk_open(const char *path)
{
	struct vfs_disk *d = disk_find(path);

	if (d || !power.watched)
		return d;
	/* Watching begins before there is a store: the file was made just now and is empty. */
	d = must(calloc(1, sizeof(*d)));
	d->path = must(strdup(path));
	d->last = &d->first;
	d->next = power.disks;
	power.disks = d;
	return d;
}

static void change_add(struct vfs_disk *d, const void *p, int n, sqlite3_int64 at)
{
	struct change *c = must(malloc(sizeof(*c) + (size_t)n));

	c->next = NULL;
	c->at = at;
	c->n = n;
	if (n)
		memcpy(c->p, p, (size_t)n);
	*d->last = c;
	d->last = &c->next;
}

void vfs_disk_write(struct vfs_disk *d, const void *p, int n, sqlite3_int64 at)
{
	change_add(d, p, n, at);
}

void vfs_disk_truncate(struct vfs_disk *d, sqlite3_int64 size)
{
	change_add(d, NULL, 0, size);
}

static void image_put(struct vfs_disk *d, const unsigned char *p, size_t n, size_t at)
{
	if (at + n > d->n)
		image_size(d, at + n);
	memcpy(d->image + at, p, n);
}

void vfs_disk_sync(struct vfs_disk *d)
{
	for (const struct change *c = d->first; c; c = c->next)
		if (c->n)
			image_put(d, c->p, (size_t)c->n, (size_t)c->at);
		else
			image_size(d, (size_t)c->at);
	changes_drop(d);
}

void vfs_disk_gone(const char *path)
{
	struct vfs_disk *d = disk_find(path);

	if (!d)
		return;
	changes_drop(d);
	d->n = 0;
}

static uint64_t mix(uint64_t *seed)
{
	uint64_t x = *seed += UINT64_C(0x9E3779B97F4A7C15);

	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

/* Each sector of a write by itself, at the sectors of the file. KEEP: of 8 sectors, how many survive. */
static void tear(struct vfs_disk *d, const struct change *c, uint64_t *seed, unsigned keep)
{
	size_t at = (size_t)c->at, end = at + (size_t)c->n;

	while (at < end) {
		size_t next = (at / SECTOR + 1) * SECTOR;

		if (next > end)
			next = end;
		if (mix(seed) % 8 < keep)
			image_put(d, c->p + (at - (size_t)c->at), next - at, at);
		at = next;
	}
}

static void disk_back(struct vfs_disk *d, uint64_t *seed)
{
	/* From all is lost to nothing is: both ends are worth trying. */
	unsigned keep = (unsigned)(mix(seed) % 9);
	int fd;

	for (const struct change *c = d->first; c; c = c->next)
		if (c->n)
			tear(d, c, seed, keep);
		else if (mix(seed) % 8 < keep)
			image_size(d, (size_t)c->at);
	changes_drop(d);
	fd = open(d->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return;
	if (d->n && write(fd, d->image, d->n) != (ssize_t)d->n)
		abort();
	(void)close(fd);
}

void vfs_power_back(uint64_t seed)
{
	char path[600];

	for (struct vfs_disk *d = power.disks; d; d = d->next) {
		disk_back(d, &seed);
		(void)snprintf(path, sizeof(path), "%s-shm", d->path);
		(void)unlink(path);
	}
	power.off = 0;
	power.off_at = 0;
	power.changes = 0;
}

void vfs_power_watch(void)
{
	power.watched = 1;
}

void vfs_power_off_at(unsigned long nth)
{
	power.changes = 0;
	power.off_at = nth;
}

int vfs_power_is_off(void)
{
	return power.off;
}

int vfs_power_passes(void)
{
	if (power.off_at && ++power.changes == power.off_at)
		power.off = 1;
	return !power.off;
}

void vfs_power_reset(void)
{
	while (power.disks) {
		struct vfs_disk *d = power.disks;

		power.disks = d->next;
		changes_drop(d);
		free(d->image);
		free(d->path);
		free(d);
	}
	memset(&power, 0, sizeof(power));
}
