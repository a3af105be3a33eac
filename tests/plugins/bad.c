/* tests/plugins/bad.c - a driver that does one thing wrong, as its setting says: shr-driver-check must notice */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bad.h"

#define OF_SNAPSHOTS (SHR_CAP_SNAPSHOT | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_MANAGE)

static void bad_close(void *be)
{
	struct bad *b = be;

	close(b->lock);
	free(b);
}

static int bad_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	struct bad *b = calloc(1, sizeof *b);
	char text[1024];
	ssize_t n;

	b->host = host;
	b->root = host->setting(call, NULL, "root", 0);
	b->wrong = host->setting(call, NULL, "wrong", 0);
	b->wrong = b->wrong ? b->wrong : "nothing";
	b->pool = host->pool(call, 0);
	snprintf(text, sizeof text, "%.500s/lock", b->root);
	b->lock = open(text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (b->lock < 0) {
		free(b);
		return host->fail(call, SHR_EBACKEND, "no lock");
	}
	if (!is(b, "no-lock") && flock(b->lock, LOCK_EX | LOCK_NB) < 0) {
		n = pread(b->lock, text, 20, 0);
		text[n > 0 ? n : 0] = '\0';
		bad_close(b);
		return shr_failf(host, call, SHR_EAGAIN, "held by %s", text);
	}
	n = snprintf(text, sizeof text, "%ld", (long)getpid());
	if (ftruncate(b->lock, 0) < 0 || pwrite(b->lock, text, (size_t)n, 0) != n)
		return no(b, call, "lock");
	*ret_be = b;
	return 0;
}

static int bad_stats(void *be, const struct shr_call *call)
{
	const struct bad *b = be;
	uint64_t lie = is(b, "size-not-enforced") ? SHR_CAP_SIZE_ENFORCED : 0;

	b->host->set_number(call, b->pool, SHR_NUMBER_TOTAL, UINT64_C(1) << 40);
	b->host->set_number(call, b->pool, SHR_NUMBER_FREE, UINT64_C(1) << 40);
	b->host->set_number(call, b->pool, SHR_NUMBER_CAPABILITIES, (is(b, "cannot-extend") ? 0 : SHR_CAP_EXTEND) | SHR_CAP_SHRINK | SHR_CAP_ACCESS_IP |
		SHR_CAP_DATA | lie | (strncmp(b->wrong, "snap-", 5) == 0 ? OF_SNAPSHOTS : 0));
	return 0;
}

static int put_size(const char *path, uint64_t bytes)
{
	char text[64];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), n;

	n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)bytes);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		return -1;
	return close(fd);
}

/* What was there already: 0 when that is fine. */
static int meet_old(const struct bad *b, const struct shr_instance *in)
{
	char path[1024];

	if (errno != EEXIST || is(b, "create-once"))
		return -1;
	place(b, in, ".size", path);
	if (is(b, "half-made-is-lost") && access(path, F_OK) < 0)
		return -1;
	place(b, in, "/one", path);
	if (is(b, "create-empties"))
		unlink(path);
	return 0;
}

/* What a driver of one thread may do, and one that declares many may not. */
static void share_scratch(const struct bad *b, char dir[1024])
{
	char *scratch = (char *)(uintptr_t)b->scratch;

	memcpy(scratch, dir, 1024);
	usleep(1000);
	memcpy(dir, scratch, 1024);
}

/* What goes wrong before anything is made; 0: nothing. */
static int odd_create(const struct bad *b, const struct shr_call *call, const char *dir)
{
	if (is(b, "crashes-on-token") && call->token_len > 64)
		raise(SIGSEGV);
	if (is(b, "blocks-and-is-late") && call->attempt == 1) {
		sleep(3);
		return b->host->pending(call, "x", 1, 1);
	}
	if (is(b, "is-late") && !call->token)
		return b->host->pending(call, "x", 1, 1);
	if (is(b, "needs-its-token") && call->attempt == 1)
		return b->host->pending(call, "x", 1, 1);
	if (is(b, "needs-its-token") && !call->token && access(dir, F_OK) < 0)
		return b->host->fail(call, SHR_EBACKEND, "what was begun is not known");
	if (is(b, "stays-when-told-to-stop"))
		while (b->host->cancelled(call))
			usleep(1000);
	return is(b, "moves-the-process") && chdir("/") < 0 ? no(b, call, "/") : 0;
}

int bad_create(void *be, const struct shr_call *call, const struct shr_instance *in)
{
	const struct bad *b = be;
	struct shr_export e = { sizeof e, 0, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, NULL, in->id };
	char dir[1024], size[1024];
	int code;

	place(b, in, "", dir);
	place(b, in, ".size", size);
	code = odd_create(b, call, dir);
	if (code)
		return code;
	if (mkdir(dir, 0755) < 0 && meet_old(b, in) < 0)
		return no(b, call, dir);
	if (is(b, "shares-its-scratch"))
		share_scratch(b, dir);
	if (put_size(size, in->bytes) < 0)
		return no(b, call, size);
	e.path = dir;
	b->host->set_ref(call, in->id, "bad");
	b->host->set_path(call, in->id, dir);
	b->host->add_export(call, in->id, &e);
	return 0;
}

static int unlink_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void rule_file(const struct bad *b, const struct shr_instance *in, const char *id, char ret[1024])
{
	snprintf(ret, 1024, "%.500s/rules-%s%s%s", b->root, in->id, *id ? "/" : "", id);
}

static int drop_rules(const struct bad *b, const struct shr_instance *in)
{
	char dir[1024];

	rule_file(b, in, "", dir);
	return nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT ? -1 : 0;
}

static int bad_remove(void *be, const struct shr_call *call, const struct shr_instance *in)
{
	const struct bad *b = be;
	char dir[1024], size[1024];

	place(b, in, "", dir);
	place(b, in, ".size", size);
	if (is(b, "needs-the-ref") && strcmp(in->ref, "bad") != 0)
		return 0;
	if (access(dir, F_OK) < 0 && is(b, "remove-once"))
		return no(b, call, dir);
	if (is(b, "crashes-on-ref") && strlen(in->ref) > 1000)
		raise(SIGSEGV);
	if (is(b, "ends-the-process") && access(dir, F_OK) < 0)
		_exit(0);
	if (is(b, "keeps-files-open") && dup(b->lock) < 0)
		return no(b, call, dir);
	if (drop_rules(b, in) < 0)
		return no(b, call, "rules");
	if (nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		return no(b, call, dir);
	if (!is(b, "leaves-names"))
		unlink(size);
	return 0;
}

static int bad_usage(void *be, const struct shr_call *call, const struct shr_instance *in)
{
	const struct bad *b = be;
	char path[1024];
	struct stat st;

	place(b, in, "", path);
	if (stat(path, &st) < 0)
		return shr_failf(b->host, call, SHR_ENOTFOUND, "%.400s", path);
	place(b, in, "/big", path);
	b->host->set_number(call, in->id, SHR_NUMBER_USED, stat(path, &st) == 0 ? (uint64_t)st.st_size : 0);
	return 0;
}

static int bad_resize(void *be, const struct shr_call *call, const struct shr_instance *in, uint64_t bytes)
{
	const struct bad *b = be;
	char size[1024], big[1024];
	struct stat st;

	place(b, in, ".size", size);
	place(b, in, "/big", big);
	if (stat(big, &st) == 0 && (uint64_t)st.st_size > bytes) {
		if (is(b, "shrink-cuts") && truncate(big, (off_t)bytes) < 0)
			return no(b, call, big);
		if (!is(b, "shrink-accepts"))
			return b->host->fail(call, SHR_EDATALOSS, "more is in use");
	}
	if (access(size, F_OK) < 0)
		return shr_failf(b->host, call, SHR_ENOTFOUND, "%.400s", size);
	if (is(b, "extends-in-words") && bytes >= in->bytes)
		return 0;
	return put_size(size, bytes) < 0 ? no(b, call, size) : 0;
}

static int keep_rule(const struct bad *b, const struct shr_instance *in, const struct shr_rule *rule)
{
	char path[1024];
	int fd;

	rule_file(b, in, "", path);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -1;
	rule_file(b, in, rule->id, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, rule->level == SHR_LEVEL_RW || is(b, "ro-is-rw") ? "w" : "r", 1) != 1)
		return -1;
	return close(fd);
}

static int rule_is(const struct bad *b, const struct shr_instance *in, const struct shr_rule *rule)
{
	char path[1024], level = 0;
	int fd;

	rule_file(b, in, rule->id, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return SHR_ENOTFOUND;
	if (read(fd, &level, 1) < 0)
		level = 0;
	close(fd);
	return is(b, "no-eye-for-levels") || level == (rule->level == SHR_LEVEL_RW ? 'w' : 'r') ? SHR_OK : SHR_ECONFLICT;
}

static int apply(const struct bad *b, const struct shr_call *call, const struct shr_instance *in, const struct shr_rule_change *c)
{
	char path[1024];

	if (c->is) {
		if (is(b, "refuses-ro") && c->is->level == SHR_LEVEL_RO)
			return SHR_EUNSUPPORTED;
		return keep_rule(b, in, c->is);
	}
	rule_file(b, in, c->was->id, path);
	(void)call;
	return is(b, "rules-stay") || unlink(path) == 0 || errno == ENOENT ? 0 : -1;
}

static int bad_access(void *be, const struct shr_call *call, const struct shr_instance *in,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	const struct bad *b = be;
	const struct shr_rule_change *c;
	uint32_t i;
	int code;

	(void)all;
	for (i = 0; i < diff->n_changes; i++) {
		c = diff->changes[i];
		if (is(b, "unknown-rule-fails") && !c->is && diff->n_changes == 1)
			return b->host->fail(call, SHR_EBACKEND, "no such rule");
		code = apply(b, call, in, c);
		if (code == -1)
			return no(b, call, "rule");
		if (!is(b, "rule-unanswered") || i > 0)
			b->host->set_rule(call, c->is ? c->is->id : c->was->id, code, "");
		if (is(b, "rule-answered-twice"))
			b->host->set_rule(call, c->is ? c->is->id : c->was->id, code, "");
	}
	return 0;
}

static int bad_look(void *be, const struct shr_call *call, const struct shr_instance *in, struct shr_rules *all)
{
	const struct bad *b = be;
	char dir[1024], size[1024], text[32] = "";
	const struct shr_rule *rule;
	int fd;

	while ((rule = b->host->next_rule(call, all)))
		b->host->set_rule(call, rule->id, rule_is(b, in, rule), "");
	place(b, in, "", dir);
	place(b, in, ".size", size);
	fd = open(size, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && !is(b, "looks-blindly"))
		return shr_failf(b->host, call, SHR_ENOTFOUND, "%.400s", size);
	if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	if (fd >= 0)
		close(fd);
	b->host->set_number(call, in->id, SHR_NUMBER_BYTES, strtoull(text, NULL, 10));
	b->host->set_path(call, in->id, is(b, "looks-elsewhere") ? b->root : dir);
	return 0;
}

/* Or a snapshot that was let go. */
static int is_share(const struct dirent *e)
{
	return e->d_type == DT_DIR && (strncmp(e->d_name, "share-", 6) == 0 || strncmp(e->d_name, "free-", 5) == 0);
}

static int bad_list(void *be, const struct shr_call *call, const char *pool, const char *after, uint32_t max)
{
	const struct bad *b = be;
	struct shr_found f = { .size = sizeof f, .kind = SHR_FOUND_INSTANCE, .what = "" };
	struct dirent **names;
	int n = scandir(b->root, &names, is_share, alphasort), i;

	(void)pool;
	if (n < 0)
		return no(b, call, "list");
	if (is(b, "lists-all-but-one"))
		max = max > 0 && n > 0 && strcmp(names[0]->d_name, after) <= 0 ? max : 0;
	for (i = 0; i < n; i++) {
		f.name = names[i]->d_name;
		f.instance_id = *f.name == 's' ? f.name + 6 : "";
		if (max > 0 && (strcmp(f.name, after) > 0 || is(b, "lists-from-the-first"))) {
			b->host->found(call, &f);
			max--;
		}
		free(names[i]);
	}
	free(names);
	return 0;
}

static int bad_attach(void *be, const struct shr_call *call, const struct shr_instance *in, uint32_t readonly)
{
	const struct bad *b = be;
	char dir[1024], mark[1024];

	(void)readonly;
	place(b, in, "", dir);
	place(b, in, "/attached-mark", mark);
	if (in->flags & SHR_INSTANCE_SNAPSHOT && !is(b, "snap-not-attached"))
		bad_snap_place(b, in->id, is(b, "snap-attached-above") ? "/.." : "", dir);
	if (access(dir, F_OK) < 0 && !is(b, "attaches-anything"))
		return shr_failf(b->host, call, SHR_ENOTFOUND, "%.400s", dir);
	if (is(b, "attach-once") && mkdir(mark, 0700) < 0)
		return no(b, call, mark);
	b->host->set_path(call, in->id, dir);
	return 0;
}

static int bad_detach(void *be, const struct shr_call *call, const struct shr_instance *in)
{
	const struct bad *b = be;
	char mark[1024];

	(void)call;
	place(b, in, "/attached-mark", mark);
	rmdir(mark);
	return 0;
}

static int bad_cancel(void *be, const struct shr_call *call)
{
	const struct bad *b = be;

	(void)call;
	while (is(b, "hangs-at-cancel"))
		pause();
	return 0;
}

static const struct shr_driver_data data = { sizeof data, 0, bad_attach, bad_detach };

static const char *const settings[] = { "root!", "wrong", NULL };

static const struct shr_driver table = {
	.abi = SHR_DRIVER_ABI,
	.size = sizeof table,
	.name = "bad",
	.version = "1",
	.threads = SHR_THREADS_PARALLEL,
	.fencing = SHR_FENCING_HOST_LOCK,
	.capabilities = SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_SIZE_ENFORCED | SHR_CAP_ACCESS_IP | SHR_CAP_DATA |
		OF_SNAPSHOTS,
	.protocols = SHR_PROTO_NFS,
	.settings = settings,
	.open = bad_open,
	.close = bad_close,
	.stats = bad_stats,
	.create = bad_create,
	.remove = bad_remove,
	.resize = bad_resize,
	.update_access = bad_access,
	.manage = bad_manage,
	.unmanage = bad_unmanage,
	.usage = bad_usage,
	.cancel = bad_cancel,
	.snapshot = &bad_snapshot,
	.look = bad_look,
	.list = bad_list,
	.data = &data,
};

const struct shr_driver *shr_driver_entry_1(void)
{
	return &table;
}
