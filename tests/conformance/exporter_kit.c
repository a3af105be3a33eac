/* tests/conformance/exporter_kit.c - is this exporter one? exporter_kit --plugin FILE --root DIRECTORY ... */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exporter_kit.h"

#define FAILED 1
#define SKIPPED 2

static void __attribute__((format(printf, 3, 0), noreturn)) end_check(struct xkit *kit, int how, const char *format, va_list args)
{
	vsnprintf(kit->why, sizeof kit->why, format, args);
	longjmp(kit->out, how);
}

void xkit_fail(struct xkit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_check(kit, FAILED, format, args);
}

void xkit_skip(struct xkit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_check(kit, SKIPPED, format, args);
}

/* A check that fails leaves what it made: the next begins with the exporter opened anew. */
static void run_check(struct xkit *kit, const struct xkit_check *check)
{
	int how;

	kit->why[0] = '\0';
	how = setjmp(kit->out);
	if (how == 0) {
		if (!kit->is_open)
			xkit_open(kit);
		check->run(kit);
	}
	if (how == 0)
		kit->n_passed++;
	else if (how == SKIPPED)
		kit->n_skipped++;
	else
		kit->n_failed++;
	printf("%-5s %-58s %s\n", how == 0 ? "ok" : how == SKIPPED ? "skip" : "FAIL", check->name, kit->why);
	if (how == FAILED)
		xkit_close(kit);
}

static void run_checks(struct xkit *kit, const struct xkit_check *checks)
{
	for (; checks->name; checks++)
		run_check(kit, checks);
}

static const char *const usage =
	"usage: exporter_kit --plugin FILE --root DIRECTORY [--set KEY=VALUE]... [--number N] [--kills N]\n"
	"Exports are made and removed: give the exporter a server that nobody else uses.\n"
	"  --root     an empty directory; what is exported lies below it\n"
	"  --number   the first export number that may be used (1000)\n"
	"  --kills    how often each call is killed while it is made (12; 0: never)\n";

static void read_args(struct xkit_args *a, int argc, char **argv)
{
	static const struct option options[] = { { "plugin", 1, NULL, 'p' }, { "root", 1, NULL, 'r' }, { "set", 1, NULL, 's' },
		{ "number", 1, NULL, 'n' }, { "kills", 1, NULL, 'k' }, { NULL, 0, NULL, 0 } };
	int option;

	a->kills = 12;
	a->number = 1000;
	a->set = calloc((size_t)argc, sizeof *a->set);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'p': a->plugin = optarg; break;
		case 'r': a->root = optarg; break;
		case 's': a->set[a->n_set++] = optarg; break;
		case 'n': a->number = (uint32_t)atoi(optarg); break;
		case 'k': a->kills = atoi(optarg); break;
		default: a->root = NULL; optind = argc + 1; break;
		}
	}
	if (a->plugin && a->root && *a->root == '/' && optind == argc)
		return;
	fputs(usage, stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static struct xkit kit;
	char why[XKIT_WORDS];

	setvbuf(stdout, NULL, _IOLBF, 0);
	read_args(&kit.args, argc, argv);
	if (xkit_load(&kit, why, sizeof why) < 0) {
		fprintf(stderr, "exporter_kit: %s\n", why);
		return 2;
	}
	printf("exporter %s %s: fencing %u, capabilities 0x%llx, features 0x%llx, protocols 0x%llx\n", kit.x->name, kit.x->version,
		kit.x->fencing, (unsigned long long)kit.x->capabilities, (unsigned long long)kit.x->features,
		(unsigned long long)kit.x->protocols);
	run_checks(&kit, xkit_life_checks);
	run_checks(&kit, xkit_access_checks);
	run_checks(&kit, xkit_process_checks);
	xkit_close(&kit);
	printf("%s: %d passed, %d failed, %d skipped\n", kit.x->name, kit.n_passed, kit.n_failed, kit.n_skipped);
	free(kit.args.set);
	return kit.n_failed ? 1 : 0;
}
