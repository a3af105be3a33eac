/* tests/sim/mirror.h - the built-in store beside the model */
#ifndef TESTS_SIM_MIRROR_H
#define TESTS_SIM_MIRROR_H

#include "model.h"

struct sim_mirror_row { /* OLD or IS may be NULL */
	const struct shr_table *table;
	const struct model_version *old, *is;
};

void sim_mirror_begin(void);
void sim_mirror_end(void); /* also when it never began */
void sim_mirror_commit(const struct sim_mirror_row *rows, uint32_t n);
void sim_mirror_compare(void);

#endif
