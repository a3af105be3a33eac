/* tests/install/store.c - what a store's author runs: the conformance kit, built with libshare-kit.pc and libshare.pc */
#include <libshare/kit.h>

#include <stdio.h>

static int
nothing_to_wipe(void *data)
{
	(void)data;
	return 0;
}

static int
open_memory(void *data, struct shr_store **ret_store)
{
	(void)data;
	return shr_store_sqlite(":memory:", SHR_STORE_CREATE, ret_store, NULL);
}

static void
report(const char *test, uint32_t how, const char *text, void *data)
{
	unsigned *passed = (unsigned *)data;

	if (how == SHR_KIT_PASSED)
		++*passed;
	if (how == SHR_KIT_FAILED)
		printf("%s: %s\n", test, text);
}

int
main(void)
{
	struct shr_kit_store_params params = SHR_KIT_STORE_PARAMS_INIT;
	unsigned passed = 0;
	int failed;

	params.flags = SHR_KIT_PRIVATE;
	params.wipe = nothing_to_wipe;
	params.open = open_memory;
	params.report = report;
	params.data = &passed;
	failed = shr_kit_store(&params);
	printf("%d failed, %u passed\n%s\n", failed, passed, failed == 0 && passed > 10 ? "lived" : "died");
	return failed != 0;
}
