/* lib/config/load.c - a configuration's bytes and its place */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

static int fail_errno(const struct shr_error **reterr, const char *path, int error)
{
	char words[128];

	return shr__fail_do(reterr, SHR_EIO, "name a configuration that this user may read", "%s: %s", path,
		strerror_r(error, words, sizeof words));
}

static int read_all(int fd, char *text, size_t room, size_t *ret_n)
{
	size_t n = 0;
	ssize_t got;

	while (n < room) {
		got = read(fd, text + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_n = n;
	return 0;
}

static int load_fd(int fd, const char *path, struct shr__arena *arena, char **ret_text, size_t *ret_n,
	const struct shr_error **reterr)
{
	struct stat st;
	char *text;
	size_t room;

	if (fstat(fd, &st))
		return fail_errno(reterr, path, errno);
	if (!S_ISREG(st.st_mode))
		return shr__fail_do(reterr, SHR_EIO, "name a file", "%s: not a regular file", path);
	/* A byte more than the file has shows one that grows while it is read; it is then one that is too long or not. */
	room = (uint64_t)st.st_size >= SHR__CONFIG_MOST ? SHR__CONFIG_MOST + 1 : (size_t)st.st_size + 1;
	text = shr__arena_alloc(arena, room + 1);
	if (!text)
		return shr__fail_nomem(reterr);
	if (read_all(fd, text, room, ret_n))
		return fail_errno(reterr, path, errno);
	text[*ret_n] = '\0';
	*ret_text = text;
	return 0;
}

int shr__load_file(const char *path, struct shr__arena *arena, char **ret_text, size_t *ret_n,
	const struct shr_error **reterr)
{
	/* Opening a named pipe must not wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return fail_errno(reterr, path, errno);
	rc = load_fd(fd, path, arena, ret_text, ret_n, reterr);
	close(fd);
	return rc;
}

int shr__load_directory(const char *path, struct shr__arena *arena, const char **ret, const struct shr_error **reterr)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	size_t n = slash ? (size_t)(slash - path) : 0;
	char here[PATH_MAX];
	const char *directory;

	*ret = NULL;
	if (slash && *path == '/') {
		directory = shr__arena_strndup(arena, path, n ? n : 1);
	} else {
		if (!getcwd(here, sizeof here) || *here != '/')
			return 0;
		directory = slash ? shr__arena_printf(arena, "%s/%.*s", strcmp(here, "/") ? here : "", (int)n, path) :
			shr__arena_strdup(arena, here);
	}
	if (!directory)
		return shr__fail_nomem(reterr);
	*ret = directory;
	return 0;
}
