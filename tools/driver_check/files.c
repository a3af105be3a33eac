/* tools/driver_check/files.c - what a user would do in a share: files */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kit.h"

int kit_has_files(const struct kit_share *share)
{
	struct stat st;

	return share->path[0] && stat(share->path, &st) == 0 && S_ISDIR(st.st_mode) && access(share->path, W_OK) == 0;
}

static void whole_name(const struct kit_share *share, const char *name, char ret[2048])
{
	snprintf(ret, 2048, "%s/%s", share->path, name);
}

int kit_write_file(const struct kit_share *share, const char *name, uint64_t bytes)
{
	char whole[2048], block[65536];
	uint64_t done = 0;
	ssize_t put = 0;
	int fd, why = 0;

	whole_name(share, name, whole);
	memset(block, 'k', sizeof block);
	fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	while (done < bytes && !why) {
		put = write(fd, block, bytes - done < sizeof block ? (size_t)(bytes - done) : sizeof block);
		if (put < 0)
			why = errno;
		else
			done += (uint64_t)put;
	}
	/* Some file systems count, and refuse, only what reaches the disk. */
	if (!why && bytes >= KIT_MIB && fsync(fd) < 0)
		why = errno;
	close(fd);
	return why;
}

int kit_file_is(const struct kit_share *share, const char *name, uint64_t bytes)
{
	char whole[2048];
	struct stat st;

	whole_name(share, name, whole);
	return stat(whole, &st) == 0 && (uint64_t)st.st_size == bytes;
}

void kit_make_tree(const struct kit_share *share)
{
	char whole[2048];

	if (!kit_has_files(share))
		return;
	kit_write_file(share, "one", 10000);
	whole_name(share, "sub", whole);
	mkdir(whole, 0755);
	whole_name(share, "sub/deeper", whole);
	mkdir(whole, 0700);
	kit_write_file(share, "sub/deeper/two", 100);
	whole_name(share, "sub/link", whole);
	if (symlink("/", whole) < 0)
		return;
	whole_name(share, "sub/pipe", whole);
	mkfifo(whole, 0600);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

char *kit_listing(const char *dir)
{
	char *const roots[] = { (char *)(uintptr_t)dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	FTSENT *e;

	while (fts && (e = fts_read(fts)))
		if (e->fts_info != FTS_DP)
			fprintf(out, "%s\n", e->fts_path);
	if (fts)
		fts_close(fts);
	fclose(out);
	return text;
}
