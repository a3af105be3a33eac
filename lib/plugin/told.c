/* lib/plugin/told.c - taking what a plugin tells: words, refs, paths, exports */
#include "plugin/told.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/fail.h"
#include "base/params.h"
#include "base/text.h"
#include "plugin/words.h"

#define AGAIN_LEAST 10u
#define AGAIN_MOST 600000u
#define FLAGS_ALL (SHR_EXPORT_PREFERRED | SHR_EXPORT_READONLY | SHR_EXPORT_ADMIN_ONLY)

/* ---- the whole ---- */

void shr__told_init(struct shr__told *told, struct shr__arena *arena)
{
	*told = (struct shr__told){ .arena = arena, .message = "", .driver_message = "", .ref = "" };
}

void shr__told_clear(struct shr__told *told)
{
	for (uint32_t i = 0; i < told->n_keys; i++)
		shr__wipe(told->keys[i].key, strlen(told->keys[i].key));
	shr__told_init(told, told->arena);
}

int shr__told_number(const struct shr__told *told, const char *object, uint32_t key, uint64_t *ret)
{
	for (uint32_t i = 0; i < told->n_numbers; i++) {
		if (told->numbers[i].key == key && strcmp(told->numbers[i].object, object) == 0) {
			*ret = told->numbers[i].value;
			return 1;
		}
	}
	return 0;
}

/* ---- what went wrong ---- */

void shr__told_stick(struct shr__slot *s, int code, const char *format, ...)
{
	char words[SHR__WORDS_MOST + 1];
	va_list args;

	if (s->stuck.code)
		return;
	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	s->stuck.code = code;
	s->stuck.words = shr__arena_strdup(s->told->arena, words);
	if (!s->stuck.words)
		s->stuck.words = "";
}

void shr__told_nomem(struct shr__slot *s)
{
	if (!s->stuck.code)
		s->stuck = (struct shr__said){ SHR_ENOMEM, "no memory for what it told" };
}

int shr__told_code_ok(int code)
{
	switch (code) {
	case SHR_EAGAIN: case SHR_EUNREACHABLE: case SHR_EDATALOSS: case SHR_ENOSPC: case SHR_EUNSUPPORTED:
	case SHR_ENOTFOUND: case SHR_EFENCED: case SHR_EBACKEND: case SHR_ECANCELLED:
		return 1;
	default:
		return 0;
	}
}

/* The first and the last are kept: a driver that fails, tidies up and fails in that too may answer either. */
void shr__told_fail(struct shr__slot *s, int code, const char *message)
{
	char words[SHR__WORDS_MOST + 1];
	struct shr__said said = { code, NULL };

	if (!shr__told_code_ok(code)) {
		shr__told_stick(s, SHR_EDRIVER, "fail() with %d, which is none of its codes", code);
		return;
	}
	shr__words_copy(words, message, s->told);
	said.words = shr__arena_strdup(s->told->arena, words);
	if (!said.words)
		said.words = "";
	if (!s->first.code)
		s->first = said;
	s->last = said;
}

void shr__told_pending(struct shr__slot *s, const void *token, uint64_t len, uint32_t again_ms)
{
	struct shr__told *told = s->told;
	void *copy = NULL;

	if (len > SHR__TOKEN_MOST || (len > 0 && !token)) {
		shr__told_stick(s, SHR_EDRIVER, "pending() with a token of %" PRIu64 " bytes%s; %d are the most", len,
			token ? "" : " at NULL", SHR__TOKEN_MOST);
		return;
	}
	if (len > 0) {
		copy = shr__arena_memdup(told->arena, token, (size_t)len);
		if (!copy) {
			shr__told_nomem(s);
			return;
		}
	}
	told->token = copy;
	told->token_len = len;
	told->again_ms = again_ms < AGAIN_LEAST ? AGAIN_LEAST : again_ms > AGAIN_MOST ? AGAIN_MOST : again_ms;
	s->is_pending = 1;
}

/* ---- where an instance is ---- */

/* 1: ID is the instance of this call, and the call may tell WHAT of it. */
static int may_tell(struct shr__slot *s, const char *id, unsigned tells, const char *what)
{
	const struct shr_instance *instance = s->args->instance;

	if (!(s->tells & tells)) {
		shr__told_stick(s, SHR_EDRIVER, "%s() has no place in this call", what);
		return 0;
	}
	if (!id || !instance || strcmp(id, instance->id) != 0) {
		shr__told_stick(s, SHR_EDRIVER, "%s() for %.80s, which is not the call's instance", what, id ? id : "NULL");
		return 0;
	}
	return 1;
}

/* Text of at most MOST bytes, or a reason to hold against the call. */
static int text_ok(struct shr__slot *s, const char *text, size_t most, unsigned flags, const char *what)
{
	char room[80];
	const char *wrong = text ? shr__text_wrong(text, most, flags | SHR__TEXT_SLASH_OK, room, sizeof room) : "is NULL";

	if (wrong)
		shr__told_stick(s, SHR_EDRIVER, "%s %s", what, wrong);
	return !wrong;
}

void shr__told_set_ref(struct shr__slot *s, const char *instance_id, const char *ref)
{
	struct shr__told *told = s->told;
	char *copy;

	if (!may_tell(s, instance_id, SHR__TELLS_PLACE | SHR__TELLS_REF, "set_ref"))
		return;
	if (!text_ok(s, ref, SHR__REF_MOST, SHR__TEXT_EMPTY_OK | SHR__TEXT_LINES_OK, "the ref"))
		return;
	copy = shr__arena_strdup(told->arena, ref);
	if (!copy) {
		shr__told_nomem(s);
		return;
	}
	told->has_ref = 1;
	told->ref = copy;
}

/* No part of it is "..": what an exporter serves is what the path seems to be. */
static int climbs(const char *path)
{
	for (const char *at = strstr(path, "/.."); at; at = strstr(at + 1, "/..")) {
		if (at[3] == '/' || at[3] == '\0')
			return 1;
	}
	return 0;
}

void shr__told_set_path(struct shr__slot *s, const char *instance_id, const char *path)
{
	struct shr__told *told = s->told;
	char *copy;

	if (!may_tell(s, instance_id, SHR__TELLS_PLACE | SHR__TELLS_LOOKED | SHR__TELLS_PATH, "set_path"))
		return;
	if (!text_ok(s, path, SHR__PATH_MOST, 0, "the path"))
		return;
	if (path[0] != '/' || climbs(path)) {
		shr__told_stick(s, SHR_EDRIVER, "the path %.200s is not an absolute one without \"..\"", path);
		return;
	}
	copy = shr__arena_strdup(told->arena, path);
	if (copy)
		told->path = copy;
	else
		shr__told_nomem(s);
}

static int family_ok(struct shr__slot *s, const struct shr_export *e)
{
	const char *path;
	uint32_t cid;
	int is_vsock = shr__vsock_parse(e->path, &cid, &path) == 0;

	if (e->family != SHR_FAMILY_ANY && e->family != SHR_FAMILY_IPV4 && e->family != SHR_FAMILY_IPV6 &&
	    e->family != SHR_FAMILY_VSOCK)
		shr__told_stick(s, SHR_EDRIVER, "the export %.200s has the unknown family %" PRIu32, e->path, e->family);
	else if (e->family == SHR_FAMILY_VSOCK && e->protocol != SHR_PROTO_NFS)
		shr__told_stick(s, SHR_EDRIVER, "the export %.200s: vsock goes with nfs alone", e->path);
	else if (e->family == SHR_FAMILY_VSOCK && !is_vsock)
		shr__told_stick(s, SHR_EDRIVER, "the export %.200s: its family is vsock, but its path has not the form "
			"vsock:CID:/PATH", e->path);
	else if (e->family != SHR_FAMILY_VSOCK && is_vsock)
		shr__told_stick(s, SHR_EDRIVER, "the export %.200s: its path has the form of vsock, but its family is another",
			e->path);
	else
		return 1;
	return 0;
}

static int export_ok(struct shr__slot *s, const struct shr_export *e)
{
	uint64_t may = s->side->protocols, asked = s->args->instance->protocols;

	if (!text_ok(s, e->path, SHR__PATH_MOST, 0, "an export's path"))
		return 0;
	if (e->protocol == 0 || (e->protocol & (e->protocol - 1)) != 0 || !(e->protocol & may))
		shr__told_stick(s, SHR_EDRIVER, "the export %.200s: its protocol 0x%" PRIx64 " is not one of those that were "
			"declared (0x%" PRIx64 ")", e->path, e->protocol, may);
	else if (asked && !(e->protocol & asked))
		shr__told_stick(s, SHR_EDRIVER, "the export %.200s: protocol %s was not asked for", e->path,
			e->protocol == SHR_PROTO_NFS ? "nfs" : e->protocol == SHR_PROTO_SMB ? "smb" : "cephfs");
	else if (e->flags & ~FLAGS_ALL)
		shr__told_stick(s, SHR_EDRIVER, "the export %.200s has unknown flags 0x%" PRIx32, e->path, e->flags);
	else
		return family_ok(s, e);
	return 0;
}

static struct shr_export *keep_export(struct shr__told *told, const struct shr_export *from)
{
	struct shr_export *e;

	if (!told->exports)
		told->exports = shr__arena_alloc(told->arena, SHR__EXPORTS_MOST * sizeof(*told->exports));
	e = told->exports ? shr__arena_memdup(told->arena, from, sizeof *from) : NULL;
	if (!e)
		return NULL;
	e->size = sizeof *e;
	e->reserved0 = 0;
	e->path = shr__arena_strdup(told->arena, from->path);
	e->instance_id = shr__arena_strdup(told->arena, from->instance_id);
	return e->path && e->instance_id ? e : NULL;
}

void shr__told_add_export(struct shr__slot *s, const char *instance_id, const struct shr_export *location)
{
	struct shr__told *told = s->told;
	struct shr_export e, *kept;
	int rc;

	if (!may_tell(s, instance_id, SHR__TELLS_PLACE | SHR__TELLS_EXPORTS, "add_export"))
		return;
	rc = -1;
	if (location)
		rc = shr__params_copy(location, "export", SHR__LEAST(shr_export, instance_id), &e, sizeof e, NULL);
	if (rc < 0) {
		shr__told_stick(s, SHR_EDRIVER, "add_export() with a struct that %s",
			!location ? "is NULL" :
			rc == SHR_EABI ? "has members that this library does not know" : "has no proper size");
		return;
	}
	e.instance_id = s->args->instance->id;
	if (!export_ok(s, &e))
		return;
	/* Whoever serves it: a location of what is only read says so to clients. */
	if (s->args->instance->flags & (SHR_INSTANCE_READONLY | SHR_INSTANCE_SNAPSHOT))
		e.flags |= SHR_EXPORT_READONLY;
	if (s->side->kind == SHR_PLUGIN_DRIVER && s->backend->n_sides > 1)
		return; /* the exporter says where this share can be mounted; a driver does not know whether there is one */
	if (told->n_exports == SHR__EXPORTS_MOST) {
		shr__told_stick(s, SHR_EDRIVER, "more than %d exports", SHR__EXPORTS_MOST);
		return;
	}
	kept = keep_export(told, &e);
	if (!kept) {
		shr__told_nomem(s);
		return;
	}
	told->exports[told->n_exports++] = kept;
	told->has_exports = 1;
}
