/* tests/real/records.c - what a writer left, record by record, and a client of SMB that writes to two files in turn */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include "records.h"

long records_in(const char *dir, const char *name, struct stat *st)
{
	uint32_t record[RECORD / 4];
	char path[800];
	long n = 0;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	while (read(fd, record, sizeof record) == (ssize_t)sizeof record && record[0] == (uint32_t)n &&
	    record[RECORD / 4 - 1] == (uint32_t)n)
		n++;
	close(fd);
	return n;
}

void pairs_begin(struct xkit *kit, struct nfs_client *w, const char *script, const char *share)
{
	char line[512] = "";

	if (nfs_client_start_as(w, "/usr/bin/python3", script, "127.0.0.1", share, "alice", line, sizeof line) < 0)
		xkit_fail(kit, "alice: %s", line);
	nfs_client_send(w, "pairs first second");
	if (pairs_acked_at_least(w, 20) < 20)
		xkit_fail(kit, "the client does not write");
}

long pairs_acked(struct nfs_client *w, long before, int timeout_ms)
{
	char line[200];
	long n = before;
	int how;

	while ((how = nfs_client_line(w, line, sizeof line, timeout_ms)) == 1 && sscanf(line, "acked %ld", &n) == 1)
		timeout_ms = 0;
	return how == 0 ? n : -1;
}

long pairs_acked_at_least(struct nfs_client *w, long least)
{
	long n = 0;
	int i;

	for (i = 0; i < 200 && n >= 0 && n < least; i++)
		n = pairs_acked(w, n, 100);
	return n;
}

int pairs_are_whole(const char *dir, struct pairs *ret)
{
	struct stat one = { 0 }, two = { 0 };

	ret->first = records_in(dir, "first", &one);
	ret->second = records_in(dir, "second", &two);
	return ret->first >= 0 && one.st_size == ret->first * RECORD && two.st_size == ret->second * RECORD &&
		(ret->first == ret->second || ret->first == ret->second + 1);
}
