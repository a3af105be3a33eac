/* libshare/kit.h - conformance kits for authors of plugins: link libshare-kit (a static library); shr_kit(3) */
#ifndef LIBSHARE_KIT_H
#define LIBSHARE_KIT_H

#include "store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One test has ended. TEXT says where and what failed, or why it was left out; else it is "". */
#define SHR_KIT_PASSED UINT32_C(0)
#define SHR_KIT_FAILED UINT32_C(1)
#define SHR_KIT_SKIPPED UINT32_C(2)
typedef void shr_kit_report_fn(const char *test, uint32_t how, const char *text, void *data);

/* Each handle has its content for itself and takes it along when it closes, as a ":memory:" store does: tests that need
 * two handles, or open again, are left out. */
#define SHR_KIT_PRIVATE UINT32_C(1)

struct shr_kit_store_params {
	uint32_t size;
	uint32_t flags; /* SHR_KIT_PRIVATE */
	/* Must. Make the place empty, as if no store had ever been there; no handle is open. 0 or negative. */
	int (*wipe)(void *data);
	/* Must. One more handle on what is there, as another process would open it; at most two are open. 0 or negative. */
	int (*open)(void *data, struct shr_store **ret_store);
	shr_kit_report_fn *report; /* may be NULL; the thread of the call */
	void *data;
	const char *only; /* NULL: all tests; else the one of this name */
};
#define SHR_KIT_STORE_PARAMS_INIT { sizeof(struct shr_kit_store_params), 0, NULL, NULL, NULL, NULL, NULL }

/* Try a store's promises (store.h), some of them from two threads. It prepares the store for tables of its own. Returns how
 * many tests failed, or SHR_EINVAL; prints nothing. Since 0.1. */
SHR_API SHR_CHECK int shr_kit_store(const struct shr_kit_store_params *params);

#ifdef __cplusplus
}
#endif
#endif
