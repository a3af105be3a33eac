/* backends/samba/rules.c - whom smbd lets in: names that mean one user and nothing else, and what changes between two sets */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "samba.h"

/*
 * In smb.conf '@', '+' and '&' begin groups, '%' a variable, '"' ends a name, and "S-1-..." is a security id; a '\' may only stand
 * between a domain and its user, since one at the end of a line joins it with the next. Nothing beyond ASCII: smbd takes
 * names of any case, and which letters are the same there this process cannot know.
 */
static const char *name_wrong(const char *who)
{
	const char *slash = strchr(who, '\\'), *s;
	size_t n = strlen(who);

	if (n == 0 || n >= SMB_NAME_ROOM)
		return "a user's name has 1 to 255 characters";
	if (strchr("@+&", *who))
		return "groups are not supported by this exporter: use a rule for each user";
	for (s = who; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || strchr(" ._-$'\\", *s)))
			return "a user's name may have letters and digits of ASCII, spaces, and of the signs only ._-$' here";
	if (*who == ' ' || who[n - 1] == ' ')
		return "a user's name does not begin or end with a space";
	if (slash && (slash == who || !slash[1] || strchr(slash + 1, '\\')))
		return "a backslash stands between a domain and its user, or nowhere";
	if ((*who == 'S' || *who == 's') && strncmp(who + 1, "-1-", 3) == 0)
		return "this would be a security id to the server, and no user's name";
	return NULL;
}

const char *smb_rule_wrong(const struct shr_rule *rule)
{
	if (rule->type != SHR_ACCESS_USER)
		return "the samba exporter lets users in by name only: use a rule of type user";
	if (rule->level != SHR_LEVEL_RW && rule->level != SHR_LEVEL_RO)
		return "this level is not known to the exporter";
	if (rule->squash != SHR_SQUASH_DEFAULT)
		return "SMB does not squash users: leave squash at its default";
	if (strlen(rule->id) >= sizeof((struct smb_user *)0)->id)
		return "its id is too long";
	return name_wrong(rule->who);
}

/* ---- sets ---- */

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* The same for everybody, whatever the locale of the process. */
static int name_cmp(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) - lower(*b);
}

struct smb_user *smb_set_add(struct smb_set *set, const char *who, uint32_t level)
{
	uint32_t room = set->room ? set->room * 2 : 16;
	struct smb_user *more;

	if (set->n == set->room) {
		more = realloc(set->users, room * sizeof *more);
		if (!more)
			return NULL;
		set->users = more;
		set->room = room;
	}
	more = &set->users[set->n++];
	memset(more, 0, sizeof *more);
	snprintf(more->who, sizeof more->who, "%s", who);
	more->level = level;
	more->why = "";
	return more;
}

/* Of one name: priority, then ro before rw, then the older (ids grow with time), as access.h says. */
static int user_cmp(const void *pa, const void *pb)
{
	const struct smb_user *a = pa, *b = pb;
	int c = name_cmp(a->who, b->who);

	if (c)
		return c;
	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (a->level != b->level)
		return a->level == SHR_LEVEL_RO ? -1 : 1;
	return strcmp(a->id, b->id);
}

void smb_set_sort(struct smb_set *set)
{
	if (set->n > 1)
		qsort(set->users, set->n, sizeof *set->users, user_cmp);
}

struct smb_user *smb_set_find(const struct smb_set *set, const char *who)
{
	uint32_t low = 0, high = set->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (name_cmp(set->users[mid].who, who) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->n && name_cmp(set->users[low].who, who) == 0 ? &set->users[low] : NULL;
}

void smb_set_clear(struct smb_set *set)
{
	free(set->users);
	memset(set, 0, sizeof *set);
}

static int take(struct smb_set *set, const struct shr_rule *rule, const char *wrong)
{
	struct smb_user *u = smb_set_add(set, wrong ? "" : rule->who, rule->level);

	if (!u)
		return -1;
	snprintf(u->id, sizeof u->id, "%s", rule->id);
	u->priority = rule->priority;
	return 0;
}

int smb_set_pull(const struct shr_driver_host *host, const struct shr_call *call, struct shr_rules *all, struct smb_set *ret,
	struct smb_set *unfit)
{
	const struct shr_rule *rule;
	const char *wrong;
	int bad = 0;

	while (!bad && (rule = host->next_rule(call, all)) != NULL) {
		wrong = smb_rule_wrong(rule);
		if (!wrong)
			bad = take(ret, rule, NULL);
		else if (unfit)
			bad = take(unfit, rule, wrong);
	}
	if (bad)
		return host->fail(call, SHR_EAGAIN, "no memory");
	smb_set_sort(ret);
	return 0;
}

int smb_set_effective(const struct smb_set *set, int readonly, struct smb_set *ret)
{
	const struct smb_user *u;
	uint32_t i;

	memset(ret, 0, sizeof *ret);
	for (i = 0; i < set->n; i++) {
		u = &set->users[i];
		if (name_wrong(u->who) || (i > 0 && name_cmp(u->who, set->users[i - 1].who) == 0))
			continue; /* a wrong one was read from the server, where somebody else has put it */
		if (!smb_set_add(ret, u->who, readonly ? SHR_LEVEL_RO : u->level)) {
			smb_set_clear(ret);
			return -1;
		}
	}
	return 0;
}

int smb_set_between(const struct smb_set *has, const struct smb_set *shall, struct smb_set *ret)
{
	const struct smb_user *was;
	int n = 0;
	uint32_t i;

	memset(ret, 0, sizeof *ret);
	for (i = 0; i < has->n; i++)
		n += smb_set_find(shall, has->users[i].who) == NULL;
	for (i = 0; i < shall->n; i++) {
		was = smb_set_find(has, shall->users[i].who);
		if (!was || was->level != shall->users[i].level) {
			n += was != NULL;
		} else if (!smb_set_add(ret, shall->users[i].who, shall->users[i].level)) {
			smb_set_clear(ret);
			return -1;
		}
	}
	return n;
}
