/* tests/bench/nfs.c - shares on btrfs behind NFS-Ganesha: to the first byte of a client, one more rule, many at once */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <nfsc/libnfs.h>

#include "../../backends/ganesha/ganesha.h"
#include "../real/ganesha_env.h"
#include "bare.h"
#include "bench.h"

#define CALLERS 8
#define BYTES (UINT64_C(1) << 20)
#define BARE_NUMBER 40000 /* of the first bare export: far from the library's */
#define BATCH 5000u

static struct ganesha_env env;
static struct bench_rig rig;
static const char *dir; /* on btrfs */

/* ---- a server and a library of their own, for each measurement ---- */

/* What the exporter and the server keep of exports lies in memory, as below /run: ext4 is slow to make files where many were deleted
 * just before, as at the end of each measurement. The mount is this process's alone. */
static void use_memory(void)
{
	bench_need(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, NULL) == 0, "no tmpfs");
	setenv("TMPDIR", "/mnt", 1);
}

static void rig_up(int with_library)
{
	static char backend[4096];
	static unsigned n;
	char path[4200];

	bench_need(ganesha_env_up(&env, 2049) == 0, "no NFS-Ganesha");
	if (!with_library)
		return;
	n++;
	snprintf(path, sizeof path, "nfs-pool-%u", n);
	close(bare_open(dir, path));
	snprintf(backend, sizeof backend, "  - { name: b0, driver: btrfs, settings: { mode: \"0777\" }, exporter: { name: ganesha, settings: { "
		"directory: \"%s\", address: 127.0.0.1, bus: \"%s\" } }, protocols: nfs, pools: [ { name: p, oversubscribe_percent: 100000, "
		"settings: { path: \"%.1000s/nfs-pool-%u\" } } ] }\n", env.state, env.bus, dir, n);
	bench_backend = backend;
	snprintf(path, sizeof path, "%s/nfs-%u.db", bench_dir(), n);
	bench_open(&rig, path, NULL, 1, -1, CALLERS);
}

static void rig_down(int with_library)
{
	if (with_library)
		bench_close(&rig);
	ganesha_env_down(&env);
}

/* ---- create, exported, the first byte ---- */

static const struct shr_op *create_with_rule(void)
{
	const struct shr_access_change rule = { SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, SHR_SQUASH_NONE, 0, 0, "127.0.0.0/8", NULL, NULL };
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	spec.bytes = BYTES;
	spec.protocols = SHR_PROTO_NFS;
	spec.rules = &rule;
	spec.rule_size = sizeof rule;
	spec.n_rules = 1;
	if (shr_share_create(rig.session, &spec, &op, &error) < 0)
		bench_die("create", error);
	if (shr_op_wait(rig.session, op->id, -1, NULL, &error) != 0)
		bench_die("wait", error);
	return op;
}

static void first_byte(const char *share_id)
{
	struct nfs_context *nfs = nfs_init_context();
	struct nfsfh *f = NULL;
	char export[64];
	int bad;

	bench_need(nfs != NULL, "no memory");
	snprintf(export, sizeof export, "/%s", share_id);
	nfs_set_version(nfs, 4);
	bad = nfs_mount(nfs, "127.0.0.1", export) < 0 || nfs_open2(nfs, "file", O_RDWR | O_CREAT, 0666, &f) < 0 ||
		nfs_pwrite(nfs, f, 0, 1, "x") != 1 || nfs_fsync(nfs, f) < 0;
	if (bad)
		fprintf(stderr, "bench: %s\n", nfs_get_error(nfs));
	bench_need(!bad, "the first byte");
	nfs_close(nfs, f);
	nfs_destroy_context(nfs);
}

static void run_first(unsigned rounds)
{
	double created[256], written[256], all[256];

	rig_up(1);
	shr_op_unref(create_with_rule());
	for (unsigned r = 0; r < rounds; r++) {
		int64_t begin = bench_ns(), exported;
		const struct shr_op *op = create_with_rule();

		exported = bench_ns();
		first_byte(op->object_id);
		shr_op_unref(op);
		created[r] = (double)(exported - begin) / 1e6;
		written[r] = (double)(bench_ns() - exported) / 1e6;
		all[r] = created[r] + written[r];
	}
	rig_down(1);
	printf("share created and exported: %.1f ms, a client's mount and first byte on the disk: %.1f ms, in all %.1f ms\n",
		bench_median(created, rounds), bench_median(written, rounds), bench_median(all, rounds));
}

/* ---- one more rule ---- */

static char *block_of(const char *file)
{
	FILE *f = fopen(file, "r");
	char *text = NULL;
	size_t room = 0;

	bench_need(f && getdelim(&text, &room, 0, f) > 0, file);
	fclose(f);
	return text;
}

/* The same block once more, by hand: the file, for the server takes no single client, and the bare call. */
static int64_t server_ns(struct gan_bus *bus, int exports_fd, const char *share)
{
	char file[PLUG_PLACE_ROOM], *text;
	struct gan_head head;
	int64_t ns;

	bench_need(gan_file_head(exports_fd, share, &head) == 1, "no block of the share");
	snprintf(file, sizeof file, "%s/exports/%s.conf", env.state, share);
	text = block_of(file);
	ns = -bench_ns();
	bench_need(gan_file_write(exports_fd, share, text) == 0, file);
	bench_need(gan_bus_put(bus, 1, file, head.number) == GAN_BUS_DONE, bus->words);
	ns += bench_ns();
	free(text);
	return ns;
}

static void run_rules(unsigned rounds)
{
	static const uint32_t sizes[] = { 10, 1000, 10000 };
	struct gan_bus bus = { .address = env.bus, .name = "org.ganesha.nfsd" };
	char path[PLUG_PLACE_ROOM], share[37];
	double all[256], server[256], rest[256], first = 0;
	int exports_fd;

	rig_up(1);
	snprintf(path, sizeof path, "%s/exports", env.state);
	exports_fd = open(path, O_RDONLY | O_DIRECTORY);
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		bench_create(&rig, -1, share);
		for (uint32_t n = 0; n < sizes[i]; n += BATCH)
			bench_rules(&rig, share, n, sizes[i] - n < BATCH ? sizes[i] - n : BATCH, SHR_ALLOW);
		for (unsigned r = 0; r < rounds; r++) {
			int64_t ns = -bench_ns();

			bench_rules(&rig, share, sizes[i] + r, 1, SHR_ALLOW);
			all[r] = (double)(ns + bench_ns()) / 1e6;
			server[r] = (double)server_ns(&bus, exports_fd, share) / 1e6;
			rest[r] = all[r] - server[r];
			bench_rules(&rig, share, sizes[i] + r, 1, SHR_DENY);
		}
		first = i ? first : bench_median(rest, rounds);
		printf("one rule added to %6u: %6.2f ms until it is in force, of which the server's %6.2f ms, the library's %5.2f ms = %.2f "
			"times the first\n", sizes[i], bench_median(all, rounds), bench_median(server, rounds), bench_median(rest, rounds),
			bench_median(rest, rounds) / first);
	}
	gan_bus_close(&bus);
	close(exports_fd);
	rig_down(1);
}

/* ---- many at once ---- */

static struct {
	int pool_fd, mounts_fd, exports_fd;
	char pool[512];
	atomic_uint next;
	long each; /* creates of one caller */
} bare;

/* The bare calls of one share: of the kernel for its files and its mount, and one of the server, which reads a file. */
static void bare_share(struct gan_bus *bus)
{
	unsigned n = atomic_fetch_add(&bare.next, 1);
	char name[64], source[600], path[PLUG_PLACE_ROOM], *text;
	struct gan_block block = { .share_id = name, .instance_id = name, .path = path, .number = BARE_NUMBER + n,
		.squash = SHR_SQUASH_ROOT };

	bare_create(bare.pool_fd, n, BYTES);
	snprintf(name, sizeof name, "bare-%u", n);
	snprintf(source, sizeof source, "%s/%u/head", bare.pool, n);
	snprintf(path, sizeof path, "%s/mounts/%s", env.state, name);
	bench_need(plug_mount_make(bare.mounts_fd, name, source) == 0, "a bare mount");
	text = gan_block_text(&block, NULL);
	bench_need(text && gan_file_write(bare.exports_fd, name, text) == 0, "a bare block");
	free(text);
	snprintf(path, sizeof path, "%s/exports/%s.conf", env.state, name);
	bench_need(gan_bus_put(bus, 0, path, block.number) == GAN_BUS_DONE, bus->words);
}

static void caller(unsigned i, void *data)
{
	struct gan_bus bus = { .address = env.bus, .name = "org.ganesha.nfsd" };

	(void)i;
	for (long k = 0; k < bare.each; k++) {
		if (data)
			bench_create(&rig, -1, NULL);
		else
			bare_share(&bus);
	}
	gan_bus_close(&bus);
}

static int make_dir(const char *name)
{
	char path[PLUG_PLACE_ROOM];

	snprintf(path, sizeof path, "%s/%s", env.state, name);
	bench_need(mkdir(path, 0700) == 0, "a directory");
	return open(path, O_RDONLY | O_DIRECTORY);
}

static double bare_ms(unsigned round)
{
	char name[32];
	double ms;

	rig_up(0);
	snprintf(name, sizeof name, "nfs-bare-%u", round);
	snprintf(bare.pool, sizeof bare.pool, "%.400s/%s", dir, name);
	bare.pool_fd = bare_open(dir, name);
	bare.mounts_fd = make_dir("mounts");
	bare.exports_fd = make_dir("exports");
	atomic_store(&bare.next, 0);
	ms = (double)bench_threads(CALLERS, caller, NULL) / 1e6;
	close(bare.pool_fd);
	close(bare.mounts_fd);
	close(bare.exports_fd);
	rig_down(0);
	return ms;
}

static double library_ms(double *ret_cpu)
{
	int64_t cpu;
	double ms;

	rig_up(1);
	cpu = -bench_cpu_ns();
	ms = (double)bench_threads(CALLERS, caller, &rig) / 1e6;
	*ret_cpu = (double)(cpu + bench_cpu_ns()) / 1e6;
	rig_down(1);
	return ms;
}

/* In turns, each with a server that exports nothing yet: it gets slower with each export. */
static void run_many(long n, unsigned rounds, long side)
{
	double lib[256], plain[256], part[256], cpu[256];

	bare.each = n / CALLERS;
	if (side) { /* for a profiler */
		printf("%.0f ms\n", side == 1 ? library_ms(cpu) : bare_ms(0));
		return;
	}
	for (unsigned r = 0; r < rounds; r++) {
		if (r % 2)
			lib[r] = library_ms(&cpu[r]);
		plain[r] = bare_ms(r);
		if (r % 2 == 0)
			lib[r] = library_ms(&cpu[r]);
		part[r] = 100 - 100 * plain[r] / lib[r];
	}
	printf("%ld shares by %d callers: %5.0f ms, bare %5.0f ms: the library's part is %2.0f %% of the time (goal 20); processor time of "
		"its process %5.0f ms\n", bare.each * CALLERS, CALLERS, bench_median(lib, rounds), bench_median(plain, rounds),
		bench_median(part, rounds), bench_median(cpu, rounds));
}

int main(int argc, char **argv)
{
	long n = bench_arg(argc, argv, "n", 1000), rounds = bench_arg(argc, argv, "rounds", 5);
	long only = bench_arg(argc, argv, "only", 0); /* 1: the first byte, 2: rules, 3: many */
	const char *missing = ganesha_env_missing();

	if (missing) {
		printf("skipped: %s\n", missing);
		return 0;
	}
	dir = getenv("BENCH_BTRFS");
	bench_need(dir != NULL && n >= CALLERS && n < 20000 && rounds > 0 && rounds <= 50, "BENCH_BTRFS, n from 8, rounds from 1 to 50");
	setvbuf(stdout, NULL, _IOLBF, 0);
	use_memory();
	rig_up(1); /* the driver switches quotas on, for the bare side too */
	bench_create(&rig, -1, NULL);
	rig_down(1);
	if (!only || only == 1)
		run_first((unsigned)rounds * 5);
	if (!only || only == 2)
		run_rules((unsigned)rounds * 5);
	if (!only || only == 3)
		run_many(n, (unsigned)rounds, bench_arg(argc, argv, "side", 0)); /* 1: the library alone; 2: the bare calls */
	return 0;
}
