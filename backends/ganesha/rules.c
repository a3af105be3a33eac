/* backends/ganesha/rules.c - rules as NFS-Ganesha takes them: sorted, so that the first that fits is the one that counts */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ganesha.h"

/* From so many bits on the server's parser does not know an IPv6 prefix (it reads two digits); a short one is told address by
 * address. */
#define V6_BITS_MOST 99
#define V6_BITS_SPLIT 120

int gan_net_read(const char *text, struct gan_net *ret)
{
	char host[64];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	char *rest;
	unsigned long bits;

	if (n >= sizeof host)
		return -1;
	memcpy(host, text, n);
	host[n] = '\0';
	memset(ret, 0, sizeof *ret);
	if (inet_pton(AF_INET, host, ret->a) == 1)
		ret->family = 4;
	else if (inet_pton(AF_INET6, host, ret->a) == 1)
		ret->family = 6;
	else
		return -1;
	bits = ret->family == 4 ? 32 : 128;
	if (slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return -1;
		n = bits;
		bits = strtoul(slash + 1, &rest, 10);
		if (*rest || bits > n)
			return -1;
	}
	ret->bits = (uint8_t)bits;
	return 0;
}

int gan_net_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct gan_net));
}

const char *gan_rule_wrong(const struct shr_rule *rule)
{
	struct gan_net net;

	if (rule->type != SHR_ACCESS_IP)
		return "NFS-Ganesha lets clients in by address only: use a rule of type ip";
	if (rule->level != SHR_LEVEL_RW && rule->level != SHR_LEVEL_RO)
		return "this level is not known to the exporter";
	if (rule->squash > SHR_SQUASH_ALL)
		return "this squash is not known to the exporter";
	if (gan_net_read(rule->who, &net) < 0)
		return "this is no IPv4 or IPv6 address or prefix";
	if (net.family == 6 && net.bits > V6_BITS_MOST && net.bits < V6_BITS_SPLIT)
		return "NFS-Ganesha cannot read an IPv6 prefix of /100 to /119: use a shorter one, or one from /120 on";
	if (strlen(rule->id) >= sizeof((struct gan_rule *)0)->id)
		return "its id is too long";
	return NULL;
}

/* The order that access.h defines: priority, then the longest prefix, then ro before rw, then the older (ids grow with time).
 * Prefixes of one length do not overlap, unless they are equal: sorted by squash they need few blocks, and then by net. */
static int rule_cmp(const void *pa, const void *pb)
{
	const struct gan_rule *a = pa, *b = pb;
	int c;

	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (a->net.bits != b->net.bits)
		return a->net.bits > b->net.bits ? -1 : 1;
	if (a->level != b->level)
		return a->level == SHR_LEVEL_RO ? -1 : 1;
	if (a->squash != b->squash)
		return a->squash < b->squash ? -1 : 1;
	c = gan_net_cmp(&a->net, &b->net);
	return c ? c : strcmp(a->id, b->id);
}

static struct gan_rule *room_for_one(struct gan_set *set)
{
	uint32_t room = set->room ? set->room * 2 : 16;
	struct gan_rule *more;

	if (set->n < set->room)
		return &set->rules[set->n];
	more = realloc(set->rules, room * sizeof *more);
	if (!more)
		return NULL;
	set->rules = more;
	set->room = room;
	return &more[set->n];
}

static void fill(struct gan_rule *r, const struct shr_rule *rule, const char *wrong, uint32_t squash)
{
	memset(r, 0, sizeof *r);
	snprintf(r->id, sizeof r->id, "%s", rule->id);
	if (!wrong)
		gan_net_read(rule->who, &r->net);
	r->priority = rule->priority;
	r->level = rule->level;
	r->squash = rule->squash == SHR_SQUASH_DEFAULT ? squash : rule->squash;
	r->answer = wrong ? SHR_EUNSUPPORTED : SHR_OK;
	r->why = wrong ? wrong : "";
}

static int take(struct gan_set *set, const struct shr_rule *rule, const char *wrong, uint32_t squash)
{
	struct gan_rule *r = room_for_one(set);

	if (!r)
		return -1;
	fill(r, rule, wrong, squash);
	set->n++;
	return 0;
}

int gan_set_insert(struct gan_set *set, const struct shr_rule *rule, uint32_t squash)
{
	struct gan_rule one;
	uint32_t least = 0, most = set->n, middle;

	fill(&one, rule, NULL, squash);
	while (least < most) {
		middle = least + (most - least) / 2;
		if (rule_cmp(&set->rules[middle], &one) < 0)
			least = middle + 1;
		else
			most = middle;
	}
	if (!room_for_one(set))
		return -1;
	memmove(&set->rules[least + 1], &set->rules[least], (set->n - least) * sizeof one);
	set->rules[least] = one;
	set->n++;
	return 0;
}

int gan_set_remove(struct gan_set *set, const char *id)
{
	uint32_t i;

	for (i = 0; i < set->n && strcmp(set->rules[i].id, id) != 0; i++)
		;
	if (i == set->n)
		return -1;
	set->n--;
	memmove(&set->rules[i], &set->rules[i + 1], (set->n - i) * sizeof *set->rules);
	return 0;
}

int gan_set_pull(const struct shr_driver_host *host, const struct shr_call *call, struct shr_rules *all, uint32_t squash,
	struct gan_set *ret, struct gan_set *unfit)
{
	const struct shr_rule *rule;
	const char *wrong;
	int bad = 0;

	while (!bad && (rule = host->next_rule(call, all)) != NULL) {
		wrong = gan_rule_wrong(rule);
		if (!wrong)
			bad = take(ret, rule, NULL, squash);
		else if (unfit)
			bad = take(unfit, rule, wrong, squash);
	}
	if (bad)
		return host->fail(call, SHR_EAGAIN, "no memory");
	if (ret->n > 1)
		qsort(ret->rules, ret->n, sizeof *ret->rules, rule_cmp);
	return 0;
}

void gan_set_clear(struct gan_set *set)
{
	free(set->rules);
	memset(set, 0, sizeof *set);
}

/* ---- nets ---- */

/* How many nets of the server's a rule is: everything is two halves, because it does not take "/0" either. */
static uint32_t nets_of(const struct gan_net *net)
{
	if (net->bits == 0)
		return 2;
	return net->family == 6 && net->bits >= V6_BITS_SPLIT ? UINT32_C(1) << (128 - net->bits) : 1;
}

static void nth_net(const struct gan_net *net, uint32_t n, struct gan_net *ret)
{
	*ret = *net;
	if (net->bits == 0) {
		ret->bits = 1;
		ret->a[0] = n ? 0x80 : 0;
	} else if (net->family == 6 && net->bits >= V6_BITS_SPLIT) {
		ret->bits = 128;
		ret->a[15] = (uint8_t)(ret->a[15] + n);
	}
}

struct place { /* to find what is there twice */
	struct gan_net net;
	uint32_t at;
};

static int place_cmp(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = gan_net_cmp(&x->net, &y->net);

	return c ? c : x->at < y->at ? -1 : x->at > y->at;
}

static int no_repeats(const struct gan_entry *e, uint32_t n)
{
	uint32_t i;

	for (i = 1; i < n && gan_net_cmp(&e[i - 1].net, &e[i].net) < 0; i++)
		;
	return i >= n;
}

/* Of equal nets the first counts. */
static int drop_repeats(struct gan_entry *e, uint32_t *n)
{
	struct place *places;
	uint32_t i, kept = 0;

	if (no_repeats(e, *n)) /* as most often: all of one kind */
		return 0;
	places = malloc((*n ? *n : 1) * sizeof *places);

	if (!places)
		return -1;
	for (i = 0; i < *n; i++)
		places[i] = (struct place){ e[i].net, i };
	qsort(places, *n, sizeof *places, place_cmp);
	for (i = 1; i < *n; i++)
		if (gan_net_cmp(&places[i].net, &places[i - 1].net) == 0)
			e[places[i].at].net.family = 0;
	for (i = 0; i < *n; i++)
		if (e[i].net.family)
			e[kept++] = e[i];
	*n = kept;
	free(places);
	return 0;
}

struct gan_entry *gan_set_entries(const struct gan_set *set, uint32_t *ret_n)
{
	uint32_t n = 0, i, k;
	struct gan_entry *e;

	for (i = 0; i < set->n; i++)
		n += nets_of(&set->rules[i].net);
	e = malloc((n ? n : 1) * sizeof *e);
	if (!e)
		return NULL;
	n = 0;
	for (i = 0; i < set->n; i++)
		for (k = 0; k < nets_of(&set->rules[i].net); k++) {
			nth_net(&set->rules[i].net, k, &e[n].net);
			e[n].level = set->rules[i].level;
			e[n].squash = set->rules[i].squash;
			e[n++].rule = i;
		}
	if (drop_repeats(e, &n) < 0) {
		free(e);
		return NULL;
	}
	*ret_n = n;
	return e;
}
