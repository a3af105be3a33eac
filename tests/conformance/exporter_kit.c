/* tests/conformance/exporter_kit.c - is this exporter one? exporter_kit --plugin FILE --root DIRECTORY ... */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exporter_kit.h"

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
	xkit_run(&kit, xkit_life_checks);
	xkit_run(&kit, xkit_access_checks);
	xkit_run(&kit, xkit_process_checks);
	xkit_close(&kit);
	printf("%s: %d passed, %d failed, %d skipped\n", kit.x->name, kit.n_passed, kit.n_failed, kit.n_skipped);
	free(kit.args.set);
	return kit.n_failed ? 1 : 0;
}
