/* examples/sharectl/drift.h - a row of what was found otherwise than the records */
#ifndef CTL_DRIFT_H
#define CTL_DRIFT_H

#include "table.h"

#define CTL_DRIFT_COLUMNS 7
extern const char *const ctl_drift_headings[CTL_DRIFT_COLUMNS];
void ctl_drift_row(struct ctl_table *t, const void *item); /* a struct shr_drift */

#endif
