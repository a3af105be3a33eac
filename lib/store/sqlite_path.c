/* lib/store/sqlite_path.c - what stands at the store's path, looked at before anything is opened */
#include "sqlite.h"

#include "base/buf.h"
#include "base/fail.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#define FUSE_MAGIC UINT64_C(0x65735546)
#define LOCAL_REMEDY "put the store on a local file system, or use a store that is made for many machines"

static const struct {
	uint64_t magic;
	const char *name;
} remote_fs[] = {
	{ 0x6969, "NFS" }, { 0x517B, "SMB" }, { 0xFF534D42, "CIFS" }, { 0xFE534D42, "SMB" }, { 0x01021997, "9p" },
	{ 0x00C36400, "CephFS" }, { 0x5346414F, "AFS" }, { 0x6B414653, "AFS" }, { 0x73757245, "Coda" },
	{ 0x0BD00BD0, "Lustre" }, { 0x47504653, "GPFS" }, { 0x19830326, "BeeGFS" }, { 0x564C, "NCP" },
	{ 0x786F4256, "vboxsf" }, { 0xAAD7AAEA, "PanFS" }, { 0x01161970, "GFS2" }, { 0x7461636F, "OCFS2" },
};
static const char *const remote_fuse[] = { "sshfs", "glusterfs", "ceph", "cephfs", "s3fs", "rclone", "goofys",
	"gcsfuse", "davfs", "curlftpfs", "juicefs", "mfs", "moosefs", "lizardfs", "seaweedfs", "beegfs", "virtiofs",
	"nfs", "smbnetfs", "vmhgfs-fuse", "prl_fs", "grpcfuse", "osxfs" };

const char *shr__sqlite_remote(uint64_t magic, const char *subtype)
{
	for (size_t i = 0; i < sizeof(remote_fs) / sizeof(remote_fs[0]); i++)
		if (remote_fs[i].magic == magic)
			return remote_fs[i].name;
	if (magic != FUSE_MAGIC)
		return NULL;
	/* FUSE has local file systems too: only those that are known to be remote are refused. */
	for (size_t i = 0; i < sizeof(remote_fuse) / sizeof(remote_fuse[0]); i++)
		if (strcmp(remote_fuse[i], subtype) == 0)
			return remote_fuse[i];
	return NULL;
}

/* "sshfs" of a mount "fuse.sshfs" on device DEV, from the list of mounts; "" when it is not found. */
static void fuse_subtype(dev_t dev, char *buf, size_t room)
{
	char line[1024], type[64];
	unsigned major_no, minor_no;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	buf[0] = '\0';
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		const char *behind = strstr(line, " - ");

		if (sscanf(line, "%*d %*d %u:%u", &major_no, &minor_no) != 2 || !behind || major_no != major(dev) ||
			minor_no != minor(dev) || sscanf(behind, " - %63s", type) != 1)
			continue;
		(void)snprintf(buf, room, "%s", strncmp(type, "fuse.", 5) == 0 ? type + 5 : type);
	}
	(void)fclose(f);
}

static int local_fs(const char *path, const char *where, const struct shr_error **reterr)
{
	const char *name;
	char subtype[64] = "";
	struct statfs fs;
	struct stat s;

	if (statfs(where, &fs) != 0 || stat(where, &s) != 0)
		return shr__fail(reterr, SHR_ESTORE, "%s: its file system does not answer: errno %d", path, errno);
	if ((uint32_t)fs.f_type == FUSE_MAGIC)
		fuse_subtype(s.st_dev, subtype, sizeof(subtype));
	name = shr__sqlite_remote((uint32_t)fs.f_type, subtype);
	if (!name)
		return 0;
	return shr__fail_do(reterr, SHR_ESTORE, LOCAL_REMEDY,
		"%s: is on a network file system (%s), where SQLite's locks cannot be trusted", path, name);
}

/* DIR/NAME for a file that is not there yet; 1: it is there now. */
static int new_path(const char *path, uint32_t flags, char *real, const struct shr_error **reterr)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *dir = slash ? shr__strndup(path, slash == path ? 1 : (size_t)(slash - path)) : shr__strdup(".");
	struct stat s;
	size_t n;
	char *ok;
	int bad;

	if (!dir)
		return shr__fail_nomem(reterr);
	ok = realpath(dir, real);
	shr__free(dir);
	if (!ok)
		return shr__fail_do(reterr, SHR_ENOTFOUND, "make the directory first", "%s: its directory %s", path,
			errno == ENOENT ? "does not exist" : "cannot be reached");
	n = strlen(real);
	if (!*name || n + strlen(name) + 8 > PATH_MAX)
		return shr__fail(reterr, SHR_EINVAL, "%s: not the path of a file", path);
	(void)snprintf(real + n, PATH_MAX - n, "%s%s", n == 1 ? "" : "/", name);
	bad = lstat(real, &s); /* once: it may come between two looks */
	if (!bad && !S_ISLNK(s.st_mode))
		return 1;
	if (!bad)
		return shr__fail_do(reterr, SHR_EINVAL, "remove the link, or make what it leads to",
			"%s: a symbolic link that leads nowhere", path);
	if (!(flags & SHR_STORE_CREATE))
		return shr__fail_do(reterr, SHR_ENOTFOUND, "create the store first (SHR_STORE_CREATE), or check the path",
			"%s: there is no store", path);
	return 0;
}

/* The real path of the store. *ret_like is zeroed when there is no such file yet. */
static int real_path(const char *path, uint32_t flags, char *real, struct stat *ret_like,
	const struct shr_error **reterr)
{
	int rc;

	memset(ret_like, 0, sizeof(*ret_like));
	/* Another process may be making it at this moment: then it is looked at again. */
	for (int tries = 0; !realpath(path, real); tries++) {
		if (errno == ENOENT) {
			rc = new_path(path, flags, real, reterr);
			if (rc != 1 || tries == 10)
				return rc == 1 ? shr__fail(reterr, SHR_ESTORE, "%s: comes and goes", path) : rc;
			continue;
		}
		return shr__fail_do(reterr, SHR_ESTORE, shr__sqlite_remedy(SHR_ESTORE), "%s: cannot be reached: errno %d",
			path, errno);
	}
	if (stat(real, ret_like) != 0)
		return shr__fail(reterr, SHR_ESTORE, "%s: cannot be reached: errno %d", path, errno);
	if (S_ISDIR(ret_like->st_mode))
		return shr__fail_do(reterr, SHR_EINVAL, "give the path of a file in it", "%s: is a directory", path);
	if (!S_ISREG(ret_like->st_mode))
		return shr__fail_do(reterr, SHR_EINVAL, "give the path of a file", "%s: is not a regular file", path);
	return 0;
}

static void add_escaped(struct shr__buf *b, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("/._-", c))
			shr__buf_add(b, s, 1);
		else
			shr__buf_printf(b, "%%%02X", c);
	}
}

/* SQLite gives a new file the mode of the file that is named by modeof: the turns' file, 0600. This room never opens
 * the database itself: closing it again would drop the locks that SQLite has on it in this process. */
static char *uri_of(const char *real)
{
	struct shr__buf b = { 0 };

	shr__buf_str(&b, "file:");
	add_escaped(&b, real);
	shr__buf_str(&b, "?modeof=");
	add_escaped(&b, real);
	shr__buf_str(&b, "-turn");
	return shr__buf_take(&b);
}

int shr__sqlite_path(struct shr__sqlite *st, const char *path, uint32_t flags, struct stat *ret_like,
	const struct shr_error **reterr)
{
	char real[PATH_MAX], dir[PATH_MAX];
	char *slash;
	int rc;

	rc = real_path(path, flags, real, ret_like, reterr);
	if (rc)
		return rc;
	(void)snprintf(dir, sizeof(dir), "%s", real);
	slash = strrchr(dir, '/');
	slash[slash == dir] = '\0';
	rc = local_fs(path, dir, reterr);
	if (rc)
		return rc;
	st->path = shr__strdup(real);
	st->uri = uri_of(real);
	return st->path && st->uri ? 0 : shr__fail_nomem(reterr);
}
