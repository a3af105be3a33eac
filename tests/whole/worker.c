/* tests/whole/worker.c - an engine in a process of its own */
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "whole.h"

pid_t worker_start(const char *program, const char *config, const char *name, const char *fake_does, const char *backend)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(program, program, "worker", config, name, fake_does, backend, (char *)NULL);
		_exit(98);
	}
	ck_assert_int_gt(pid, 0);
	return pid;
}

void worker_kill(pid_t pid)
{
	int status;

	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static int poison(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_CREATE && strcmp(instance->name, "poison") == 0)
		_exit(66);
	return 0;
}

static void log_line(void *data, int level, const char *line)
{
	fprintf(stderr, "%d: %s\n", (int)getpid(), line);
}

static int work(char **argv)
{
	struct shr_ctx_params cp = SHR_CTX_PARAMS_INIT;
	struct shr_engine_params ep = SHR_ENGINE_PARAMS_INIT;
	struct shr_host host = SHR_HOST_INIT;
	const struct shr_error *e = NULL;
	const char *backend = argv[5];
	struct shr_engine *engine;
	struct shr_ctx *ctx;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
	if (getenv("LIBSHARE_TEST_LOG"))
		host.log = log_line;
	cp.host = &host;
	cp.config_path = argv[2];
	cp.flags = SHR_CTX_CREATE;
	if (shr_ctx_open(SHR_HEADER_VERSION, &cp, &ctx, &e) < 0)
		goto failed;
	fake_driver.fencing = SHR_FENCING_HOST_LOCK; /* who opens it again has no rival: the process before is dead */
	fake.before = poison;
	if (argv[4][0] && shr__plugins_add_driver(ctx->env.plugins, &fake_driver, &e) < 0)
		goto failed;
	ep.workers = 2;
	ep.name = argv[3];
	if (backend[0]) {
		ep.backends = &backend;
		ep.n_backends = 1;
	}
	if (shr_engine_open(ctx, &ep, &engine, &e) < 0)
		goto failed;
	for (;;)
		pause();
failed:
	fprintf(stderr, "worker %s: %s\n", argv[3], e->message);
	return 1;
}

int worker_main(int argc, char **argv, int *ret)
{
	if (argc < 6 || strcmp(argv[1], "worker") != 0)
		return 0;
	*ret = work(argv);
	return 1;
}
