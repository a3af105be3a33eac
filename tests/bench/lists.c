/* tests/bench/lists.c - the first, middle and last page of 1,000 and 1,000,000 shares, of a project and of all */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/ctx.h"
#include "base/uuid.h"
#include "bench.h"
#include "store/db.h"

#define PAGE 100
#define BATCH 1000

/* ---- shares straight into the store, as a create leaves them ---- */

struct fill {
	long first;
	char share[BATCH][SHR__UUID_ROOM], instance[BATCH][SHR__UUID_ROOM];
};

static int put_share(struct shr__txn *t, const struct fill *f, int i)
{
	struct shr__share_row share = { .id = f->share[i], .version = 2, .project = (f->first + i) % 2 ? "other" : "bench",
		.state = SHR_SHARE_AVAILABLE, .name = "a share of the benchmark", .bytes = 1 << 20, .protocols = SHR_PROTO_NFS,
		.generation = SHR__GENERATION };
	struct shr__instance_row instance = { .id = f->instance[i], .version = 2, .share_id = f->share[i],
		.state = SHR_SHARE_AVAILABLE, .backend = "b0", .pool = "p", .bytes = 1 << 20, .ref = "null", .path = "/null/x",
		.n_exports = 1, .generation = SHR__GENERATION };
	struct shr__export_row location = { .instance_id = f->instance[i], .path = "null:/x", .protocol = SHR_PROTO_NFS };
	int rc = shr__txn_insert(t, &shr__share_def, &share);

	if (rc == 0)
		rc = shr__txn_insert(t, &shr__instance_def, &instance);
	return rc ? rc : shr__txn_insert(t, &shr__export_def, &location);
}

static int fill_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	int rc = 0;

	for (int i = 0; i < BATCH && rc == 0; i++)
		rc = put_share(t, data, i);
	return rc;
}

/* One a microsecond after the other: their ids rise. */
static void fill(struct bench_rig *rig, long n)
{
	static struct fill f;
	struct shr__arena *arena = shr__arena_new();
	uint8_t random[10] = { 0 };

	for (f.first = 0; f.first < n; f.first += BATCH) {
		struct shr__job job = { .body = fill_body, .data = &f, .arena = arena };

		for (int i = 0; i < BATCH; i++) {
			uint64_t at = (uint64_t)(f.first + i);

			for (int k = 0; k < 8; k++)
				random[9 - k] = (uint8_t)(at >> 8 * k);
			shr__uuid7((int64_t)at * 1000, random, f.share[i]);
			random[2]++;
			shr__uuid7((int64_t)at * 1000, random, f.instance[i]);
			random[2]--;
		}
		if (shr__db_write(rig->ctx->env.db, &job) < 0)
			bench_die("fill", job.error);
		shr__arena_reset(arena);
	}
	shr__arena_free(arena);
}

/* ---- pages ---- */

static const struct shr_share_page *page(struct bench_rig *rig, uint32_t flags, const char *after, uint32_t limit)
{
	struct shr_list_params p = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;
	const struct shr_error *error = NULL;

	p.flags = flags;
	p.limit = limit;
	p.after = after;
	if (shr_share_list(rig->session, NULL, &p, &page, &error) < 0)
		bench_die("list", error);
	return page;
}

/* Where the middle and the last page begin, by a walk through all; there must be N shares. */
static void find(struct bench_rig *rig, uint32_t flags, long n, char middle[512], char last[512])
{
	char after[512] = "";
	long seen = 0, left;

	for (;;) {
		const struct shr_share_page *p;

		left = n - seen;
		p = page(rig, flags, after, left > 1000 ? 1000 : left > PAGE ? (uint32_t)(left - PAGE) : PAGE);
		seen += p->n;
		bench_need(strlen(p->after) < sizeof after && p->n > 0, "a short page");
		strcpy(after, p->after);
		shr_share_page_unref(p);
		if (seen <= n / 2)
			strcpy(middle, after);
		if (seen == n - PAGE)
			strcpy(last, after);
		if (!after[0])
			break;
	}
	bench_need(seen == n, "another number of shares than there are");
}

struct place {
	const char *store;
	struct bench_rig *rig;
	uint32_t flags;
	char after[3][512];
};

static double measure(const struct place *p, int which)
{
	int64_t start = bench_ns();
	const struct shr_share_page *got = page(p->rig, p->flags, p->after[which], PAGE);
	double us = (double)(bench_ns() - start) / 1e3;

	bench_need(got->n == PAGE, "a page that is not full");
	shr_share_page_unref(got);
	return us;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "first", "middle", "last" };
	long sizes[] = { 1000, bench_arg(argc, argv, "shares", 1000000) };
	unsigned rounds = (unsigned)bench_arg(argc, argv, "rounds", 101);
	static double us[4][3][256];
	struct bench_rig rigs[2];
	struct place places[4];
	char path[4200];

	bench_need(rounds >= 1 && rounds <= 256 && sizes[1] >= 1000, "rounds from 1 to 256, shares from 1000");
	for (int i = 0; i < 4; i++) {
		struct place *p = &places[i];

		*p = (struct place){ .rig = &rigs[i / 2], .flags = i % 2 ? SHR_LIST_ALL_PROJECTS : 0 };
		if (i % 2 == 0) {
			snprintf(path, sizeof path, "%s/list%d.db", bench_dir(), i / 2); /* the sizes may be equal */
			bench_open(p->rig, path, NULL, 1, -1, -1);
			fill(p->rig, sizes[i / 2] / BATCH * BATCH);
		}
		find(p->rig, p->flags, sizes[i / 2] / BATCH * BATCH / (i % 2 ? 1 : 2), p->after[1], p->after[2]);
	}
	for (unsigned r = 0; r < rounds; r++)
		for (int i = 0; i < 4; i++)
			for (int k = 0; k < 3; k++)
				us[i][k][r] = measure(&places[i], k);
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 3; k++) {
			double m = bench_median(us[i][k], rounds);

			printf("%6s page of %d, %s, %7ld shares: %5.0f us = %.2f times the first of 1000 (goal 1.5)\n", names[k], PAGE,
				i % 2 ? "all projects" : "one project ", sizes[i / 2], m, m / bench_median(us[i % 2][0], rounds));
		}
	bench_close(&rigs[0]);
	bench_close(&rigs[1]);
	return 0;
}
