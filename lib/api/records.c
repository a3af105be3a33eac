/* lib/api/records.c - counting the references of every kind of record */
#include "base/record.h"
#include "libshare/libshare.h"

#define REF(name) \
	const struct shr_##name *shr_##name##_ref(const struct shr_##name *name) \
	{ \
		return shr__record_ref(name); \
	}
#define UNREF(name) \
	void shr_##name##_unref(const struct shr_##name *name) \
	{ \
		shr__record_unref(name); \
	}
#define COUNTED(name) REF(name) UNREF(name)

COUNTED(share)
COUNTED(snapshot)
COUNTED(rule)
COUNTED(explanation)
COUNTED(op)
COUNTED(event)
COUNTED(pool)
UNREF(quota)
UNREF(share_page)
UNREF(snapshot_page)
UNREF(rule_page)
UNREF(op_page)
UNREF(event_page)
UNREF(pool_page)
UNREF(plugin_page)
UNREF(orphan_page)
UNREF(drift_page)
UNREF(lock_page)
