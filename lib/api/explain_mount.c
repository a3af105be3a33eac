/* lib/api/explain_mount.c - where a location is, and how mount(8) is told to mount it */
#include <stdio.h>
#include <string.h>

#include "api/explain.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define MOST_OPTIONS 4

/* ---- where it is ---- */

/* HEAD bytes are the server, and PATH is behind it. */
static int put(struct shr__arena *arena, const char *server, size_t head, const char *path, const char *source,
	struct shr__place *ret)
{
	ret->server = shr__arena_strndup(arena, server, head);
	ret->path = path;
	ret->source = source;
	return ret->server ? 0 : SHR_ENOMEM;
}

static uint32_t family_of(const char *server)
{
	char normal[SHR__IP_ROOM];
	struct shr__ip ip;

	if (shr__ip_parse(server, &ip, normal))
		return SHR_FAMILY_ANY;
	return ip.family == 4 ? SHR_FAMILY_IPV4 : SHR_FAMILY_IPV6;
}

/* "host:/path", "10.0.0.5:/path", "[fd00::5]:/path". */
static int read_nfs(struct shr__arena *arena, const char *s, struct shr__place *ret)
{
	size_t n = strcspn(s, ":/");
	const char *server = s;
	int rc;

	if (s[0] == '[') {
		server = s + 1;
		n = strcspn(server, "]/");
		if (server[n] != ']' || server[n + 1] != ':' || server[n + 2] != '/')
			return 0;
		rc = put(arena, server, n, server + n + 2, s, ret);
	} else {
		if (!n || s[0] == '-' || s[n] != ':' || s[n + 1] != '/')
			return 0;
		rc = put(arena, s, n, s + n + 1, s, ret);
	}
	if (!rc)
		ret->family = family_of(ret->server);
	return rc;
}

/* "\\host\share\directory", or the same with slashes: mount.cifs(8) wants those. */
static int read_smb(struct shr__arena *arena, const char *s, struct shr__place *ret)
{
	char *source = shr__arena_strdup(arena, s);
	size_t n;
	int rc;

	if (!source)
		return SHR_ENOMEM;
	for (char *at = strchr(source, '\\'); at; at = strchr(at, '\\'))
		*at = '/';
	if (strncmp(source, "//", 2) != 0)
		return 0;
	n = strcspn(source + 2, "/");
	if (!n || source[2] == '-' || strlen(source + 2 + n) < 2)
		return 0;
	rc = put(arena, source + 2, n, source + 2 + n, source, ret);
	if (!rc)
		ret->family = family_of(ret->server);
	return rc;
}

/* Monitors with their ports and commas, then the path. */
static int read_ceph(struct shr__arena *arena, const char *s, struct shr__place *ret)
{
	const char *colon = strstr(s, ":/");

	if (!colon || colon == s || s[0] == '-' || memchr(s, '/', (size_t)(colon - s)))
		return 0;
	return put(arena, s, (size_t)(colon - s), colon + 1, s, ret);
}

int shr__place_read(struct shr__arena *arena, const struct shr__export_row *row, struct shr__place *ret)
{
	const char *path;
	uint32_t cid;

	*ret = (struct shr__place){ "", "", "", SHR_FAMILY_ANY };
	if (row->family == SHR_FAMILY_VSOCK) {
		if (shr__vsock_parse(row->path, &cid, &path))
			return 0;
		ret->server = shr__arena_printf(arena, "%u", (unsigned)cid);
		ret->path = path;
		return ret->server ? 0 : SHR_ENOMEM;
	}
	if (row->protocol == (int64_t)SHR_PROTO_NFS)
		return read_nfs(arena, row->path, ret);
	if (row->protocol == (int64_t)SHR_PROTO_SMB)
		return read_smb(arena, row->path, ret);
	return row->protocol == (int64_t)SHR_PROTO_CEPHFS ? read_ceph(arena, row->path, ret) : 0;
}

/* ---- how it is mounted ---- */

struct options {
	struct shr__arena *arena;
	struct shr_pair pairs[MOST_OPTIONS];
	uint32_t n;
};

static void add(struct options *o, const char *key, const char *value)
{
	o->pairs[o->n++] = (struct shr_pair){ sizeof o->pairs[0], 0, key, value };
}

/* "DOMAIN\user", or a user; a name that is marked as a group's is nobody who could log in. */
static int add_user(struct options *o, const char *who)
{
	const char *slash = strchr(who, '\\');
	char *domain;

	if (strchr("+&@", who[0]))
		return 0;
	if (slash) {
		domain = shr__arena_strndup(o->arena, who, (size_t)(slash - who));
		if (!domain)
			return SHR_ENOMEM;
		add(o, "domain", domain);
	}
	add(o, "username", slash ? slash + 1 : who);
	return 0;
}

static int add_options(struct options *o, const struct shr__export_row *row, const struct shr_explain_params *p,
	const struct shr_way *way)
{
	if (way->level != SHR_LEVEL_RW)
		add(o, "ro", "");
	if (row->protocol == (int64_t)SHR_PROTO_SMB)
		return p->type == SHR_ACCESS_USER ? add_user(o, p->who) : 0;
	if (row->protocol == (int64_t)SHR_PROTO_CEPHFS && p->type == SHR_ACCESS_CEPHX)
		add(o, "name", p->who);
	if (row->protocol == (int64_t)SHR_PROTO_NFS && way->family == SHR_FAMILY_IPV4)
		add(o, "proto", "tcp");
	if (row->protocol == (int64_t)SHR_PROTO_NFS && way->family == SHR_FAMILY_IPV6)
		add(o, "proto", "tcp6");
	if (row->protocol == (int64_t)SHR_PROTO_NFS && p->type == SHR_ACCESS_CERT)
		add(o, "xprtsec", "mtls");
	return 0;
}

static int keep_options(const struct options *o, struct shr_way *way)
{
	const struct shr_pair **list = shr__arena_alloc(o->arena, (o->n + 1) * sizeof *list);
	struct shr_pair *copy = shr__arena_memdup(o->arena, o->pairs, sizeof o->pairs);

	if (!list || !copy)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < o->n; i++) {
		copy[i].key = shr__arena_strdup(o->arena, copy[i].key);
		copy[i].value = shr__arena_strdup(o->arena, copy[i].value);
		if (!copy[i].key || !copy[i].value)
			return SHR_ENOMEM;
		list[i] = &copy[i];
	}
	way->options = list;
	way->n_options = o->n;
	return 0;
}

/* A word for a shell: as it is, or in single quotes, in which nothing but a single quote itself has a meaning. */
static void add_word(struct shr__buf *b, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%_+:,./=-";

	shr__buf_str(b, " ");
	if (word[0] && !word[strspn(word, plain)]) {
		shr__buf_str(b, word);
		return;
	}
	shr__buf_str(b, "'");
	for (const char *at = word; *at; at++) {
		if (*at == '\'')
			shr__buf_str(b, "'\\''");
		else
			shr__buf_add(b, at, 1);
	}
	shr__buf_str(b, "'");
}

/* *RET is in ARENA. */
static int keep_text(struct shr__arena *arena, struct shr__buf *b, const char **ret)
{
	char *text = shr__buf_take(b);

	*ret = text ? shr__arena_strdup(arena, text) : NULL;
	shr__free(text);
	return *ret ? 0 : SHR_ENOMEM;
}

static int put_command(struct shr__arena *arena, const char *target, struct shr_way *way)
{
	struct shr__buf b = { 0 }, list = { 0 };
	const char *options;
	int rc;

	for (uint32_t i = 0; i < way->n_options; i++) {
		const struct shr_pair *o = way->options[i];

		shr__buf_printf(&list, "%s%s%s%s", i ? "," : "", o->key, o->value[0] ? "=" : "", o->value);
	}
	rc = keep_text(arena, &list, &options);
	if (rc)
		return rc;
	shr__buf_printf(&b, "mount -t %s", way->fstype);
	if (options[0]) {
		shr__buf_str(&b, " -o");
		add_word(&b, options);
	}
	add_word(&b, way->source);
	add_word(&b, target);
	return keep_text(arena, &b, &way->command);
}

static const char *fstype_of(const struct shr__export_row *row)
{
	switch (row->protocol) {
	case (int64_t)SHR_PROTO_NFS:
		return "nfs4";
	case (int64_t)SHR_PROTO_SMB:
		return "cifs";
	case (int64_t)SHR_PROTO_CEPHFS:
		return "ceph";
	default:
		return "";
	}
}

static const char *note_of(const struct shr__export_row *row, const struct shr_explain_params *p, const struct shr_way *way)
{
	if (row->family == SHR_FAMILY_VSOCK)
		return "the kernel's client does not go over vsock: the machine's host carries its NFS connection to the context id "
			"that `server` names, and `path` is what is mounted through it";
	if (!way->source[0])
		return "the location names no server: the host that keeps it knows how it is mounted";
	if (row->protocol == (int64_t)SHR_PROTO_SMB)
		return "mount.cifs(8) asks for the password, or takes it from a file with the option credentials";
	if (row->protocol == (int64_t)SHR_PROTO_CEPHFS)
		return "mount.ceph(8) takes the secret from the client's key ring, or from a file with the option secretfile";
	return p->type == SHR_ACCESS_CERT ? "the client runs tlshd(8), which has the certificate" : "";
}

int shr__mount_words(struct shr__arena *arena, const struct shr__export_row *row, const struct shr_explain_params *params,
	struct shr_way *way)
{
	struct options o = { .arena = arena };
	struct shr__place place;
	int rc = shr__place_read(arena, row, &place);

	if (!rc)
		rc = add_options(&o, row, params, way);
	if (!rc)
		rc = keep_options(&o, way);
	if (rc)
		return rc;
	way->server = place.server;
	way->path = shr__arena_strdup(arena, place.path);
	way->source = shr__arena_strdup(arena, place.source);
	way->fstype = "";
	way->command = "";
	if (!way->path || !way->source)
		return SHR_ENOMEM;
	if (place.server[0])
		way->fstype = fstype_of(row);
	way->note = note_of(row, params, way);
	return way->source[0] && way->fstype[0] ? put_command(arena, params->target ? params->target : "/mnt", way) : 0;
}
