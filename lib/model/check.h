/* lib/model/check.h - rows come from a store that anything may have written to */
#ifndef SHR_MODEL_CHECK_H
#define SHR_MODEL_CHECK_H

#include "model/rows.h"

/* Is ROW what this library could have written? No number is negative except those of the columns in SIGNED_OK, and those in
 * NARROW (both sets of SHR__COL) fit in 32 bits. SHR_ECORRUPT with words that name the table, the row and the column. */
int shr__row_check(const struct shr__rowdef *def, const void *row, uint64_t signed_ok, uint64_t narrow,
	const struct shr_error **reterr);

#endif
