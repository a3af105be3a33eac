/* tests/fuzz/standalone.c - a target over its corpus without libFuzzer: each file, cut short and damaged a little */
#include "fuzz.h"

#include <dirent.h>

#define MOST_VARIANTS 200u

static void give(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1); /* of its own size, for the sanitizers */

	MUST(copy != NULL);
	if (n > 0)
		memcpy(copy, data, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

/* The same on every machine: a failure can be had again. */
static uint32_t next_number(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void give_variants(uint8_t *data, size_t n)
{
	size_t stride = n / MOST_VARIANTS + 1;
	uint32_t seed = (uint32_t)n;

	give(data, n);
	for (size_t cut = 0; cut < n; cut += stride)
		give(data, cut);
	for (unsigned i = 0; i < MOST_VARIANTS && n > 0; i++) {
		size_t at = next_number(&seed) % n;
		uint8_t was = data[at];

		data[at] = (uint8_t)next_number(&seed);
		give(data, n);
		data[at] = was;
	}
}

static void replay(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	give_variants(data, n);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **entries = NULL;
	char path[4096];
	int n = argc == 2 ? scandir(argv[1], &entries, is_visible, alphasort) : -1;

	if (n <= 0) {
		fprintf(stderr, "usage: %s CORPUS-DIRECTORY, which has files\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
		fprintf(stderr, "%s\n", path); /* the last one told is the one that failed */
		replay(path);
		free(entries[i]);
	}
	free(entries);
	return EXIT_SUCCESS;
}
