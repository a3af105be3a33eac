/* tools/driver_check/rules.c - the rules that each protocol must have, rw and ro, and whether a look sees what they are */
#include <stdio.h>
#include <string.h>
#include "kit.h"

struct one { /* rule of a share, told and told again */
	struct shr_rule was, is, asked; /* ASKED: what a look is asked for */
	int is_there;
	uint64_t revision;
};

static void begin_rule(struct one *o, uint32_t type, const char *who)
{
	memset(o, 0, sizeof *o);
	o->is.size = sizeof o->is;
	o->is.type = type;
	o->is.id = "018f0000-0000-7000-8000-0000000000aa";
	o->is.share_id = "";
	o->is.who = who;
	o->is.reason = "";
}

static int next_asked(void *data, struct shr__arena *arena, const char *after, const struct shr_rule **ret, uint32_t room)
{
	struct one *o = data;

	(void)arena;
	(void)room;
	if (!o->is_there || strcmp(o->asked.id, after) <= 0)
		return 0;
	*ret = &o->asked;
	return 1;
}

/* Twice each: 0 takes the rule away. */
static uint32_t tell_level(struct kit *kit, struct kit_share *share, struct one *o, uint32_t level)
{
	struct shr_rule_change change = { .size = sizeof change, .was = o->is_there ? &o->was : NULL, .is = level ? &o->is : NULL };
	const struct shr_rule_change *list[] = { &change };
	struct shr_access_diff diff = { .size = sizeof diff, .n_changes = 1, .from_revision = o->revision,
		.revision = o->revision + 1, .changes = list };
	struct kit_call call = { .verb = SHR__VERB_ACCESS, .share = share, .diff = &diff, .rules = next_asked, .rules_data = o };
	int again;

	o->was = o->is;
	o->is.level = level;
	o->is.revision = ++o->revision;
	o->asked = o->is;
	o->is_there = level != 0;
	for (again = 0; again < 2; again++) {
		kit_must_make(kit, &call, 0);
		if (call.n_refused)
			kit_fail(kit, "a rule of type %s for %s, %s, was refused: %s: %s", shr_access_type_name(o->is.type), o->is.who,
				level ? shr_level_name(level) : "which is to go", shr_strcode(call.refused_code), call.refused);
	}
	return call.n_keys;
}

/* What a look answers for the rule, asked for with this level. */
static int look_for(struct kit *kit, struct kit_share *share, struct one *o, uint32_t level, struct kit_call *call)
{
	memset(call, 0, sizeof *call);
	call->verb = SHR__VERB_LOOK;
	call->share = share;
	call->rules = next_asked;
	call->rules_data = o;
	o->asked.level = level;
	kit_must_make(kit, call, 0);
	return call->n_refused ? call->refused_code : SHR_OK;
}

static void must_see(struct kit *kit, struct kit_share *share, struct one *o)
{
	struct kit_call call;
	int code;

	if (!kit->driver->look || !kit_has_rules(kit))
		return;
	code = look_for(kit, share, o, o->is.level, &call);
	if (code != SHR_OK)
		kit_fail(kit, "the rule was taken as %s, and a look says %s: %s", shr_level_name(o->is.level), shr_strcode(code),
			call.refused);
	if (call.n_strangers)
		kit_fail(kit, "a look tells of %u clients that no rule accounts for", call.n_strangers);
}

static void levels_of(struct kit *kit, uint32_t type, const char *who)
{
	static const uint32_t levels[] = { SHR_LEVEL_RW, SHR_LEVEL_RO, SHR_LEVEL_RW, 0, SHR_LEVEL_RO, 0 };
	struct kit_share share;
	struct one one;
	uint32_t keys;
	size_t i;

	begin_rule(&one, type, who);
	kit_create(kit, &share, KIT_MIB);
	for (i = 0; i < sizeof levels / sizeof *levels; i++) {
		keys = tell_level(kit, &share, &one, levels[i]);
		if (type == SHR_ACCESS_CEPHX && levels[i] && !keys)
			kit_fail(kit, "a rule of type cephx was given no key");
		must_see(kit, &share, &one);
	}
	kit_remove(kit, &share);
	if (!kit->driver->look)
		kit_note(kit, "(taken at its word: it has no look)");
}

static void minimum_of(struct kit *kit, uint64_t protocol, uint64_t cap, uint32_t type, const char *who)
{
	if (!kit_has_rules(kit))
		kit_skip(kit, "the rules are its exporter's");
	if (!(kit->driver->protocols & protocol))
		kit_skip(kit, "it does not speak %s", shr_proto_name(protocol));
	if (!(kit->caps & cap))
		kit_fail(kit, "it speaks %s, and does not declare %s", shr_proto_name(protocol), shr_cap_name(cap));
	levels_of(kit, type, who);
}

static void minimum_of_nfs(struct kit *kit)
{
	minimum_of(kit, SHR_PROTO_NFS, SHR_CAP_ACCESS_IP, SHR_ACCESS_IP, "192.0.2.7");
}

static void minimum_of_smb(struct kit *kit)
{
	minimum_of(kit, SHR_PROTO_SMB, SHR_CAP_ACCESS_USER, SHR_ACCESS_USER, "kit-user");
}

static void minimum_of_cephfs(struct kit *kit)
{
	minimum_of(kit, SHR_PROTO_CEPHFS, SHR_CAP_ACCESS_CEPHX, SHR_ACCESS_CEPHX, "kit-client");
}

static void ip_prefixes(struct kit *kit)
{
	levels_of(kit, SHR_ACCESS_IP, "198.51.100.0/24");
	levels_of(kit, SHR_ACCESS_IP, "0.0.0.0/0");
}

static void ipv6_too(struct kit *kit)
{
	levels_of(kit, SHR_ACCESS_IP, "2001:db8::7");
	levels_of(kit, SHR_ACCESS_IP, "fd00:1::/64");
}

static void users(struct kit *kit)
{
	levels_of(kit, SHR_ACCESS_USER, "kit-user");
}

static void certificates(struct kit *kit)
{
	levels_of(kit, SHR_ACCESS_CERT, "client.example.org");
}

static void ceph_users(struct kit *kit)
{
	levels_of(kit, SHR_ACCESS_CEPHX, "kit-client");
}

/* Asked for what is not so, a look must not say that all is well: drift would never be seen. */
static void look_sees_what_is_wrong(struct kit *kit)
{
	uint32_t type = kit->caps & SHR_CAP_ACCESS_IP ? SHR_ACCESS_IP : SHR_ACCESS_USER;
	struct kit_share share;
	struct kit_call call;
	struct one one;

	if (!kit_has_rules(kit) || !kit->driver->look)
		kit_skip(kit, kit->driver->look ? "the rules are its exporter's" : "it has no look");
	if (!(kit->caps & (SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER)))
		kit_skip(kit, "it takes neither addresses nor users");
	begin_rule(&one, type, type == SHR_ACCESS_IP ? "192.0.2.7" : "kit-user");
	kit_create(kit, &share, KIT_MIB);
	tell_level(kit, &share, &one, SHR_LEVEL_RO);
	if (look_for(kit, &share, &one, SHR_LEVEL_RW, &call) == SHR_OK)
		kit_fail(kit, "asked for a rule with rw, which was told with ro, a look says that it is as it should be");
	one.asked.id = "018f0000-0000-7000-8000-0000000000ab";
	one.asked.who = type == SHR_ACCESS_IP ? "192.0.2.9" : "kit-stranger";
	if (look_for(kit, &share, &one, SHR_LEVEL_RO, &call) == SHR_OK)
		kit_fail(kit, "asked for a rule that never was, a look says that it is there");
	kit_remove(kit, &share);
}

/* What was denied and is still there is for a look to tell: as a client without a rule, or when it is asked for the rule. */
static void look_sees_that_it_is_gone(struct kit *kit)
{
	uint32_t type = kit->caps & SHR_CAP_ACCESS_IP ? SHR_ACCESS_IP : SHR_ACCESS_USER;
	struct kit_share share;
	struct kit_call call;
	struct one one;

	if (!kit_has_rules(kit) || !kit->driver->look)
		kit_skip(kit, kit->driver->look ? "the rules are its exporter's" : "it has no look");
	if (!(kit->caps & (SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER)))
		kit_skip(kit, "it takes neither addresses nor users");
	begin_rule(&one, type, type == SHR_ACCESS_IP ? "192.0.2.7" : "kit-user");
	kit_create(kit, &share, KIT_MIB);
	tell_level(kit, &share, &one, SHR_LEVEL_RW);
	tell_level(kit, &share, &one, 0);
	if (look_for(kit, &share, &one, SHR_LEVEL_RW, &call) != SHR_OK || call.n_strangers)
		kit_fail(kit, "a rule was taken away, and a look tells of its client");
	one.is_there = 1;
	if (look_for(kit, &share, &one, SHR_LEVEL_RW, &call) == SHR_OK)
		kit_fail(kit, "a rule was taken away, and asked for it a look says that it is there");
	kit_remove(kit, &share);
}

const struct kit_row kit_rule_rows[] = {
	{ "nfs: rules by address, rw and ro", minimum_of_nfs, KIT_MINIMUM, 0 },
	{ "smb: rules by user, rw and ro", minimum_of_smb, KIT_MINIMUM, 0 },
	{ "cephfs: rules by cephx id, rw and ro", minimum_of_cephfs, KIT_MINIMUM, 0 },
	{ "rules: prefixes of addresses, rw and ro", ip_prefixes, KIT_CAPABILITY, SHR_CAP_ACCESS_IP },
	{ "rules: of IPv6, rw and ro", ipv6_too, KIT_CAPABILITY, SHR_CAP_IPV6 },
	{ "rules: users, rw and ro", users, KIT_CAPABILITY, SHR_CAP_ACCESS_USER },
	{ "rules: certificates, rw and ro", certificates, KIT_CAPABILITY, SHR_CAP_ACCESS_CERT },
	{ "rules: cephx ids, rw and ro", ceph_users, KIT_CAPABILITY, SHR_CAP_ACCESS_CEPHX },
	{ "look: a rule that was taken away is gone", look_sees_that_it_is_gone, KIT_CONTRACT, 0 },
	{ "look: a rule that is missing or otherwise is seen", look_sees_what_is_wrong, KIT_CONTRACT, 0 },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};
