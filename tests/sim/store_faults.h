/* tests/sim/store_faults.h - what befalls a store's calls */
#ifndef TESTS_SIM_STORE_FAULTS_H
#define TESTS_SIM_STORE_FAULTS_H

enum sim_at { SIM_AT_BEGIN, SIM_AT_ROW };

/* Time goes by, others work, the process dies, or the call fails with the code that is returned. */
int sim_fault_before(enum sim_at at, int write, const char **ret_words);
/* The same for a commit: *ret_done 0: it is not done; *ret_unknown: the answer will be SHR_EUNKNOWN. */
int sim_fault_commit(int writes, int *ret_done, int *ret_unknown, const char **ret_words);
/* It was done, and nobody knows it yet. */
void sim_fault_after_commit(void);
void sim_store_faults_begin(void);

#endif
