/* tools/driver_check/table.c - the table for people or for machines, and what it comes to */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "kit.h"
#include "model/names.h"

/* The exit status: shr-driver-check(1). */
#define KEEPS_ALL 0
#define BREAKS_A_PROMISE 1
#define LACKS_THE_MINIMUM 3

static const char *part_of(const struct kit_row *row)
{
	if (row->part == KIT_MINIMUM)
		return "minimum";
	return row->part == KIT_CAPABILITY ? shr_cap_name(row->cap) : "contract";
}

/* "nfs, smb" */
static const char *protocols_of(uint64_t protocols, char room[64])
{
	size_t n = 0;
	uint64_t bit;

	room[0] = '\0';
	for (bit = 1; bit; bit <<= 1)
		if (protocols & bit && n < 50)
			n += (size_t)snprintf(room + n, 64 - n, "%s%s", n ? ", " : "", shr_proto_name(bit));
	return room;
}

void kit_table_begin(struct kit_table *t, const struct kit *kit)
{
	const struct shr_driver *d = kit->driver;
	char protocols[64];

	memset(t, 0, sizeof *t);
	t->kit = kit;
	protocols_of(d->protocols, protocols);
	if (kit->args.json) {
		shr__json_open(&t->json, NULL, '{');
		shr__json_str(&t->json, "driver", d->name);
		shr__json_str(&t->json, "version", d->version);
		shr__json_str(&t->json, "protocols", protocols);
		shr__json_str(&t->json, "exporter", kit->conf->exporter.name ? kit->conf->exporter.name : "");
		shr__json_str(&t->json, "threads", shr__threads_name(d->threads));
		shr__json_str(&t->json, "fencing", shr__fencing_name(d->fencing));
		shr__json_open(&t->json, "rows", '[');
		return;
	}
	printf("driver %s %s: threads %s, fencing %s, ", d->name, d->version, shr__threads_name(d->threads),
		shr__fencing_name(d->fencing));
	if (d->protocols)
		printf("it speaks %s\n", protocols);
	else
		printf("it needs an exporter: here %s. Access rules are the exporter's, and no part of its minimum.\n",
			kit->conf->exporter.name);
	printf("%-6s%-23s%s\n", "", "PART", "WHAT IS SEEN");
}

void kit_table_row(struct kit_table *t, const struct kit_row *row, enum kit_result how)
{
	static const char *const words[] = { "ok", "FAIL", "skip" }, *const of_json[] = { "ok", "failed", "skipped" };
	const char *why = t->kit->why;

	t->n[how]++;
	t->checked |= row->cap;
	if (how == KIT_FAILED && row->part == KIT_MINIMUM)
		t->n_minimum++;
	if (!t->kit->args.json) {
		printf("%-6s%-23s%-*s%s%s\n", words[how], part_of(row), *why ? 52 : 0, row->name, *why ? " " : "", why);
		return;
	}
	shr__json_open(&t->json, NULL, '{');
	shr__json_str(&t->json, "result", of_json[how]);
	shr__json_str(&t->json, "part", part_of(row));
	shr__json_str(&t->json, "row", row->name);
	shr__json_str(&t->json, "why", why);
	shr__json_close(&t->json, '}');
}

/* What it advertises and no row looks at. */
static void tell_unchecked(struct kit_table *t)
{
	uint64_t left = t->kit->caps & ~t->checked, bit;

	if (t->kit->args.json)
		shr__json_open(&t->json, "taken_at_its_word", '[');
	for (bit = 1; bit; bit <<= 1) {
		if (!(left & bit))
			continue;
		if (t->kit->args.json)
			shr__json_str(&t->json, NULL, shr_cap_name(bit));
		else
			printf("%-6s%-23s%-52s nothing here looks at it\n", "skip", shr_cap_name(bit), "taken at its word");
	}
	if (t->kit->args.json)
		shr__json_close(&t->json, ']');
}

static void print_json(struct kit_table *t, const char *verdict)
{
	char *text;

	shr__json_int(&t->json, "passed", t->n[KIT_OK]);
	shr__json_int(&t->json, "failed", t->n[KIT_FAILED]);
	shr__json_int(&t->json, "skipped", t->n[KIT_SKIPPED]);
	shr__json_str(&t->json, "verdict", verdict);
	shr__json_close(&t->json, '}');
	text = shr__buf_take(&t->json.buf);
	puts(text ? text : "{}");
	shr__free(text);
}

int kit_table_end(struct kit_table *t)
{
	const char *verdict;
	int status;

	status = t->n_minimum ? LACKS_THE_MINIMUM : t->n[KIT_FAILED] ? BREAKS_A_PROMISE : KEEPS_ALL;
	verdict = status == KEEPS_ALL ? "it meets the minimum and keeps all that it advertises" :
		status == BREAKS_A_PROMISE ? "it meets the minimum, but does not keep all that it promises" :
		"it does not meet the minimum";
	if (t->kit->args.json)
		shr__json_close(&t->json, ']');
	if (!t->kit->args.only)
		tell_unchecked(t);
	else
		verdict = status ? "of the rows that were asked for, some failed" : "the rows that were asked for passed";
	if (t->kit->args.json)
		print_json(t, verdict);
	else
		printf("%s: %d passed, %d failed, %d skipped: %s\n", t->kit->driver->name, t->n[KIT_OK], t->n[KIT_FAILED],
			t->n[KIT_SKIPPED], verdict);
	return status;
}
