/* backends/ganesha/block.c - an export block, and the file that it lies in */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ganesha.h"

#define HEAD "# libshare instance %36s number %u"

/* ---- text ---- */

static const char *squash_word(uint32_t squash)
{
	return squash == SHR_SQUASH_NONE ? "No_Root_Squash" : squash == SHR_SQUASH_ALL ? "All_Squash" : "Root_Squash";
}

static char *put_number(char *p, unsigned n) /* at most 255 */
{
	if (n >= 100)
		*p++ = (char)('0' + n / 100);
	if (n >= 10)
		*p++ = (char)('0' + n / 10 % 10);
	*p++ = (char)('0' + n % 10);
	return p;
}

/* There may be thousands: not by printf. The end; NULL: it cannot be. */
static char *put_host(char *p, const struct gan_net *net)
{
	int i;

	if (net->family != 4)
		return inet_ntop(AF_INET6, net->a, p, INET6_ADDRSTRLEN) ? p + strlen(p) : NULL;
	for (i = 0; i < 4; i++) {
		p = put_number(p, net->a[i]);
		*p++ = '.';
	}
	return p - 1;
}

static void add_net(struct plug_text *t, const struct gan_net *net, int nth)
{
	const char *before = nth == 0 ? "" : nth % 8 ? ", " : ",\n\t\t";
	char text[INET6_ADDRSTRLEN + 8], *end = put_host(text, net);

	if (!end) {
		t->bad = 1;
		return;
	}
	if (net->bits != (net->family == 4 ? 32 : 128)) { /* the server's parser does not take "/128" */
		*end++ = '/';
		end = put_number(end, net->bits);
	}
	plug_text_put(t, before, strlen(before));
	plug_text_put(t, text, (size_t)(end - text));
}

static int same_block(const struct gan_entry *a, const struct gan_entry *b, int readonly)
{
	return (readonly || a->level == b->level) && a->squash == b->squash;
}

/* One block for as many clients as possible: the server takes 2,000 of them in one block in a third of the time. */
static void add_clients(struct plug_text *t, const struct gan_entry *e, uint32_t n, int readonly)
{
	uint32_t i, first = 0;

	for (i = 0; i < n; i++) {
		if (i == first)
			plug_text_add(t, "\tCLIENT {\n\t\tClients = ");
		add_net(t, &e[i].net, (int)(i - first));
		if (i + 1 < n && same_block(&e[i], &e[i + 1], readonly))
			continue;
		plug_text_add(t, ";\n\t\tAccess_Type = %s; Squash = %s; Protocols = 4;\n\t}\n",
			readonly || e[i].level == SHR_LEVEL_RO ? "RO" : "RW", squash_word(e[i].squash));
		first = i + 1;
	}
}

char *gan_block_text(const struct gan_block *block, const struct gan_set *set)
{
	struct plug_text t = { NULL, 0, 0, 0 };
	struct gan_entry *entries = NULL;
	uint32_t n = 0;

	plug_text_add(&t, HEAD "\n", block->instance_id, block->number);
	plug_text_add(&t, "EXPORT {\n\tExport_Id = %u;\n\tPath = \"%s\";\n\tPseudo = \"/%s\";\n", block->number, block->path,
		block->share_id);
	plug_text_add(&t, "\tAccess_Type = NONE;\n\tSquash = %s;\n\tProtocols = 4;\n\tTransports = TCP;\n\tSecType = sys;\n"
		"\tFSAL { Name = VFS; }\n", squash_word(block->squash));
	if (block->is_both) /* what SMB wrote, the server sees in the file system alone: attributes it kept would be old */
		plug_text_add(&t, "\tAttr_Expiration_Time = 0;\n");
	if (set) {
		entries = gan_set_entries(set, &n);
		t.bad |= !entries;
	}
	if (entries)
		add_clients(&t, entries, n, block->readonly);
	free(entries);
	plug_text_add(&t, "}\n");
	if (t.bad) {
		free(t.s);
		return NULL;
	}
	return t.s;
}

/* ---- file ---- */

static void name_of(const char *share_id, const char *end, char ret[64])
{
	snprintf(ret, 64, "%.36s%s", share_id, end);
}

static int write_all(int fd, const char *text, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = write(fd, text, n);
		if (k < 0 && errno != EINTR)
			return -1;
		text += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
	return 0;
}

int gan_file_write(int dir_fd, const char *share_id, const char *text)
{
	char name[64], fresh[64];
	int fd, bad, why;

	name_of(share_id, ".conf", name);
	name_of(share_id, ".new", fresh);
	fd = openat(dir_fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	bad = fchmod(fd, 0600) < 0 || write_all(fd, text, strlen(text)) < 0;
	why = errno;
	if (close(fd) < 0 && !bad) {
		bad = 1;
		why = errno;
	}
	if (!bad && renameat(dir_fd, fresh, dir_fd, name) == 0)
		return 0;
	if (!bad)
		why = errno;
	unlinkat(dir_fd, fresh, 0);
	errno = why;
	return -1;
}

int gan_file_head(int dir_fd, const char *share_id, struct gan_head *ret)
{
	char name[64], line[128];
	unsigned number = 0;
	ssize_t n;
	int fd;

	memset(ret, 0, sizeof *ret);
	name_of(share_id, ".conf", name);
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, line, sizeof line - 1);
	close(fd);
	line[n > 0 ? n : 0] = '\0';
	if (sscanf(line, HEAD, ret->instance_id, &number) != 2 || !plug_id_ok(ret->instance_id) || number > 65535) {
		memset(ret, 0, sizeof *ret);
		return 0;
	}
	ret->number = number;
	return 1;
}

int gan_file_drop(int dir_fd, const char *share_id)
{
	char name[64];

	name_of(share_id, ".new", name);
	unlinkat(dir_fd, name, 0);
	name_of(share_id, ".conf", name);
	return unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT ? -1 : 0;
}
