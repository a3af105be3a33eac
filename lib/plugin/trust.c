/* lib/plugin/trust.c - which files may become part of this process: owners, modes, signatures */
#include "plugin/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fail.h"
#include "base/mem.h"

/*
 * No race of looking and taking: each directory from the root down and then the file are opened once, each below the
 * descriptor of the one before and never through a link; what is checked is the descriptor, and load.c loads from that
 * same descriptor. Who swaps a name meanwhile changes nothing. What remains is the owner, who may write into his own
 * file at any time: that is root or ourselves.
 */

#define SIGNATURE 64
#define MOST_KEY (64 * 1024)
#define MOST_FILE (256L * 1024 * 1024)

static int owner_ok(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static int refuse_owner(const char *what, const struct stat *st, const struct shr_error **reterr)
{
	return shr__fail_do(reterr, SHR_ETRUST, "give it to root, or to the user who runs this program",
		"%s belongs to user %ld", what, (long)st->st_uid);
}

static int refuse_mode(const char *what, const struct stat *st, const struct shr_error **reterr)
{
	return shr__fail_do(reterr, SHR_ETRUST, "chmod go-w", "%s can be written by others (mode %04o)", what,
		(unsigned)st->st_mode & 07777);
}

/* One below AT; a link is not followed. The directory itself is held to more than those above it. */
static int step_down(int at, const char *name, int last, const char *path, int *ret_fd, const struct shr_error **reterr)
{
	int fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		rc = shr__fail(reterr, errno == ENOENT ? SHR_ENOTFOUND : SHR_ETRUST, "%s: %s: %m", path, name);
	else if (last && !owner_ok(&st))
		rc = refuse_owner(path, &st, reterr);
	else if (last && (st.st_mode & 022))
		rc = refuse_mode(path, &st, reterr);
	else if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		rc = shr__fail_do(reterr, SHR_ETRUST, "chmod o-w, or the sticky bit", "%s: %s above it can be written by everybody",
			path, name);
	if (rc < 0 && fd >= 0)
		close(fd);
	else
		*ret_fd = fd;
	return rc;
}

static int walk(char *real, const char *path, int *ret_fd, const struct shr_error **reterr)
{
	char *name = real + 1, *slash;
	int fd = -1, below = -1, rc;

	rc = step_down(AT_FDCWD, "/", *name == '\0', path, &fd, reterr);
	while (rc == 0 && *name) {
		slash = strchr(name, '/');
		if (slash)
			*slash = '\0';
		rc = step_down(fd, name, !slash, path, &below, reterr);
		close(fd);
		fd = below;
		name = slash ? slash + 1 : name + strlen(name);
	}
	if (rc == 0)
		*ret_fd = fd;
	return rc;
}

int shr__trust_dir(const char *path, int *ret_fd, const struct shr_error **reterr)
{
	char real[PATH_MAX];

	if (path[0] != '/')
		return shr__fail_do(reterr, SHR_ETRUST, "give the whole path", "%s is not an absolute path", path);
	/* Links in the path are resolved first (/lib is one on many systems), and the result is walked without any. */
	if (!realpath(path, real))
		return shr__fail(reterr, errno == ENOENT ? SHR_ENOTFOUND : SHR_ETRUST, "%s: %m", path);
	return walk(real, path, ret_fd, reterr);
}

static int check_file(int fd, const char *what, const struct shr_error **reterr)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return shr__fail(reterr, SHR_ETRUST, "%s: %m", what);
	if (!S_ISREG(st.st_mode))
		return shr__fail(reterr, SHR_ETRUST, "%s is not a regular file", what);
	if (!owner_ok(&st))
		return refuse_owner(what, &st, reterr);
	if (st.st_mode & 022)
		return refuse_mode(what, &st, reterr);
	return 0;
}

int shr__trust_file(int dir_fd, const char *dir, const char *name, int *ret_fd, const struct shr_error **reterr)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char what[PATH_MAX];
	int rc;

	if (fd < 0 && errno == ELOOP)
		return shr__fail_do(reterr, SHR_ETRUST, "put the file itself there", "%s/%s is a symbolic link", dir, name);
	if (fd < 0)
		return shr__fail(reterr, errno == ENOENT ? SHR_ENOTFOUND : SHR_ETRUST, "%s/%s: %m", dir, name);
	snprintf(what, sizeof what, "%s/%s", dir, name);
	rc = check_file(fd, what, reterr);
	if (rc < 0)
		close(fd);
	else
		*ret_fd = fd;
	return rc;
}

/* All of FD, from its beginning, wherever it was read to before. */
static int read_all(int fd, size_t most, void **ret, size_t *ret_n, const struct shr_error **reterr)
{
	struct stat st;
	size_t n = 0;
	ssize_t some;
	char *p;

	if (fstat(fd, &st) < 0)
		return shr__fail(reterr, SHR_EIO, "%m");
	if (st.st_size < 0 || (uintmax_t)st.st_size > most)
		return shr__fail(reterr, SHR_EIO, "it is larger than %zu bytes", most);
	p = shr__alloc((size_t)st.st_size + 1);
	if (!p)
		return shr__fail_nomem(reterr);
	while (n < (size_t)st.st_size) {
		some = pread(fd, p + n, (size_t)st.st_size - n, (off_t)n);
		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			break;
		n += (size_t)some;
	}
	if (n < (size_t)st.st_size) {
		shr__free(p);
		return shr__fail(reterr, SHR_EIO, "it could not be read to its end");
	}
	*ret = p;
	*ret_n = n;
	return 0;
}

/* The key's file is held to the same rules as a plugin: who can change it can sign. */
static int open_key(const char *path, int *ret_fd, const struct shr_error **reterr)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int dir_fd, rc;

	if (path[0] != '/' || !slash || (size_t)(slash - path) >= sizeof dir)
		return shr__fail_do(reterr, SHR_EINVAL, "give the whole path", "public key %s: is not an absolute path", path);
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	rc = shr__trust_dir(dir[0] ? dir : "/", &dir_fd, reterr);
	if (rc < 0)
		return rc;
	rc = shr__trust_file(dir_fd, dir, slash + 1, ret_fd, reterr);
	close(dir_fd);
	return rc;
}

static int read_key(const char *path, struct shr__arena *arena, struct shr__trust_key *key, const struct shr_error **reterr)
{
	const struct shr_error *why = NULL;
	uint8_t none[SIGNATURE] = { 0 };
	void *text = NULL;
	int fd = -1, rc;

	rc = open_key(path, &fd, reterr);
	if (rc < 0)
		return rc;
	rc = read_all(fd, MOST_KEY, &text, &key->n, &why);
	close(fd);
	if (rc < 0) {
		rc = shr__fail(reterr, rc, "public key %s: %s", path, why->message);
		shr_error_unref(why);
		return rc;
	}
	key->pem = shr__arena_strndup(arena, text, key->n);
	shr__free(text);
	if (!key->pem)
		return shr__fail_nomem(reterr);
	if (shr__ed25519_ok(key->pem, key->n, "", 0, none) < 0)
		return shr__fail_do(reterr, SHR_EINVAL, "openssl pkey -pubout makes one of a private key",
			"public key %s is no Ed25519 public key in PEM form", path);
	return 0;
}

int shr__trust_keys(const struct shr__config *config, struct shr__arena *arena, struct shr__trust_keys *ret,
	const struct shr_error **reterr)
{
	struct shr__trust_key *keys;
	int rc = 0;

	memset(ret, 0, sizeof *ret);
	if (!config->require_signature)
		return 0;
	if (config->n_public_keys == 0)
		return shr__fail_do(reterr, SHR_EINVAL, "name the files of the public keys", "signatures are required, but no "
			"public key is named");
	keys = shr__arena_alloc(arena, config->n_public_keys * sizeof *keys);
	if (!keys)
		return shr__fail_nomem(reterr);
	for (uint32_t i = 0; rc == 0 && i < config->n_public_keys; i++)
		rc = read_key(config->public_keys[i], arena, &keys[i], reterr);
	ret->items = keys;
	ret->n = config->n_public_keys;
	ret->required = 1;
	return rc;
}

static int read_signature(int dir_fd, const char *dir, const char *name, uint8_t ret[SIGNATURE],
	const struct shr_error **reterr)
{
	char file[NAME_MAX + 1];
	const struct shr_error *why = NULL;
	void *bytes = NULL;
	size_t n = 0;
	int fd, rc;

	snprintf(file, sizeof file, "%s.sig", name);
	rc = shr__trust_file(dir_fd, dir, file, &fd, &why);
	if (rc == 0) {
		rc = read_all(fd, SIGNATURE, &bytes, &n, &why);
		close(fd);
	}
	if (rc == 0 && n == SIGNATURE)
		memcpy(ret, bytes, SIGNATURE);
	else if (rc == SHR_ENOMEM)
		shr__fail_nomem(reterr);
	else
		rc = shr__fail_do(reterr, SHR_ETRUST, "sign it: openssl pkeyutl -sign -rawin", "%s/%s is not signed: %s%s", dir,
			name, why ? why->message : file, why ? "" : " has not 64 bytes");
	shr__free(bytes);
	shr_error_unref(why);
	return rc;
}

int shr__trust_signature(const struct shr__trust_keys *keys, int dir_fd, const char *dir, const char *name, int fd,
	const struct shr_error **reterr)
{
	const struct shr_error *why = NULL;
	uint8_t signature[SIGNATURE];
	void *bytes;
	size_t n;
	int ok = 0, rc;

	rc = read_signature(dir_fd, dir, name, signature, reterr);
	if (rc < 0)
		return rc;
	rc = read_all(fd, MOST_FILE, &bytes, &n, &why);
	if (rc < 0) {
		if (rc == SHR_ENOMEM)
			shr__fail_nomem(reterr);
		else
			rc = shr__fail(reterr, SHR_ETRUST, "%s/%s: %s", dir, name, why->message);
		shr_error_unref(why);
		return rc;
	}
	for (uint32_t i = 0; i < keys->n && !ok; i++)
		ok = shr__ed25519_ok(keys->items[i].pem, keys->items[i].n, bytes, n, signature) == 1;
	shr__free(bytes);
	return ok ? 0 : shr__fail(reterr, SHR_ETRUST, "%s/%s: its signature is by none of the public keys, or the file was "
		"changed after it was signed", dir, name);
}
