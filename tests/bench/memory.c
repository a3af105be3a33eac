/* tests/bench/memory.c - what an idle context and a waiting operation take, over what SQLite takes */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "floor.h"

struct use {
	double heap, sqlite; /* bytes */
};

static struct use use_now(void)
{
	struct mallinfo2 m = mallinfo2();

	return (struct use){ (double)m.uordblks + (double)m.hblkhd, (double)floor_memory() };
}

static struct use more(struct use from)
{
	struct use now = use_now();

	return (struct use){ now.heap - from.heap, now.sqlite - from.sqlite };
}

/* Operations whose driver says "later" for ever. */
static void wait_many(struct bench_rig *rig, long n)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.name = "a share of the benchmark";
	for (long i = 0; i < n; i++) {
		if (shr_share_create(rig->session, &spec, &op, &error) < 0)
			bench_die("create", error);
		if (i + 1 == n && shr_op_wait(rig->session, op->id, 2000, NULL, &error) != SHR_RUNNING)
			bench_die("an operation that should wait has ended", error);
		shr_op_unref(op);
	}
}

int main(int argc, char **argv)
{
	long n = bench_arg(argc, argv, "n", 2000);
	struct use before, idle, waiting;
	struct bench_rig rig;
	char path[4200];

	/* What is made once in a process, by whoever comes first, is no context's. */
	snprintf(path, sizeof path, "%s/memory.db", bench_dir());
	bench_open(&rig, path, NULL, 1, -1, 1);
	bench_close(&rig);
	before = use_now();
	bench_open(&rig, path, NULL, 1, -1, 1);
	sleep(1);
	idle = more(before);
	printf("an idle context with an engine and a backend: %.0f KiB, SQLite's own %.0f KiB more (goal 2048 KiB over SQLite's)\n",
		(idle.heap - idle.sqlite) / 1024, idle.sqlite / 1024);
	bench_create(&rig, -1, NULL);
	bench_close(&rig);
	snprintf(path, sizeof path, "%s/waiting.db", bench_dir());
	bench_settings = "settings: { fault: [ \"create:2+:pending=1000000x3600s\" ] }, ";
	bench_open(&rig, path, NULL, 1, -1, 1);
	bench_create(&rig, -1, NULL); /* statements and buffers are there now */
	before = use_now();
	wait_many(&rig, n);
	waiting = more(before);
	printf("a waiting operation: %.0f bytes (of %ld; SQLite's cache grew by %.0f KiB beside)\n",
		(waiting.heap - waiting.sqlite) / (double)n, n, waiting.sqlite / 1024);
	bench_close(&rig);
	return 0;
}
