/* tests/fault/fault.h - allocation that fails at will: link fault_lib instead of mem_lib */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include <stddef.h>

/* All of these: any thread. */
void shr__fault_at(long n);  /* the Nth allocation from now fails, once (1: the next); -1: none; count and fired are 0 */
long shr__fault_count(void); /* allocations asked for since shr__fault_at */
int shr__fault_fired(void);  /* 1: one has failed since shr__fault_at */
long shr__fault_live(void);  /* what is allocated now: back to where it was, or there is a leak */

/* for (FAULT_WALK(n)) { ... } runs its body with the 1st, 2nd, ... allocation failing, until it gets through without a
 * failure: in that last round shr__fault_fired() is 0. */
#define FAULT_WALK(n) \
	long n = (shr__fault_at(1), 1), n##_more = 1; n##_more; \
		n##_more = shr__fault_fired(), shr__fault_at(n##_more ? ++n : -1)

#endif
