/* backends/dir/mover.c - copies of trees by libshare's mover: a part that is not whole yet, and goes on in later calls */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "dir.h"

static void *memory(void *old, size_t n)
{
	if (n)
		return realloc(old, n);
	free(old);
	return NULL;
}

int64_t dir_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now(void *data)
{
	(void)data;
	return dir_now_ns();
}

static int stops(void *data)
{
	const struct dir_mover *m = data;

	return m->be->host->cancelled(m->call) ? SHR__STOPS : 0;
}

static void progress(void *data, uint64_t bytes)
{
	const struct dir_mover *m = data;

	m->be->host->progress(m->call, bytes, m->total);
}

void dir_mover(struct dir_mover *m, const struct dir_be *be, const struct shr_call *call)
{
	*m = (struct dir_mover){ .host = { memory, stops, now, progress, m }, .be = be, .call = call };
}

static int fill(struct shr__copy *c, int from, const char *part, uint32_t project)
{
	int in = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), to;

	if (in < 0 || (mkdirat(c->beside, part, 0700) < 0 && (errno != EEXIST || !c->resume))) {
		if (in >= 0)
			close(in);
		return -1;
	}
	to = shr__dir_enter(c->beside, part);
	if (to < 0 && errno == EACCES)
		to = shr__dir_enter_forced(c->beside, part);
	if (to >= 0 && (!project || dir_quota_mark(to, project) == 0))
		return shr__copy(c, in, to);
	if (to >= 0)
		close(to);
	close(in);
	return -1;
}

static int later(const struct dir_mover *m)
{
	char boot[SHR__BOOT_ROOM];

	return shr__boot_id(boot) ? m->be->host->pending(m->call, boot, SHR__BOOT_ROOM - 1, 1) :
		m->be->host->pending(m->call, NULL, 0, 1);
}

/* One sync of the whole file system is cheaper than one for each file. */
int dir_copy_part(const struct dir_mover *m, struct shr__copy *c, int from, const char *id, uint32_t project)
{
	char part[DIR_NAME_ROOM], links[DIR_NAME_ROOM];
	int code = c->resume ? 0 : dir_delete_part(m->be, m->call, c->beside, id);

	if (code)
		return code < 0 ? code : m->be->host->pending(m->call, NULL, 0, 1);
	dir_name(DIR_PART, id, part);
	dir_name(DIR_LINK, id, links);
	c->host = &m->host;
	c->links = links;
	code = fill(c, from, part, project);
	if (code > 0)
		return later(m);
	if (code < 0)
		return dir_fail(m->be, m->call, c->at[0] ? c->at : part);
	return syncfs(c->beside) < 0 ? dir_fail(m->be, m->call, part) : 0;
}

int dir_copy_resumes(const struct shr_call *call)
{
	char boot[SHR__BOOT_ROOM];

	return shr__boot_id(boot) && call->token_len == SHR__BOOT_ROOM - 1 && memcmp(call->token, boot, SHR__BOOT_ROOM - 1) == 0;
}
