/* tests/real/nfs_source.c - libnfs binds to any address: it finds this function before the C library's */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "nfs_source.h"

const char *nfs_source;

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	char mapped[80]; /* it may speak IPv4 through a socket of IPv6 */

	memset(&v4, 0, sizeof v4);
	memset(&v6, 0, sizeof v6);
	snprintf(mapped, sizeof mapped, "%s%.64s", strchr(nfs_source, ':') ? "" : "::ffff:", nfs_source);
	if (address->sa_family == AF_INET && length >= sizeof v4) {
		memcpy(&v4, address, sizeof v4);
		if (inet_pton(AF_INET, nfs_source, &v4.sin_addr) == 1)
			return (int)syscall(SYS_bind, fd, &v4, sizeof v4);
	}
	if (address->sa_family == AF_INET6 && length >= sizeof v6) {
		memcpy(&v6, address, sizeof v6);
		if (inet_pton(AF_INET6, mapped, &v6.sin6_addr) == 1)
			return (int)syscall(SYS_bind, fd, &v6, sizeof v6);
	}
	return (int)syscall(SYS_bind, fd, address, length);
}
