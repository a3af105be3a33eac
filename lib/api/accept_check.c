/* lib/api/accept_check.c - what callers may give: texts, sizes, protocols, metadata; every mistake of a call at once */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/accept_call.h"
#include "base/fail.h"
#include "base/text.h"

#define MOST_PAIRS 64

void shr__check_text(struct shr__call *c, const char *field, const char *s, size_t most, unsigned flags)
{
	char buf[96], remedy[128];
	const char *wrong;

	if (c->rc < 0)
		return;
	wrong = !s && !(flags & SHR__TEXT_EMPTY_OK) ? "is missing" : shr__text_wrong(s, most, flags, buf, sizeof buf);
	if (!wrong)
		return;
	snprintf(remedy, sizeof remedy, "give %d to %zu bytes of UTF-8 without control characters%s",
		flags & SHR__TEXT_EMPTY_OK ? 0 : 1, most, flags & SHR__TEXT_SLASH_OK ? "" : " and '/'");
	shr__faults_add(&c->faults, SHR_EINVAL, field, remedy, "it %s", wrong);
}

void shr__check_name(struct shr__call *c, const char *name)
{
	shr__check_text(c, "name", name, 255, SHR__TEXT_EMPTY_OK);
	shr__call_note_str(c, SHR__NOTE_NAME, name);
}

void shr__check_description(struct shr__call *c, const char *description)
{
	shr__check_text(c, "description", description, 1023, SHR__TEXT_EMPTY_OK | SHR__TEXT_SLASH_OK | SHR__TEXT_LINES_OK);
	shr__call_note_str(c, SHR__NOTE_DESCRIPTION, description);
}

void shr__call_words(struct shr__call *c, const char *name, const char *description)
{
	shr__check_name(c, name);
	shr__check_description(c, description);
	c->a.name = name ? name : "";
	c->a.description = description ? description : "";
}

void shr__check_ident(struct shr__call *c, const char *field, const char *name)
{
	if (c->rc == 0 && !shr__ident_ok(name, 63))
		shr__faults_add(&c->faults, SHR_EINVAL, field, "give 1 to 63 of [A-Za-z0-9._-]", "%s",
			!name ? "it is missing" : name[0] ? "it has other characters, or too many" : "it is empty");
}

void shr__check_bytes(struct shr__call *c, uint64_t bytes)
{
	if (c->rc == 0 && bytes == 0)
		shr__faults_add(&c->faults, SHR_EINVAL, "bytes", "give 1 to 4611686018427387904 (2^62)", "it is 0");
	else if (c->rc == 0 && bytes > SHR__MOST_BYTES)
		shr__faults_add(&c->faults, SHR_EINVAL, "bytes", "give 1 to 4611686018427387904 (2^62)",
			bytes > INT64_MAX ? "%" PRIu64 " is more than 2^62, or a negative number" : "%" PRIu64 " is more than 2^62", bytes);
	shr__call_note(c, SHR__NOTE_BYTES, (int64_t)bytes);
}

void shr__check_protocols(struct shr__call *c, uint64_t protocols)
{
	const uint64_t known = SHR_PROTO_NFS | SHR_PROTO_SMB | SHR_PROTO_CEPHFS;
	static const char remedy[] = "use SHR_PROTO_NFS, SHR_PROTO_SMB and SHR_PROTO_CEPHFS";

	if (c->rc < 0)
		return;
	if (!protocols)
		shr__faults_add(&c->faults, SHR_EINVAL, "protocols", remedy, "a share speaks at least one");
	if (protocols & ~known)
		shr__faults_add(&c->faults, SHR_EINVAL, "protocols", remedy, "unknown bits 0x%" PRIx64, protocols & ~known);
	shr__call_note(c, SHR__NOTE_PROTOCOLS, (int64_t)protocols);
}

void shr__check_zero(struct shr__call *c, const char *field, uint64_t value)
{
	if (c->rc == 0 && value)
		shr__faults_add(&c->faults, SHR_EINVAL, field, "set it to 0", "it is 0x%" PRIx64, value);
}

static int check_list(struct shr__call *c, const char *field, const void *list, uint32_t n)
{
	if (c->rc < 0 || n == 0)
		return 0;
	if (n <= MOST_PAIRS && list)
		return 1;
	shr__faults_add(&c->faults, SHR_EINVAL, field, "give at most 64", list ? "there are %u" : "it is NULL, and has %u", n);
	return 0;
}

/* A key that is there twice would be one pair, and the caller meant two. */
static void check_twice(struct shr__call *c, const char *field, const char *const *pairs, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++) {
		if (pairs[2 * i] && pairs[2 * j] && strcmp(pairs[2 * i], pairs[2 * j]) == 0) {
			shr__faults_add(&c->faults, SHR_EINVAL, field, "give each key once", "it is the same key as pair %u", j);
			return;
		}
	}
}

void shr__check_pairs(struct shr__call *c, const char *field, const char *const *pairs, uint32_t n, uint16_t note)
{
	char where[96];

	if (!check_list(c, field, pairs, n))
		return;
	for (uint32_t i = 0; i < n; i++) {
		snprintf(where, sizeof where, "%s[%u].key", field, i);
		shr__check_text(c, where, pairs[2 * i], 255, SHR__TEXT_SLASH_OK);
		check_twice(c, where, pairs, i);
		snprintf(where, sizeof where, "%s[%u].value", field, i);
		if (pairs[2 * i + 1])
			shr__check_text(c, where, pairs[2 * i + 1], 1023, SHR__TEXT_EMPTY_OK | SHR__TEXT_SLASH_OK | SHR__TEXT_LINES_OK);
		else
			shr__faults_add(&c->faults, SHR_EINVAL, where, "give a text, which may be empty", "it is NULL");
		shr__call_note_str(c, note, pairs[2 * i]);
		shr__call_note_str(c, note, pairs[2 * i + 1]);
	}
}

void shr__check_keys(struct shr__call *c, const char *field, const char *const *keys, uint32_t n, uint16_t note)
{
	char where[96];

	if (!check_list(c, field, keys, n))
		return;
	for (uint32_t i = 0; i < n; i++) {
		snprintf(where, sizeof where, "%s[%u]", field, i);
		shr__check_text(c, where, keys[i], 255, SHR__TEXT_SLASH_OK);
		shr__call_note_str(c, note, keys[i]);
	}
}
