/* backends/btrfs/remove.c - a share goes, with all that lies in its container; nothing else does */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "btrfs.h"

/* TEXT of mountinfo without its \040 and the like, up to the blank behind it. */
static void unescape(const char *text, char *ret, size_t room)
{
	size_t n = 0;

	for (; *text && *text != ' ' && n + 1 < room; n++) {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			ret[n] = (char)(((text[1] - '0') << 6) | ((text[2] - '0') << 3) | (text[3] - '0'));
			text += 4;
		} else {
			ret[n] = *text++;
		}
	}
	ret[n] = '\0';
}

int btrfs_has_mounts(int fd)
{
	char proc[64], path[PLUG_PATH_ROOM + BTRFS_NAME_ROOM], point[sizeof path], *line = NULL, *s;
	size_t room = 0, n;
	ssize_t len;
	int found = 0, i;
	FILE *f;

	snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
	len = readlink(proc, path, sizeof path - 1);
	f = len < 0 ? NULL : fopen("/proc/self/mountinfo", "re");
	if (!f)
		return -1;
	path[len] = '\0';
	n = strlen(path);
	while (!found && getline(&line, &room, f) > 0) {
		for (s = line, i = 0; s && i < 4; i++)
			s = strchr(s, ' ') ? strchr(s, ' ') + 1 : NULL;
		if (!s)
			continue;
		unescape(s, point, sizeof point);
		found = strncmp(point, path, n) == 0 && point[n] == '/';
	}
	free(line);
	fclose(f);
	return found;
}

static int remove_in(const struct btrfs_at *at, const char *id)
{
	struct btrfs_facts facts;
	int have = btrfs_facts_need(at, id, &facts), fd = -1, bad = 0, code;

	if (have < 0)
		return have;
	if (have == 0)
		return btrfs_facts_none(at, id) < 0 ? btrfs_fail(at, PLUG_META) : 0;
	if (btrfs_box_find(at, id, &facts, &fd) < 0)
		return btrfs_fail(at, id);
	if (fd >= 0)
		bad = btrfs_has_mounts(fd);
	if (bad > 0)
		errno = EXDEV;
	code = bad ? btrfs_fail(at, id) : btrfs_box_destroy(at, id, &facts, fd);
	if (fd >= 0)
		close(fd);
	return code;
}

/* Nothing is touched that this driver did not write down as its own. */
int btrfs_remove(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct btrfs_be *be = p;
	struct btrfs_at at;
	int code;

	if (!plug_id_ok(instance->id))
		return btrfs_fail_id(be, call, instance->id);
	code = btrfs_enter(be, call, instance->pool, &at);
	if (code)
		return code;
	code = remove_in(&at, instance->id);
	btrfs_leave(&at);
	return code;
}
