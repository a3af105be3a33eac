/* lib/flow/metadata.c - words on objects: rows of their own, so that they can be searched */
#include <string.h>

#include "base/fail.h"
#include "flow/accept.h"

#define MOST_PAIRS 64

static int set_one(struct shr__txn *t, const char *object, const char *object_id, const char *key, const char *value,
	int64_t *count)
{
	struct shr__metadata_row row = { .object_id = object_id, .key = key, .value = value, .object = object };
	int rc = shr__txn_insert_if_absent(t, &shr__metadata_def, &row);

	if (rc == 0)
		++*count;
	if (rc != 1)
		return rc;
	return shr__txn_update(t, &shr__metadata_def, &row, SHR__COL(metadata, value));
}

int shr__metadata_write(struct shr__txn *t, const char *object, const char *object_id, const char *const *set, uint32_t n_set,
	const char *const *unset, uint32_t n_unset, int64_t *count, const struct shr_error **reterr)
{
	int rc;

	for (uint32_t i = 0; i < n_unset; i++) {
		struct shr__metadata_row row = { .object_id = object_id, .key = unset[i] };

		rc = shr__txn_remove(t, &shr__metadata_def, &row);
		if (rc == 0)
			--*count;
		else if (rc != SHR_ENOTFOUND)
			return rc;
	}
	for (uint32_t i = 0; i < n_set; i++) {
		rc = set_one(t, object, object_id, set[2 * i], set[2 * i + 1], count);
		if (rc < 0)
			return rc;
	}
	if (*count > MOST_PAIRS)
		return shr__fail_field(reterr, SHR_EINVAL, "metadata", "take some away first", "an object has at most %d pairs",
			MOST_PAIRS);
	return 0;
}
