/* examples/sharectl/engine.c - an engine that runs; and the upkeep of a store */
#include "ctl.h"
#include "open.h"
#include "say.h"

#include <stdio.h>

int ctl_engine_run(struct ctl *c)
{
	int64_t workers = ctl_number(c, OPT_WORKERS, 4);
	int status;

	if (workers < 1 || workers > 256)
		return ctl_usage(c, "--workers: 1 to 256");
	status = ctl_open_engine(c, (uint32_t)workers);
	if (status)
		return status;
	ctl_note(c, "the engine runs; SIGTERM or SIGINT ends it");
	while (!ctl_signals_look(c, 1000)) {
		const struct shr_error *error = NULL;

		/* What its threads met is told, and they go on. */
		if (shr_engine_process(c->engine, 0, &error) < 0)
			ctl_fail(c, error ? error->code : SHR_ESTORE, error);
		else
			shr_error_unref(error);
	}
	ctl_note(c, "ending: calls that run come to their end, the backends are handed over");
	return CTL_OK;
}

int ctl_config_check(struct ctl *c)
{
	const char *path = c->argc ? c->argv[0] : ctl_config_path(c);
	const struct shr_error *error = NULL;
	int rc;

	if (!path)
		return CTL_USAGE;
	rc = shr_config_check(path, NULL, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (!ctl_has(c, OPT_JSON))
		printf("%s: no mistakes\n", path);
	return CTL_OK;
}

int ctl_store_check(struct ctl *c)
{
	const struct shr_error *error = NULL;
	int rc = shr_ctx_check(c->ctx, ctl_has(c, OPT_FULL) ? SHR_CHECK_FULL : SHR_CHECK_QUICK, &error);

	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (!ctl_has(c, OPT_JSON))
		printf("no damage found\n");
	return CTL_OK;
}

int ctl_purge(struct ctl *c)
{
	const struct shr_error *error = NULL;
	int rc;

	do {
		rc = shr_purge(c->session, 0, &error);
	} while (rc == SHR_RUNNING);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (!ctl_has(c, OPT_JSON))
		printf("what is older than the retention is gone\n");
	return CTL_OK;
}
