/* backends/common/jobmount.c - a job's mount: made, and taken away */
#include <errno.h>
#include <string.h>
#include "server.h"

int plug_job_mount(const struct plug_server *s, struct plug_job *job)
{
	char path[PLUG_PLACE_ROOM];

	plug_server_path(s, job->share_id, path);
	if (plug_mount_make(s->mounts_fd, job->share_id, job->source) < 0)
		return plug_job_fail_errno(job, path);
	if (plug_mount_state(s->mounts_fd, job->share_id, job->source) != PLUG_MOUNT_RIGHT)
		return plug_job_fail(job, SHR_EAGAIN, "%.300s: the mount did not come up", path);
	return 0;
}

int plug_job_unmount(const struct plug_server *s, struct plug_job *job)
{
	char path[PLUG_PLACE_ROOM];

	if (plug_mount_drop(s->dir, s->mounts_fd, job->share_id) == 0)
		return 0;
	plug_server_path(s, job->share_id, path);
	job->is_busy = errno == EBUSY;
	return plug_job_fail_errno(job, path);
}

int plug_job_check_instance(const struct plug_server *s, struct plug_job *job, const char *instance_id)
{
	if (!*instance_id || strcmp(instance_id, job->instance_id) == 0 ||
	    plug_mount_state(s->mounts_fd, job->share_id, NULL) != PLUG_MOUNT_RIGHT)
		return 0;
	return plug_job_fail(job, SHR_EAGAIN, "share %s is exported for instance %s: that one must be drained or removed first",
		job->share_id, instance_id);
}
