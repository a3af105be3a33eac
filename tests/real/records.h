/* tests/real/records.h - what a writer left, record by record, and a client of SMB that writes to two files in turn */
#ifndef TESTS_REAL_RECORDS_H
#define TESTS_REAL_RECORDS_H

#include <sys/stat.h>
#include "ganesha_env.h"
#include "../conformance/exporter_kit.h"

#define RECORD 1024 /* each has its own number, all over */

long records_in(const char *dir, const char *name, struct stat *st); /* how many of them are whole; -1: there is no such file */

/* ---- the client, by smb_locks.py: each record is acknowledged before the next one is sent ---- */

/* As alice; it writes until it is ended by nfs_client_end(). */
void pairs_begin(struct xkit *kit, struct nfs_client *w, const char *script, const char *share);
/* So many pairs are acknowledged, by the last word that has come: the first is waited for so long. -1: the client has ended. */
long pairs_acked(struct nfs_client *w, long before, int timeout_ms);
long pairs_acked_at_least(struct nfs_client *w, long least); /* the same, until so many are, for 20 seconds */

struct pairs {
	long first, second; /* records in each file */
};
/* 1: it is what was there at one moment: of the two files the first has as many records, or one more, and nothing else. */
int pairs_are_whole(const char *dir, struct pairs *ret);

#endif
