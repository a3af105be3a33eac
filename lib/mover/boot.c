/* lib/mover/boot.c - the number of the machine's present life */
#include <fcntl.h>
#include <unistd.h>

#include "mover.h"

int shr__boot_id(char ret[SHR__BOOT_ROOM])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, SHR__BOOT_ROOM - 1);

	if (fd >= 0)
		close(fd);
	ret[SHR__BOOT_ROOM - 1] = '\0';
	return n == SHR__BOOT_ROOM - 1;
}
