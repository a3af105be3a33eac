/* tests/real/nfs_locks.c - an NFSv4.0 client that locks a file, and claims that back from a server that was restarted */
/*
 * nfs_locks SOURCE-ADDRESS SERVER EXPORT NAME; commands on its input, a line for each answer. NAME is the client's, which the server
 * knows it by. `open` is without creating; `lock` takes all of the file to write, `lock r|w OFFSET LENGTH` a part of it; `again` makes
 * itself known to the server anew, `reopen` and `relock` claim back what it had; `renew`, `unlock`.
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <nfsc/libnfs.h>
#include <nfsc/libnfs-raw.h>
#include <nfsc/libnfs-raw-nfs4.h>
#include "nfs_source.h"

#define PORT 2049
#define TIMEOUT_MS 20000
#define DOWN (-1) /* for a status: the connection has ended */

static const char *server, *export, *name;
static struct rpc_context *rpc;
static struct {
	clientid4 id;
	verifier4 confirm;
	stateid4 open, lock;
	seqid4 open_seq, lock_seq;
	unsigned owner; /* a new one for each open and each lock */
	char owner_name[100];
	uint32_t open_flags;
	char handle[128];
	u_int handle_len;
} my;
static struct {
	int is_done, status;
} answer;

/* ---- compounds ---- */

static void keep(const nfs_resop4 *r)
{
	switch (r->resop) {
	case OP_SETCLIENTID:
		my.id = r->nfs_resop4_u.opsetclientid.SETCLIENTID4res_u.resok4.clientid;
		memcpy(my.confirm, r->nfs_resop4_u.opsetclientid.SETCLIENTID4res_u.resok4.setclientid_confirm, sizeof my.confirm);
		break;
	case OP_OPEN:
		my.open = r->nfs_resop4_u.opopen.OPEN4res_u.resok4.stateid;
		my.open_flags = r->nfs_resop4_u.opopen.OPEN4res_u.resok4.rflags;
		break;
	case OP_OPEN_CONFIRM:
		my.open = r->nfs_resop4_u.opopen_confirm.OPEN_CONFIRM4res_u.resok4.open_stateid;
		break;
	case OP_GETFH:
		my.handle_len = r->nfs_resop4_u.opgetfh.GETFH4res_u.resok4.object.nfs_fh4_len;
		if (my.handle_len > sizeof my.handle)
			exit(3);
		memcpy(my.handle, r->nfs_resop4_u.opgetfh.GETFH4res_u.resok4.object.nfs_fh4_val, my.handle_len);
		break;
	case OP_LOCK:
		my.lock = r->nfs_resop4_u.oplock.LOCK4res_u.resok4.lock_stateid;
		break;
	default:
		break;
	}
}

static void come(struct rpc_context *of, int status, void *data, void *mine)
{
	const COMPOUND4res *res = data;
	u_int i;

	(void)of;
	(void)mine;
	answer.is_done = 1;
	answer.status = DOWN;
	if (status != RPC_STATUS_SUCCESS)
		return;
	answer.status = (int)res->status;
	/* The last of them is the one that failed. */
	for (i = 0; i + (res->status != NFS4_OK) < res->resarray.resarray_len; i++)
		keep(&res->resarray.resarray_val[i]);
}

static void connected(struct rpc_context *of, int status, void *data, void *mine)
{
	(void)of;
	(void)data;
	(void)mine;
	answer.is_done = 1;
	answer.status = status == RPC_STATUS_SUCCESS ? 0 : DOWN;
}

static int wait_for_it(int queued)
{
	struct pollfd p;

	answer.is_done = queued < 0;
	answer.status = DOWN;
	while (!answer.is_done) {
		p.fd = rpc_get_fd(rpc);
		p.events = (short)rpc_which_events(rpc);
		p.revents = 0;
		if (poll(&p, 1, TIMEOUT_MS) <= 0 || rpc_service(rpc, p.revents) < 0)
			break;
	}
	return answer.status;
}

static int compound(nfs_argop4 *ops, u_int n)
{
	COMPOUND4args args;

	memset(&args, 0, sizeof args);
	args.argarray.argarray_len = n;
	args.argarray.argarray_val = ops;
	return wait_for_it(rpc_nfs4_compound_async(rpc, come, &args, NULL));
}

static void put_handle(nfs_argop4 *op)
{
	op->argop = OP_PUTFH;
	op->nfs_argop4_u.opputfh.object.nfs_fh4_len = my.handle_len;
	op->nfs_argop4_u.opputfh.object.nfs_fh4_val = my.handle;
}

/* ---- what it can ---- */

/* The same name and verifier each time: so it is the same client, and has not been restarted. */
static int introduce(void)
{
	char netid[] = "tcp", nowhere[] = "0.0.0.0.0.0", called[100];
	SETCLIENTID4args *c;
	nfs_argop4 op;
	int status;

	if (rpc)
		rpc_destroy_context(rpc);
	rpc = rpc_init_context();
	if (!rpc)
		exit(3);
	status = wait_for_it(rpc_connect_port_async(rpc, server, PORT, NFS4_PROGRAM, NFS_V4, connected, NULL));
	if (status)
		return status;
	memset(&op, 0, sizeof op);
	snprintf(called, sizeof called, "%s", name);
	op.argop = OP_SETCLIENTID;
	c = &op.nfs_argop4_u.opsetclientid;
	memcpy(c->client.verifier, "libshare", sizeof c->client.verifier);
	c->client.id.id_len = (u_int)strlen(called);
	c->client.id.id_val = called;
	c->callback.cb_program = 0x40000000;
	c->callback.cb_location.r_netid = netid;
	c->callback.cb_location.r_addr = nowhere;
	status = compound(&op, 1);
	if (status)
		return status;
	memset(&op, 0, sizeof op);
	op.argop = OP_SETCLIENTID_CONFIRM;
	op.nfs_argop4_u.opsetclientid_confirm.clientid = my.id;
	memcpy(op.nfs_argop4_u.opsetclientid_confirm.setclientid_confirm, my.confirm, sizeof my.confirm);
	return compound(&op, 1);
}

static u_int new_owner(void)
{
	return (u_int)snprintf(my.owner_name, sizeof my.owner_name, "%.80s-%u", name, my.owner++);
}

static void fill_open(nfs_argop4 *op)
{
	OPEN4args *o = &op->nfs_argop4_u.opopen;

	op->argop = OP_OPEN;
	o->seqid = 0;
	o->share_access = OPEN4_SHARE_ACCESS_BOTH;
	o->owner.clientid = my.id;
	o->owner.owner.owner_len = new_owner();
	o->owner.owner.owner_val = my.owner_name;
	o->openhow.opentype = OPEN4_NOCREATE;
}

static int opened(int status)
{
	nfs_argop4 ops[2];

	my.open_seq = 1;
	if (status || !(my.open_flags & OPEN4_RESULT_CONFIRM))
		return status;
	memset(ops, 0, sizeof ops);
	put_handle(&ops[0]);
	ops[1].argop = OP_OPEN_CONFIRM;
	ops[1].nfs_argop4_u.opopen_confirm.open_stateid = my.open;
	ops[1].nfs_argop4_u.opopen_confirm.seqid = my.open_seq++;
	return compound(ops, 2);
}

static void say_name(utf8string *to, char *text)
{
	to->utf8string_len = (u_int)strlen(text);
	to->utf8string_val = text;
}

static int open_file(const char *file)
{
	char dir[100], base[100];
	nfs_argop4 ops[4];

	memset(ops, 0, sizeof ops);
	snprintf(dir, sizeof dir, "%s", export + 1);
	snprintf(base, sizeof base, "%s", file);
	ops[0].argop = OP_PUTROOTFH;
	ops[1].argop = OP_LOOKUP;
	say_name(&ops[1].nfs_argop4_u.oplookup.objname, dir);
	fill_open(&ops[2]);
	ops[2].nfs_argop4_u.opopen.claim.claim = CLAIM_NULL;
	say_name(&ops[2].nfs_argop4_u.opopen.claim.open_claim4_u.file, base);
	ops[3].argop = OP_GETFH;
	return opened(compound(ops, 4));
}

static int reopen(void)
{
	nfs_argop4 ops[2];

	memset(ops, 0, sizeof ops);
	put_handle(&ops[0]);
	fill_open(&ops[1]);
	ops[1].nfs_argop4_u.opopen.claim.claim = CLAIM_PREVIOUS;
	ops[1].nfs_argop4_u.opopen.claim.open_claim4_u.delegate_type = OPEN_DELEGATE_NONE;
	return opened(compound(ops, 2));
}

/* What it takes is asked of a server as another owner's each time, so that two of them are in each other's way. */
static int lock(int reclaim, nfs_lock_type4 type, uint64_t offset, uint64_t length)
{
	open_to_lock_owner4 *who;
	nfs_argop4 ops[2];
	LOCK4args *l = &ops[1].nfs_argop4_u.oplock;

	memset(ops, 0, sizeof ops);
	put_handle(&ops[0]);
	ops[1].argop = OP_LOCK;
	l->locktype = type;
	l->reclaim = (uint32_t)reclaim;
	l->offset = offset;
	l->length = length;
	l->locker.new_lock_owner = 1;
	who = &l->locker.locker4_u.open_owner;
	who->open_seqid = my.open_seq++;
	who->open_stateid = my.open;
	who->lock_owner.clientid = my.id;
	who->lock_owner.owner.owner_len = new_owner();
	who->lock_owner.owner.owner_val = my.owner_name;
	my.lock_seq = 1;
	return compound(ops, 2);
}

static int unlock(void)
{
	nfs_argop4 ops[2];
	LOCKU4args *u = &ops[1].nfs_argop4_u.oplocku;

	memset(ops, 0, sizeof ops);
	put_handle(&ops[0]);
	ops[1].argop = OP_LOCKU;
	u->locktype = WRITE_LT;
	u->seqid = my.lock_seq++;
	u->lock_stateid = my.lock;
	u->length = UINT64_MAX;
	return compound(ops, 2);
}

static int renew(void)
{
	nfs_argop4 op;

	memset(&op, 0, sizeof op);
	op.argop = OP_RENEW;
	op.nfs_argop4_u.oprenew.clientid = my.id;
	return compound(&op, 1);
}

static void say(int status, const char *what)
{
	if (status == 0)
		printf("ok %s\n", what);
	else
		printf("failed %s: %s\n", what, status == DOWN ? "no connection" : nfsstat4_to_str(status));
}

int main(int argc, char **argv)
{
	char line[512], *verb, *file, *offset, *length;

	if (argc != 5)
		return 2;
	nfs_source = argv[1];
	server = argv[2];
	export = argv[3];
	name = argv[4];
	setvbuf(stdout, NULL, _IOLBF, 0);
	say(introduce(), "introduce");
	while (fgets(line, sizeof line, stdin)) {
		verb = strtok(line, " \n");
		file = strtok(NULL, " \n");
		offset = strtok(NULL, " \n");
		length = strtok(NULL, " \n");
		if (verb && file && strcmp(verb, "open") == 0)
			say(open_file(file), verb);
		else if (verb && strcmp(verb, "again") == 0)
			say(introduce(), verb);
		else if (verb && strcmp(verb, "reopen") == 0)
			say(reopen(), verb);
		else if (verb && length && strcmp(verb, "lock") == 0)
			say(lock(0, *file == 'r' ? READ_LT : WRITE_LT, strtoull(offset, NULL, 10), strtoull(length, NULL, 10)), verb);
		else if (verb && (strcmp(verb, "lock") == 0 || strcmp(verb, "relock") == 0))
			say(lock(*verb == 'r', WRITE_LT, 0, UINT64_MAX), verb);
		else if (verb && strcmp(verb, "unlock") == 0)
			say(unlock(), verb);
		else if (verb && strcmp(verb, "renew") == 0)
			say(renew(), verb);
		else
			return 2;
	}
	return 0;
}
