/* tests/real/nfs_source.h - from which address the NFS clients of the tests come */
#ifndef TESTS_REAL_NFS_SOURCE_H
#define TESTS_REAL_NFS_SOURCE_H

extern const char *nfs_source; /* an address of this machine; what is none: any */

#endif
