/* backends/btrfs/facts.c - an empty file for each share, with what is known of it in an attribute */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "btrfs.h"

/*
 * An attribute is written in one transaction of the file system, in the order of everything else that this driver does, and needs
 * no sync of its own. It lies in the pool's own subvolume, which no share's limit counts.
 */
#define ATTRIBUTE "user.libshare"
#define MAGIC "libshare btrfs share 1\n"
#define TEXT_ROOM (PLUG_PATH_ROOM + 256)

/* The path stands last, for it alone may have spaces. What is inherited stands there only if something is. */
static int parse(char *text, struct btrfs_facts *ret)
{
	int at = 0, more = 0;
	size_t n;

	memset(ret, 0, sizeof *ret);
	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return -1;
	text += strlen(MAGIC);
	if (sscanf(text, "bytes %" SCNu64 "\ncontainer %" SCNu64 "\nmanaged %" SCNu32 "%n", &ret->bytes, &ret->box,
	    &ret->managed, &at) != 3 || at == 0)
		return -1;
	text += at;
	at = 0;
	if (sscanf(text, "\ninherited %" SCNu64 "%n", &ret->inherited, &more) == 1)
		text += more;
	sscanf(text, "\npath%n", &at);
	if (at == 0 || text[at] != ' ')
		return -1;
	text += at + 1;
	n = strcspn(text, "\n");
	if (n >= PLUG_PATH_ROOM || strcmp(text + n, "\n") != 0 || (n > 0) != (ret->managed == 1))
		return -1;
	text[n] = '\0';
	return n > 0 && plug_path_clean(text, ret->path) ? -1 : 0;
}

int btrfs_facts_get(const struct btrfs_at *at, const char *id, struct btrfs_facts *ret)
{
	int fd = openat(at->meta, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), why;
	char text[TEXT_ROOM + 1];
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	n = fgetxattr(fd, ATTRIBUTE, text, TEXT_ROOM);
	why = errno;
	close(fd);
	errno = why;
	if (n < 0)
		return errno == ENODATA ? 0 : -1; /* a call was killed when it had just made the file */
	text[n] = '\0';
	if (strlen(text) != (size_t)n || parse(text, ret) < 0) {
		errno = EBADMSG;
		return -1;
	}
	return 1;
}

int btrfs_facts_need(const struct btrfs_at *at, const char *id, struct btrfs_facts *ret)
{
	char name[BTRFS_NAME_ROOM];
	int have = btrfs_facts_get(at, id, ret);

	if (have >= 0)
		return have;
	snprintf(name, sizeof name, "%s/%s", PLUG_META, id);
	return btrfs_fail(at, name);
}

int btrfs_facts_put(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts)
{
	int fd = openat(at->meta, id, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600), n, bad, why;
	char text[TEXT_ROOM], inherited[32] = "";

	if (fd < 0)
		return -1;
	if (facts->inherited)
		snprintf(inherited, sizeof inherited, "inherited %" PRIu64 "\n", facts->inherited);
	n = snprintf(text, sizeof text, "%sbytes %" PRIu64 "\ncontainer %" PRIu64 "\nmanaged %" PRIu32 "\n%spath %s\n", MAGIC,
		facts->bytes, facts->box, facts->managed, inherited, facts->path);
	bad = fsetxattr(fd, ATTRIBUTE, text, (size_t)n, 0);
	why = errno;
	close(fd);
	errno = why;
	return bad;
}

int btrfs_facts_drop(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts)
{
	char gone[BTRFS_NAME_ROOM];
	int bad;

	snprintf(gone, sizeof gone, BTRFS_GONE "/%" PRIu64, facts->box);
	bad = facts->box && at->be->quota != BTRFS_QUOTA_NONE ? renameat(at->meta, id, at->meta, gone) : unlinkat(at->meta, id, 0);
	return bad && errno != ENOENT ? -1 : 0;
}

int btrfs_facts_none(const struct btrfs_at *at, const char *id)
{
	return unlinkat(at->meta, id, 0) < 0 && errno != ENOENT ? -1 : 0;
}
