/* tests/unit/driver_quota.h - included before all else in the dir driver's sources: project quotas where there are none */
#ifndef TESTS_UNIT_DRIVER_QUOTA_H
#define TESTS_UNIT_DRIVER_QUOTA_H

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

long quota_syscall(long number, ...);
int quota_ioctl(int fd, unsigned long request, ...);
#define syscall quota_syscall
#define ioctl quota_ioctl

#endif
