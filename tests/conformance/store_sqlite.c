/* tests/conformance/store_sqlite.c - the store kit, run on the built-in store: in a file and in memory */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

struct place {
	char directory[64];
	char file[96];
};

static int wipe(void *data)
{
	static const char *const tails[] = { "", "-wal", "-shm", "-journal" };
	struct place *place = data;
	char name[128];

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(name, sizeof name, "%s%s", place->file, tails[i]);
		unlink(name);
	}
	return 0;
}

static int open_file(void *data, struct shr_store **ret_store)
{
	struct place *place = data;

	return shr_store_sqlite(place->file, SHR_STORE_CREATE, ret_store, NULL);
}

static int open_memory(void *data, struct shr_store **ret_store)
{
	(void)data;
	return shr_store_sqlite(":memory:", SHR_STORE_CREATE, ret_store, NULL);
}

static void remove_place(const struct place *place)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", place->directory);
	if (system(command))
		printf("%s was not removed\n", place->directory);
}

int main(void)
{
	struct shr_kit_store_params params = SHR_KIT_STORE_PARAMS_INIT;
	const char *tmp = getenv("TMPDIR");
	struct place place;
	int failed;

	snprintf(place.directory, sizeof place.directory, "%.30s/libshare-kit.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(place.directory))
		return 99;
	snprintf(place.file, sizeof place.file, "%s/kit.db", place.directory);
	params.wipe = wipe;
	params.open = open_file;
	params.report = report;
	params.data = &place;
	failed = shr_kit_store(&params);
	params.flags = SHR_KIT_PRIVATE;
	params.open = open_memory;
	failed += shr_kit_store(&params);
	remove_place(&place);
	return failed != 0;
}
