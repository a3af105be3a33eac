/* examples/sharectl/open.c - the context, the session and the engine of one run, and their end */
#include "ctl.h"
#include "open.h"
#include "say.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HERE "./libshare.yaml"
#define SYSTEM_WIDE "/etc/libshare.yaml"

/* A file that somebody else put here must not choose the directories that this user works on. */
static int here_is_ours(void)
{
	struct stat st;

	if (stat(HERE, &st) < 0)
		return 0;
	if ((st.st_uid == geteuid() || st.st_uid == 0) && !(st.st_mode & 002))
		return 1;
	ctl_complain(0, "give it with --config, if you trust it", HERE " is left aside: %s",
		st.st_mode & 002 ? "everybody may write it" : "it belongs to another user");
	return 0;
}

const char *ctl_config_path(struct ctl *c)
{
	const char *path = ctl_text(c, OPT_CONFIG);

	if (!path)
		path = secure_getenv("LIBSHARE_CONFIG");
	if (path && *path)
		return path;
	if (here_is_ours())
		return HERE;
	if (access(SYSTEM_WIDE, F_OK) == 0)
		return SYSTEM_WIDE;
	ctl_complain(0, "give one with --config or LIBSHARE_CONFIG; sharectl init --root DIR writes one",
		"no configuration: neither " HERE " nor " SYSTEM_WIDE " is there");
	return NULL;
}

static void say_log(void *data, int level, const char *line)
{
	static const char *const words[] = { "", "error", "warning", "note", "debug" };
	struct ctl *c = data;

	if (level <= SHR_LOG_WARNING || ctl_has(c, OPT_VERBOSE))
		ctl_note(c, "%s: %s", level > 0 && level <= SHR_LOG_DEBUG ? words[level] : "", line);
}

int ctl_open_at(struct ctl *c, const char *config, uint32_t flags)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	struct shr_host host = SHR_HOST_INIT;
	const struct shr_error *error = NULL;
	int rc, status = ctl_keys_read(c);

	if (status)
		return status;
	host.data = c;
	host.log = say_log;
	host.seal_key = c->n_keys ? ctl_seal_key : NULL;
	p.flags = flags;
	p.config_path = config;
	p.host = &host;
	rc = shr_ctx_open(SHR_HEADER_VERSION, &p, &c->ctx, &error);
	return rc < 0 ? ctl_fail(c, rc, error) : CTL_OK;
}

static int open_session(struct ctl *c)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct passwd *pw;
	int rc;

	c->user = ctl_text(c, OPT_USER);
	if (!c->user)
		c->user = secure_getenv("USER");
	if (!c->user && (pw = getpwuid(getuid())) != NULL)
		c->user = pw->pw_name;
	p.project = ctl_has(c, OPT_PROJECT) ? ctl_text(c, OPT_PROJECT) : "default";
	p.user = c->user;
	p.roles = c->given[OPT_ROLE].words;
	p.n_roles = (uint32_t)c->given[OPT_ROLE].n;
	if (ctl_has(c, OPT_SYSTEM) || (c->command->flags & CTL_AS_SYSTEM))
		p.flags |= SHR_SESSION_SYSTEM;
	rc = shr_session_open(c->ctx, &p, &c->session, &error);
	return rc < 0 ? ctl_fail(c, rc, error) : CTL_OK;
}

/* The backends that are free are taken before this returns; another process works on those that are not. */
int ctl_open_engine(struct ctl *c, uint32_t workers)
{
	struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;
	const struct shr_error *error = NULL;
	int rc;

	p.workers = workers;
	if (ctl_takes(c->command, OPT_WORKERS)) { /* engine run has more to say */
		p.name = ctl_text(c, OPT_NAME);
		p.backends = c->given[OPT_BACKEND].words;
		p.n_backends = (uint32_t)c->given[OPT_BACKEND].n;
	}
	ctl_signals_hold(c);
	rc = shr_engine_open(c->ctx, &p, &c->engine, &error);
	return rc < 0 ? ctl_fail(c, rc, error) : CTL_OK;
}

int ctl_open(struct ctl *c)
{
	const char *config;
	int status;

	if (!(c->command->flags & CTL_STORE))
		return CTL_OK;
	config = ctl_config_path(c);
	if (!config)
		return CTL_USAGE;
	status = ctl_open_at(c, config, 0);
	if (!status)
		status = open_session(c);
	if (!status && (c->command->flags & CTL_ENGINE) && !ctl_has(c, OPT_NO_ENGINE))
		status = ctl_open_engine(c, 1);
	return status;
}

/* Whatever runs comes to its end or is handed back; a second signal does not wait for that. */
static void stop_engine(struct ctl *c)
{
	int first = c->interrupted;

	for (;;) {
		const struct shr_error *error = NULL;
		int rc = shr_engine_stop(c->engine, 200, &error);

		shr_error_unref(error);
		if (rc != SHR_RUNNING)
			break;
		if (ctl_signals_look(c, 0)) {
			if (first)
				_exit(128 + c->interrupted); /* a store is made for this: the next engine goes on */
			first = c->interrupted;
			ctl_note(c, "a driver's call still runs; once more ends at once");
		}
	}
	shr_engine_close(c->engine);
	c->engine = NULL;
}

void ctl_close(struct ctl *c)
{
	if (c->engine)
		stop_engine(c);
	shr_session_close(c->session);
	shr_ctx_close(c->ctx);
	c->session = NULL;
	c->ctx = NULL;
	if (c->n_keys)
		explicit_bzero(c->keys, c->n_keys * sizeof *c->keys);
	free(c->keys);
	c->keys = NULL;
	c->n_keys = 0;
}
