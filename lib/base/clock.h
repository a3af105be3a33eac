/* lib/base/clock.h - the machine's clocks, as the defaults of struct shr_host */
#ifndef SHR_BASE_CLOCK_H
#define SHR_BASE_CLOCK_H

#include <stdint.h>

int64_t shr__clock_wall_ns(void);
int64_t shr__clock_mono_ns(void);

#endif
