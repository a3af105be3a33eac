/* tests/real/nfs_client.c - an NFSv4 client: nfs_client SOURCE-ADDRESS SERVER EXPORT, commands on its input, a line for each answer */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <nfsc/libnfs.h>
#include "nfs_source.h"

#define RECORD 1024 /* libnfs 4.0 cannot encode a write of 4096 bytes */

static struct nfs_context *nfs;

static void say(int rc, const char *what)
{
	if (rc >= 0)
		printf("ok %s\n", what);
	else
		printf("failed %d %s\n", rc, nfs_get_error(nfs));
}

static int do_mount(const char *server, const char *export)
{
	char name[64], verifier[16];
	int rc;

	nfs = nfs_init_context();
	if (!nfs)
		exit(3);
	snprintf(name, sizeof name, "libshare-test-%ld-%s", (long)getpid(), nfs_source);
	snprintf(verifier, sizeof verifier, "%08lx", (unsigned long)getpid() & 0xffffffffUL);
	nfs_set_version(nfs, 4);
	nfs4_set_client_name(nfs, name);
	nfs4_set_verifier(nfs, verifier);
	nfs_set_autoreconnect(nfs, 0);
	rc = nfs_mount(nfs, server, export);
	say(rc, "mounted");
	return rc;
}

/* FLAGS: O_CREAT: a file that is not there yet. */
static void put(const char *name, const char *text, int flags)
{
	struct nfsfh *f;
	int rc = nfs_open2(nfs, name, O_RDWR | flags, 0666, &f);

	if (rc == 0) {
		rc = nfs_pwrite(nfs, f, 0, strlen(text), (void *)(uintptr_t)text);
		if (rc >= 0)
			rc = nfs_fsync(nfs, f);
		if (rc >= 0)
			nfs_close(nfs, f);
	}
	say(rc, "put");
}

static void get(const char *name)
{
	struct nfsfh *f;
	char text[256] = "";
	int rc = nfs_open(nfs, name, O_RDONLY, &f);

	if (rc == 0) {
		rc = nfs_pread(nfs, f, 0, sizeof text - 1, text);
		text[rc > 0 ? rc : 0] = '\0';
		nfs_close(nfs, f);
	}
	say(rc, text);
}

static void size(const char *name)
{
	struct nfs_stat_64 st;
	char text[32] = "";
	int rc = nfs_stat64(nfs, name, &st);

	if (rc == 0)
		snprintf(text, sizeof text, "size %llu;", (unsigned long long)st.nfs_size);
	say(rc, text);
}

/* Records of one number each, in order, until one fails; each that was acknowledged, and committed, is told. */
static void write_on(const char *name)
{
	struct nfsfh *f;
	uint32_t record[RECORD / 4], n = 0;
	size_t i;
	int rc = nfs_open2(nfs, name, O_RDWR | O_CREAT, 0666, &f);

	while (rc >= 0) {
		for (i = 0; i < RECORD / 4; i++)
			record[i] = n;
		rc = nfs_pwrite(nfs, f, (uint64_t)n * RECORD, sizeof record, record);
		if (rc >= 0)
			rc = nfs_fsync(nfs, f);
		if (rc >= 0)
			printf("acked %u\n", n++);
	}
	say(rc, "");
}

int main(int argc, char **argv)
{
	char line[512], *verb, *name, *text;

	if (argc != 4)
		return 2;
	nfs_source = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (do_mount(argv[2], argv[3]) < 0)
		return 1;
	while (fgets(line, sizeof line, stdin)) {
		verb = strtok(line, " \n");
		name = strtok(NULL, " \n");
		text = strtok(NULL, "\n");
		if (!verb || !name)
			return 2;
		if (strcmp(verb, "put") == 0)
			put(name, text ? text : "", O_CREAT);
		else if (strcmp(verb, "over") == 0)
			put(name, text ? text : "", 0);
		else if (strcmp(verb, "get") == 0)
			get(name);
		else if (strcmp(verb, "mode") == 0 && text)
			say(nfs_chmod(nfs, name, (int)strtol(text, NULL, 8)), "mode");
		else if (strcmp(verb, "size") == 0)
			size(name);
		else if (strcmp(verb, "write") == 0)
			write_on(name);
		else
			return 2;
	}
	return 0;
}
