/* tests/conformance/driver_kit.c - is this driver one? driver_kit --driver NAME --plugins DIRECTORY ... */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver_kit.h"

#define FAILED 1
#define SKIPPED 2

static void __attribute__((format(printf, 3, 0))) end_check(struct kit *kit, int how, const char *format, va_list args)
{
	vsnprintf(kit->why, sizeof kit->why, format, args);
	longjmp(kit->out, how);
}

void kit_fail(struct kit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_check(kit, FAILED, format, args);
	va_end(args);
	abort();
}

void kit_skip(struct kit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_check(kit, SKIPPED, format, args);
	va_end(args);
	abort();
}

/* A check that fails leaves what it made: the next begins with a backend opened anew. */
static void run_check(struct kit *kit, const struct kit_check *check)
{
	int how;

	kit->why[0] = '\0';
	how = setjmp(kit->out);
	if (how == 0) {
		if (!kit->backend)
			kit_open(kit);
		check->run(kit);
	}
	if (how == 0)
		kit->n_passed++;
	else if (how == SKIPPED)
		kit->n_skipped++;
	else
		kit->n_failed++;
	printf("%-5s %-58s %s\n", how == 0 ? "ok" : how == SKIPPED ? "skip" : "FAIL", check->name, kit->why);
	fflush(stdout);
	if (how == FAILED)
		kit_close(kit);
}

static void run_checks(struct kit *kit, const struct kit_check *checks)
{
	for (; checks->name; checks++)
		run_check(kit, checks);
}

static const char *const usage =
	"usage: driver_kit --driver NAME --plugins DIRECTORY --pool NAME [--set KEY=VALUE] [--set-pool KEY=VALUE]\n"
	"         [--exporter NAME] [--set-exporter KEY=VALUE] [--manage SOURCE] [--watch DIRECTORY] [--kills N] [--no-kill]\n"
	"Shares are made and removed: give the driver a place that holds nothing else.\n"
	"  --manage   something that is there and may become a share for a while\n"
	"  --watch    this directory must have the same names in it before and after\n"
	"  --kills    how often each call is killed at a random instant (10)\n"
	"  --no-kill  what the driver made dies with its process: no call is killed\n";

static void take(const char ***list, size_t *n, const char *value)
{
	*list = realloc(*list, (*n + 1) * sizeof **list);
	if (!*list || !strchr(value, '=')) {
		fprintf(stderr, "driver_kit: \"%s\" is not KEY=VALUE\n%s", value, usage);
		exit(2);
	}
	(*list)[(*n)++] = value;
}

static void take_option(struct kit_args *a, int option)
{
	switch (option) {
	case 'd': a->driver = optarg; break;
	case 'e': a->exporter = optarg; break;
	case 'P': a->plugins = optarg; break;
	case 'p': a->pool = optarg; break;
	case 's': take(&a->set, &a->n_set, optarg); break;
	case 'S': take(&a->set_pool, &a->n_set_pool, optarg); break;
	case 'E': take(&a->set_exporter, &a->n_set_exporter, optarg); break;
	case 'm': a->source = optarg; break;
	case 'w': a->watch = optarg; break;
	case 'k': a->kills = atoi(optarg); break;
	case 'n': a->no_kill = 1; break;
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

static void read_args(struct kit_args *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "driver", 1, NULL, 'd' }, { "exporter", 1, NULL, 'e' }, { "plugins", 1, NULL, 'P' }, { "pool", 1, NULL, 'p' },
		{ "set", 1, NULL, 's' }, { "set-pool", 1, NULL, 'S' }, { "set-exporter", 1, NULL, 'E' }, { "manage", 1, NULL, 'm' },
		{ "watch", 1, NULL, 'w' }, { "kills", 1, NULL, 'k' }, { "no-kill", 0, NULL, 'n' }, { NULL, 0, NULL, 0 },
	};
	int option;

	a->kills = 10;
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		take_option(a, option);
	if (!a->driver || !a->plugins || !a->pool || optind != argc) {
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct kit kit;

	read_args(&kit.args, argc, argv);
	kit_setup(&kit);
	run_checks(&kit, kit_life_checks);
	run_checks(&kit, kit_size_checks);
	run_checks(&kit, kit_access_checks);
	run_checks(&kit, kit_look_checks);
	run_checks(&kit, kit_snap_checks);
	run_checks(&kit, kit_process_checks);
	run_checks(&kit, kit_kill_checks);
	run_checks(&kit, kit_end_checks);
	printf("%s: %d passed, %d failed, %d skipped\n", kit.args.driver, kit.n_passed, kit.n_failed, kit.n_skipped);
	kit_teardown(&kit);
	free(kit.args.set);
	free(kit.args.set_pool);
	free(kit.args.set_exporter);
	return kit.n_failed ? 1 : 0;
}
