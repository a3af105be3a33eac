/* examples/loop_host.c - a host with an event loop and no thread: it takes commands from its input and prints events as they come
 * usage: loop_host [CONFIGURATION] <COMMANDS
 * commands: create NAME BYTES, allow NAME WHO, extend NAME BYTES, delete NAME, list; at the end of the input it goes on until
 * nothing is left to do */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libshare/libshare.h>

struct host {
	struct shr_ctx *ctx;
	struct shr_engine *engine;
	struct shr_session *session;
	const struct shr_event_page *last; /* its `after` is how far events have been printed */
	int open;                          /* the input has not ended */
	size_t n;                          /* bytes of a line that is not whole yet */
	char line[512];
};

/* ---- commands ---- */

/* The newest share of this name. */
static int find(struct host *h, const char *name, const struct shr_share_page **ret_page, const struct shr_error **reterr)
{
	struct shr_share_filter filter = SHR_SHARE_FILTER_INIT;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	int rc;

	filter.name = name;
	list.limit = 1;
	list.flags = SHR_LIST_NEWEST_FIRST;
	rc = shr_share_list(h->session, &filter, &list, ret_page, reterr);
	if (!rc && (*ret_page)->n == 0) {
		fprintf(stderr, "there is no share %s\n", name);
		shr_share_page_unref(*ret_page);
		return SHR_ENOTFOUND;
	}
	return rc;
}

static int create(struct host *h, const char *name, const char *bytes, const struct shr_error **reterr)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op;
	int rc;

	spec.name = name;
	spec.bytes = strtoull(bytes, NULL, 10);
	spec.protocols = SHR_PROTO_NFS;
	rc = shr_share_create(h->session, &spec, &op, reterr);
	if (!rc) /* it is accepted; the events tell what becomes of it */
		shr_op_unref(op);
	return rc;
}

static int on_share(struct host *h, const char *command, const char *name, const char *what, const struct shr_error **reterr)
{
	const struct shr_share_page *page;
	const char *id;
	int rc = find(h, name, &page, reterr);

	if (rc)
		return rc;
	id = page->items[0]->id;
	if (!strcmp(command, "allow"))
		rc = shr_access_allow(h->session, id, SHR_ACCESS_IP, what, SHR_LEVEL_RW, NULL, reterr);
	else if (!strcmp(command, "extend"))
		rc = shr_share_extend(h->session, id, strtoull(what, NULL, 10), NULL, NULL, reterr);
	else
		rc = shr_share_delete(h->session, id, NULL, NULL, reterr);
	shr_share_page_unref(page);
	return rc;
}

static int list(struct host *h, const struct shr_error **reterr)
{
	const struct shr_share_page *page;
	int rc = shr_share_list(h->session, NULL, NULL, &page, reterr);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < page->n; i++)
		printf("share %s %s %" PRIu64 "\n", page->items[i]->name, shr_share_state_name(page->items[i]->state),
			page->items[i]->bytes);
	shr_share_page_unref(page);
	return 0;
}

/* A command that fails is told of, and the host goes on. */
static void obey(struct host *h, const char *line)
{
	char command[16] = "", name[256] = "", what[64] = "";
	const struct shr_error *error = NULL;

	if (sscanf(line, "%15s %255s %63s", command, name, what) < 1)
		return;
	if (!strcmp(command, "create"))
		create(h, name, what, &error);
	else if (!strcmp(command, "allow") || !strcmp(command, "extend") || !strcmp(command, "delete"))
		on_share(h, command, name, what, &error);
	else if (!strcmp(command, "list"))
		list(h, &error);
	else
		fprintf(stderr, "there is no command %s\n", command);
	if (error)
		fprintf(stderr, "%s: %s\n", command, error->message);
	shr_error_unref(error);
}

/* ---- the loop ---- */

/* What there is of the input, whole lines at once. */
static void take_input(struct host *h)
{
	ssize_t got = read(STDIN_FILENO, h->line + h->n, sizeof h->line - 1 - h->n);
	char *end;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		h->open = 0;
		return;
	}
	h->n += (size_t)got;
	h->line[h->n] = '\0';
	while ((end = strchr(h->line, '\n'))) {
		*end = '\0';
		obey(h, h->line);
		h->n -= (size_t)(end + 1 - h->line);
		memmove(h->line, end + 1, h->n + 1);
	}
	if (h->n == sizeof h->line - 1) {
		fprintf(stderr, "a line is too long\n");
		h->n = 0;
	}
}

/* What has come since the last page. */
static int print_events(struct host *h, const struct shr_error **reterr)
{
	const struct shr_event_page *page;
	uint32_t n;

	do {
		int rc = shr_event_read(h->session, h->last ? h->last->after : NULL, 0, 0, NULL, &page, reterr);

		if (rc)
			return rc;
		for (uint32_t i = 0; i < page->n; i++)
			printf("event %s%s%s\n", page->items[i]->kind, page->items[i]->text[0] ? ": " : "", page->items[i]->text);
		n = page->n;
		shr_event_page_unref(h->last);
		h->last = page;
	} while (n > 0);
	fflush(stdout);
	return 0;
}

/* 1: an operation has not ended; 0; or negative. */
static int is_busy(struct host *h, const struct shr_error **reterr)
{
	struct shr_op_filter filter = SHR_OP_FILTER_INIT;
	const struct shr_op_page *page;
	int rc;

	filter.unended = 1;
	rc = shr_op_list(h->session, &filter, NULL, &page, reterr);
	if (rc)
		return rc;
	rc = page->n > 0;
	shr_op_page_unref(page);
	return rc;
}

/* Both descriptors in one poll(2); the engine does a bounded number of steps, so that the input is not kept waiting. */
static int turn(struct host *h, int *more, const struct shr_error **reterr)
{
	struct pollfd fds[2] = {
		{ shr_engine_fd(h->engine), POLLIN, 0 },
		{ h->open ? STDIN_FILENO : -1, POLLIN, 0 },
	};
	const struct shr_error *trouble = NULL;
	int rc;

	if (poll(fds, 2, *more ? 0 : shr_engine_timeout(h->engine)) < 0 && errno != EINTR) {
		perror("poll");
		return SHR_EIO;
	}
	if (fds[1].revents)
		take_input(h);
	rc = shr_engine_process(h->engine, 100, &trouble);
	if (rc < 0) /* of the store, and not final: the loop goes on */
		fprintf(stderr, "engine: %s\n", trouble->message);
	shr_error_unref(trouble);
	*more = rc == SHR_RUNNING;
	return print_events(h, reterr);
}

static int run(struct host *h, const struct shr_error **reterr)
{
	int more = 0, busy = 1, rc = 0;

	h->open = 1;
	while (!rc && (h->open || busy > 0)) {
		rc = turn(h, &more, reterr);
		if (!rc && !h->open && (busy = is_busy(h, reterr)) < 0)
			rc = busy;
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct shr_ctx_params params = SHR_CTX_PARAMS_INIT;
	struct shr_session_params who = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *error = NULL;
	struct host h = { 0 };
	int rc;

	params.config_path = argc > 1 ? argv[1] : NULL;
	params.flags = SHR_CTX_CREATE;
	who.project = "demo";
	who.user = "loop_host";
	rc = shr_ctx_open(SHR_HEADER_VERSION, &params, &h.ctx, &error);
	if (!rc)
		rc = shr_engine_open(h.ctx, NULL, &h.engine, &error);
	if (!rc)
		rc = shr_session_open(h.ctx, &who, &h.session, &error);
	if (!rc)
		rc = run(&h, &error);
	if (error)
		fprintf(stderr, "%s: %s\n", shr_strcode(rc), error->message);
	shr_error_unref(error);
	shr_event_page_unref(h.last);
	shr_session_close(h.session);
	shr_engine_close(h.engine);
	shr_ctx_close(h.ctx);
	return rc != 0;
}
