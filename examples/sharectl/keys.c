/* examples/sharectl/keys.c - the keys of --key-file, which seal access keys in the store */
#include "ctl.h"
#include "open.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* 64 hex digits with at most one newline behind them, or 32 bytes of any kind. */
static int read_bytes(const uint8_t *text, ssize_t n, uint8_t ret[32])
{
	if (n == 65 && text[64] == '\n')
		n = 64;
	if (n == 32)
		memcpy(ret, text, 32);
	for (int i = 0; n == 64 && i < 32; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return n == 32 || n == 64 ? 0 : -1;
}

/* A secret that others may read is none. */
static int check_file(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ctl_complain(CTL_FAILED, "", "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ctl_complain(CTL_PERMISSION, "give a regular file", "%s: not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return ctl_complain(CTL_PERMISSION, "chown it", "%s: belongs to another user", path);
	if (st.st_mode & 077)
		return ctl_complain(CTL_PERMISSION, "chmod 0600 it, and think of a new key",
			"%s: others may use it (mode %04o)", path,
			(unsigned)(st.st_mode & 07777));
	return CTL_OK;
}

static int read_key(const char *path, struct ctl_key *key)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), status;
	uint8_t text[66];
	ssize_t n = -1;

	if (fd < 0)
		return ctl_complain(errno == ENOENT ? CTL_NOTFOUND : CTL_PERMISSION, "", "%s: %s", path, strerror(errno));
	status = check_file(fd, path);
	if (!status)
		n = read(fd, text, sizeof text);
	close(fd);
	if (!status && (strlen(name) >= sizeof key->id || !*name))
		status = ctl_complain(CTL_USAGE, "give it a shorter name",
			"%s: the name of the file names the key, and is too long", path);
	if (!status && read_bytes(text, n, key->bytes) < 0)
		status = ctl_complain(CTL_USAGE, "head -c 32 /dev/urandom >FILE makes one",
			"%s: neither 32 bytes nor 64 hex digits", path);
	if (!status)
		snprintf(key->id, sizeof key->id, "%s", name);
	explicit_bzero(text, sizeof text);
	return status;
}

int ctl_keys_read(struct ctl *c)
{
	const struct ctl_value *v = &c->given[OPT_KEY_FILE];
	int status = CTL_OK;

	c->keys = ctl_alloc((size_t)v->n * sizeof *c->keys);
	for (int i = 0; i < v->n && !status; i++) {
		status = read_key(v->words[i], &c->keys[i]);
		if (!status)
			c->n_keys++;
		for (int k = 0; k < i && !status; k++)
			if (strcmp(c->keys[k].id, c->keys[i].id) == 0)
				status = ctl_complain(CTL_USAGE, "rename one", "two key files are named %s", c->keys[i].id);
	}
	return status;
}

int ctl_seal_key(void *data, const char *key_id, uint8_t ret_key[32], char ret_id[64])
{
	const struct ctl *c = data;

	for (size_t i = 0; i < c->n_keys; i++) {
		if (*key_id && strcmp(key_id, c->keys[i].id) != 0)
			continue;
		memcpy(ret_key, c->keys[i].bytes, 32);
		memcpy(ret_id, c->keys[i].id, 64);
		return 0;
	}
	return -1;
}
