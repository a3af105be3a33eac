/* backends/btrfs/attach.c - reaching a share's files: to write, where they are; only to read, through a read-only mount */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "btrfs.h"

struct btrfs_attached {
	struct btrfs_attached *next;
	int tree;
	char id[PLUG_ID_ROOM];
};

/* The directory with nothing that can be written in it, mounted nowhere: it is gone with its descriptor. */
static int readonly_tree(int fd)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };

	return plug_mount_copy(fd, &attr);
}

/* Where the list names ID, or its end. Under the lock. */
static struct btrfs_attached **find(struct btrfs_be *be, const char *id)
{
	struct btrfs_attached **p = &be->attached;

	while (*p && strcmp((*p)->id, id) != 0)
		p = &(*p)->next;
	return p;
}

static void drop(struct btrfs_attached **p)
{
	struct btrfs_attached *a = *p;

	*p = a->next;
	close(a->tree);
	free(a);
}

void btrfs_attached_end(struct btrfs_be *be)
{
	while (be->attached)
		drop(&be->attached);
}

static int same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The tree of ID, whose head HEAD is; -1: errno. A head that has come since, by a revert, has another one. Under the lock. */
static int tree_of(struct btrfs_be *be, const char *id, int head)
{
	struct btrfs_attached **p = find(be, id), *a;

	if (*p && same((*p)->tree, head))
		return (*p)->tree;
	if (*p)
		drop(p);
	a = calloc(1, sizeof *a);
	if (!a)
		return -1;
	snprintf(a->id, sizeof a->id, "%s", id);
	a->tree = readonly_tree(head);
	if (a->tree < 0) {
		free(a);
		return -1;
	}
	a->next = be->attached;
	be->attached = a;
	return a->tree;
}

static int attach_readonly(struct btrfs_be *be, const struct btrfs_at *at, const char *id, int head)
{
	char path[64];
	int tree;

	pthread_mutex_lock(&be->attached_lock);
	tree = tree_of(be, id, head);
	pthread_mutex_unlock(&be->attached_lock);
	if (tree < 0)
		return btrfs_fail(at, id);
	snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), tree);
	be->host->set_path(at->call, id, path);
	return 0;
}

static int attach(void *p, const struct shr_call *call, const struct shr_instance *instance, uint32_t readonly)
{
	struct btrfs_be *be = p;
	struct btrfs_facts facts;
	struct btrfs_at at;
	int fds[2], code = btrfs_enter(be, call, instance->pool, &at);

	if (code)
		return code;
	if (instance->flags & SHR_INSTANCE_SNAPSHOT) {
		code = btrfs_snap_attach(&at, instance);
		btrfs_leave(&at);
		return code;
	}
	code = btrfs_share_open(&at, instance->id, &facts, fds);
	if (code == 0) {
		code = readonly ? attach_readonly(be, &at, instance->id, fds[1]) : btrfs_tell(&at, instance->id, 0);
		close(fds[0]);
		close(fds[1]);
	}
	btrfs_leave(&at);
	return code;
}

static int detach(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct btrfs_be *be = p;
	struct btrfs_attached **a;

	(void)call;
	pthread_mutex_lock(&be->attached_lock);
	a = find(be, instance->id);
	if (*a)
		drop(a);
	pthread_mutex_unlock(&be->attached_lock);
	return 0;
}

const struct shr_driver_data btrfs_data = { sizeof btrfs_data, 0, attach, detach };
