/* tests/conformance/store_kv.c - the store kit, run on the key-value adapter over a store in memory */
#include "../../examples/memkv.h"
#include "report.h"

static int wipe(void *data)
{
	struct memkv **m = data;

	memkv_free(*m);
	*m = memkv_new();
	return *m ? 0 : SHR_ENOMEM;
}

static int open_store(void *data, struct shr_store **ret_store)
{
	struct memkv **m = data;

	return memkv_store(*m, ret_store, NULL);
}

int main(void)
{
	struct memkv *m = NULL;
	struct shr_kit_store_params params = SHR_KIT_STORE_PARAMS_INIT;
	int failed;

	params.wipe = wipe;
	params.open = open_store;
	params.report = report;
	params.data = &m;
	failed = shr_kit_store(&params);
	memkv_free(m);
	return failed != 0;
}
