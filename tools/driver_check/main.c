/* tools/driver_check/main.c - shr-driver-check: is this driver one? */
#include <fnmatch.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kit.h"
#include "libshare/version.h"

#define NOT_JUDGED 2 /* an exit status: shr-driver-check(1) */

static const char *const usage =
	"usage: shr-driver-check [options] DRIVER\n"
	"       shr-driver-check [options] --config FILE [--backend NAME]\n"
	"Is the driver, shr-NAME.so or the NAME of an installed one, what shr_driver(3) says? It makes and removes shares:\n"
	"give it a place that holds nothing else. shr-driver-check(1) says more.\n"
	"  --set KEY=VALUE              a setting of the backend; again for a list of values\n"
	"  --pool NAME                  a pool; shares are made in the first\n"
	"  --pool-set [POOL:]KEY=VALUE  a setting of a pool\n"
	"  --exporter NAME              the exporter before it, with --exporter-set KEY=VALUE\n"
	"  --plugins DIRECTORY          where plugins that are only named lie\n"
	"  --manage SOURCE              something that is there and may become a share for a while\n"
	"  --watch DIRECTORY            it must have the same names in it before and after\n"
	"  --volatile                   what the driver made dies with its process: no call is killed\n"
	"  --kills N                    how often each call is killed at a random instant (10)\n"
	"  --patience SECONDS           after which a call hangs (60)\n"
	"  --only PATTERN               only the rows whose names match, as \"create:*\"\n"
	"  --json                       for machines\n"
	"The exit status is 0: it meets the minimum and keeps all that it advertises; 1: it does not keep all; 3: it does not\n"
	"meet the minimum; 2: it could not be judged.\n";

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "shr-driver-check: %s%s%s\n%s", what, value ? ": " : "", value ? value : "", usage);
	exit(NOT_JUDGED);
}

static void take(struct kit_list *list, const char *value, int is_pair)
{
	const char **p = realloc(list->p, (list->n + 1) * sizeof *p);

	if (!p)
		wrong("no memory", NULL);
	if (is_pair && (!strchr(value, '=') || value[0] == '='))
		wrong("not KEY=VALUE", value);
	list->p = p;
	list->p[list->n++] = value;
}

static int number(const char *option, const char *value, long least, long most)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (end == value || *end || n < least || n > most)
		wrong(option, value);
	return (int)n;
}

static void take_option(struct kit_args *a, int option)
{
	switch (option) {
	case 's': take(&a->set, optarg, 1); break;
	case 'p': take(&a->pools, optarg, 0); break;
	case 'S': take(&a->pool_set, optarg, 1); break;
	case 'e': a->exporter = optarg; break;
	case 'E': take(&a->exporter_set, optarg, 1); break;
	case 'P': a->plugins = optarg; break;
	case 'c': a->file = optarg; break;
	case 'b': a->backend = optarg; break;
	case 'm': a->source = optarg; break;
	case 'w': a->watch = optarg; break;
	case 'o': a->only = optarg; break;
	case 'k': a->kills = number("--kills is 0 to 10000", optarg, 0, 10000); break;
	case 't': a->patience = number("--patience is 1 to 86400 seconds", optarg, 1, 86400); break;
	case 'n': a->no_kill = 1; break;
	case 'j': a->json = 1; break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'V':
		printf("shr-driver-check %s\n", shr_version_string());
		exit(0);
	default:
		fputs(usage, stderr);
		exit(NOT_JUDGED);
	}
}

/* A pool of --pool-set must be one. */
static void check_pools(const struct kit_args *a)
{
	size_t i, k, n;

	for (i = 0; i < a->pool_set.n; i++) {
		n = strcspn(a->pool_set.p[i], ":=");
		for (k = 0; a->pool_set.p[i][n] == ':' && k < a->pools.n; k++)
			if (strlen(a->pools.p[k]) == n && strncmp(a->pools.p[k], a->pool_set.p[i], n) == 0)
				break;
		if (a->pool_set.p[i][n] == ':' && k == a->pools.n)
			wrong("--pool-set of a pool that no --pool names", a->pool_set.p[i]);
	}
}

/* DIRECTORY/shr-NAME.so becomes the directory and the name, as a configuration has them. */
static void take_driver(struct kit_args *a, const char *file)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	size_t n = strlen(base);
	static char dir[PATH_MAX], name[NAME_MAX + 1];

	a->driver = file;
	if (!slash && !(n > 3 && strcmp(base + n - 3, ".so") == 0))
		return;
	if (n < 8 || n > NAME_MAX || strncmp(base, "shr-", 4) != 0 || strcmp(base + n - 3, ".so") != 0)
		wrong("a driver's file is called shr-NAME.so", file);
	if (a->plugins)
		wrong("--plugins is for a driver that is only named", file);
	snprintf(name, sizeof name, "%.*s", (int)(n - 7), base + 4);
	snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - file) + 1 : 1, slash ? file : ".");
	a->driver = name;
	a->plugins = realpath(dir, NULL);
	if (!a->plugins)
		wrong("there is no such directory", dir);
}

static void read_args(struct kit_args *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "set", 1, NULL, 's' }, { "pool", 1, NULL, 'p' }, { "pool-set", 1, NULL, 'S' }, { "exporter", 1, NULL, 'e' },
		{ "exporter-set", 1, NULL, 'E' }, { "plugins", 1, NULL, 'P' }, { "config", 1, NULL, 'c' }, { "backend", 1, NULL, 'b' },
		{ "manage", 1, NULL, 'm' }, { "watch", 1, NULL, 'w' }, { "volatile", 0, NULL, 'n' }, { "kills", 1, NULL, 'k' },
		{ "patience", 1, NULL, 't' }, { "only", 1, NULL, 'o' }, { "json", 0, NULL, 'j' }, { "help", 0, NULL, 'h' },
		{ "version", 0, NULL, 'V' }, { NULL, 0, NULL, 0 },
	};
	int option;

	a->kills = 10;
	a->patience = 60;
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		take_option(a, option);
	if (argc - optind != (a->file ? 0 : 1))
		wrong(a->file ? "the driver is that of the configuration" : "which driver?", argc > optind ? argv[optind] : NULL);
	if (a->file && (a->set.n || a->pool_set.n || a->exporter_set.n || a->exporter || a->plugins || a->pools.n > 1))
		wrong("with --config the settings are those of the configuration", NULL);
	if (a->backend && !a->file)
		wrong("--backend is one of a configuration: --config", a->backend);
	if (a->file)
		return;
	take_driver(a, argv[optind]);
	if (a->pools.n == 0)
		take(&a->pools, "pool", 0);
	check_pools(a);
}

/* Load it, and open the backend: without that there is nothing to be seen. */
static int try(struct kit *kit)
{
	struct shr__backend *b = NULL;
	char why[1024];
	int status = kit_setup(kit);

	if (status)
		return status;
	if (kit_try_open(kit, &b, why, sizeof why) < 0) {
		fprintf(stderr, "shr-driver-check: backend %s cannot be opened: %s\n", kit->conf->name, why);
		return NOT_JUDGED;
	}
	shr__backend_close(b);
	return 0;
}

/* The first time in a process of its own: a file that dies or hangs while it is loaded takes nothing else with it. */
static int loads(struct kit *kit)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm((unsigned)kit->args.patience);
		_exit(try(kit));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		perror("shr-driver-check");
		return 0;
	}
	if (WIFSIGNALED(status))
		fprintf(stderr, WTERMSIG(status) == SIGALRM ? "shr-driver-check: %s hangs while it is loaded and opened\n" :
			"shr-driver-check: %s died while it was loaded and opened: %s\n", kit->args.file ? "it" : kit->args.driver,
			strsignal(WTERMSIG(status)));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int is_asked_for(const struct kit *kit, const struct kit_row *row)
{
	return !kit->args.only || fnmatch(kit->args.only, row->name, 0) == 0;
}

/* The first row tells what the pool can, so it is always run. */
static void run_all(struct kit *kit, struct kit_table *t)
{
	const struct kit_row *const lists[] = {
		kit_life_rows, kit_size_rows, kit_rule_rows, kit_access_rows, kit_look_rows, kit_snap_rows, kit_snap_manage_rows,
		kit_process_rows, kit_later_rows, kit_garbage_rows, kit_kill_rows, kit_end_rows,
	};
	const struct kit_row *row;
	enum kit_result how;
	size_t i;

	for (i = 0; i < sizeof lists / sizeof *lists; i++) {
		for (row = lists[i]; row->name; row++) {
			if (row != kit_life_rows && !is_asked_for(kit, row))
				continue;
			how = kit_run_row(kit, row);
			kit_table_row(t, row, how);
			if (row == kit_life_rows && kit->args.watch)
				kit->names_first = kit_listing(kit->args.watch);
		}
	}
}

int main(int argc, char **argv)
{
	static struct kit kit;
	struct kit_table table;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	read_args(&kit.args, argc, argv);
	kit.shared = mmap(NULL, sizeof *kit.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (kit.shared == MAP_FAILED || !loads(&kit) || kit_setup(&kit) != 0)
		return NOT_JUDGED;
	kit_table_begin(&table, &kit);
	run_all(&kit, &table);
	status = kit_table_end(&table);
	kit_teardown(&kit);
	free(kit.args.set.p);
	free(kit.args.pools.p);
	free(kit.args.pool_set.p);
	free(kit.args.exporter_set.p);
	return status;
}
