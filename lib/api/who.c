/* lib/api/who.c - whom rules are about: the types, the protocols that have them, and names in their normal form */
#include "api/who.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ip.h"
#include "base/text.h"
#include "libshare/access.h"

static const struct {
	uint32_t type;
	uint64_t protocols; /* that have rules of this type */
} types[] = {
	{ SHR_ACCESS_IP, SHR_PROTO_NFS | SHR_PROTO_SMB },
	{ SHR_ACCESS_USER, SHR_PROTO_SMB },
	{ SHR_ACCESS_CERT, SHR_PROTO_NFS },
	{ SHR_ACCESS_CEPHX, SHR_PROTO_CEPHFS },
};
#define N_TYPES (sizeof types / sizeof types[0])

uint64_t shr__who_protocols(uint32_t type)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (types[i].type == type)
			return types[i].protocols;
	return 0;
}

const char *shr__who_types(uint64_t protocols, char *buf, size_t room)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < N_TYPES && at < room; i++)
		if (types[i].protocols & protocols)
			at += (size_t)snprintf(buf + at, room - at, "%s%s", at ? ", " : "", shr_access_type_name(types[i].type));
	return buf;
}

static int __attribute__((format(printf, 3, 4))) is_wrong(struct shr__who_wrong *w, const char *remedy, const char *format, ...)
{
	va_list args;

	snprintf(w->remedy, sizeof w->remedy, "%s", remedy);
	va_start(args, format);
	vsnprintf(w->words, sizeof w->words, format, args);
	va_end(args);
	return 1;
}

static int check_ip(const char *who, struct shr__arena *arena, const char **ret, struct shr__who_wrong *wrong)
{
	char *normal = shr__arena_alloc(arena, SHR__IP_ROOM), remedy[SHR__IP_ROOM + 32];
	struct shr__ip ip;

	if (!normal)
		return SHR_ENOMEM;
	switch (shr__ip_parse(who, &ip, normal)) {
	case 0:
		*ret = normal;
		return 0;
	case -2:
		snprintf(remedy, sizeof remedy, "write it as \"%s\"", normal);
		return is_wrong(wrong, remedy, "\"%.64s\" has bits set behind its prefix", who);
	default:
		return is_wrong(wrong, "give an address or a prefix: 10.0.0.5, 10.0.0.0/24, fd00::/8",
			"\"%.64s\" is no address and no prefix", who);
	}
}

/*
 * Names end up in configuration files and command lines of many servers, so nothing passes that separates names anywhere: no
 * control characters, no '/' ':' ',' ';' '|' '=' '"', none of the characters that Windows refuses in account names (but '+',
 * '@' and '&', which mark groups, and one '\' between a domain and its user), no space at an end. Names of certificates may
 * have a '*'.
 */
static int check_person(const char *who, const char *forbidden, struct shr__who_wrong *w)
{
	char buf[96];
	const char *wrong = shr__text_wrong(who, 255, 0, buf, sizeof buf);
	size_t n = wrong ? 0 : strlen(who);

	if (!wrong && strcspn(who, forbidden) < n) {
		snprintf(buf, sizeof buf, "has a '%c'", who[strcspn(who, forbidden)]);
		wrong = buf;
	}
	if (!wrong && (who[0] == ' ' || who[n - 1] == ' '))
		wrong = "begins or ends with a space";
	if (!wrong && strchr(who, '\\') != strrchr(who, '\\'))
		wrong = "has more than one '\\'";
	if (!wrong)
		return 0;
	return is_wrong(w, "give 1 to 255 bytes of UTF-8, a name as the server knows it", "the name %s", wrong);
}

/* A Ceph user's id is a word of its key ring: [A-Za-z0-9._-], beginning with a letter, a digit or '_'. */
static int check_cephx(const char *who, struct shr__who_wrong *wrong)
{
	if (shr__ident_ok(who, 255))
		return 0;
	return is_wrong(wrong, "give 1 to 255 of [A-Za-z0-9._-], without the \"client.\"", "it is no Ceph user's id");
}

int shr__who_check(uint32_t type, const char *who, struct shr__arena *arena, const char **ret, struct shr__who_wrong *wrong)
{
	int rc;

	if (!who)
		return is_wrong(wrong, "say who", "it is missing");
	if (type == SHR_ACCESS_IP)
		return check_ip(who, arena, ret, wrong);
	if (type == SHR_ACCESS_CEPHX)
		rc = check_cephx(who, wrong);
	else
		rc = check_person(who, type == SHR_ACCESS_CERT ? "/:;|=,\"<>\\" : "/:;|=,\"*?<>[]", wrong);
	if (!rc)
		*ret = who;
	return rc;
}
