/* lib/store/holder.c - naming the process that is in the way, for people who have to do something about it */
#include "turn.h"

#include "base/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The beginning of a small file of /proc, as a string; the number of bytes, 0: none. */
static size_t proc_read(const char *path, char *buf, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return 0;
	n = read(fd, buf, room - 1);
	(void)close(fd);
	if (n < 0)
		n = 0;
	buf[n] = '\0';
	return (size_t)n;
}

/* The state's letter, from the first field behind the name's closing parenthesis; 0: there is no such process. */
static char proc_state(uint32_t pid)
{
	char path[64], text[512];
	const char *p;

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	if (!proc_read(path, text, sizeof(text)))
		return 0;
	p = strrchr(text, ')');
	return p && p[1] == ' ' ? p[2] : 0;
}

static void proc_name(uint32_t pid, char *buf, size_t room)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu32 "/comm", pid);
	(void)proc_read(path, buf, room);
	for (char *p = buf; *p; p++)
		if (*p == '\n')
			*p = '\0';
		else if (*p < ' ' || *p > '~')
			*p = '?';
}

void shr__holder_words(uint32_t pid, char *buf, size_t room)
{
	char name[64];
	char state = proc_state(pid);

	proc_name(pid, name, sizeof(name));
	if (pid == (uint32_t)getpid())
		(void)snprintf(buf, room, "this process (%" PRIu32 ")", pid);
	else if (!state)
		(void)snprintf(buf, room, "process %" PRIu32 ", which has ended and whose lock lives on in a process "
			"that it forked,", pid);
	else if (state == 'T' || state == 't')
		(void)snprintf(buf, room, "process %" PRIu32 " (%s), which is stopped,", pid, name);
	else
		(void)snprintf(buf, room, "process %" PRIu32 " (%s)", pid, name);
}

void shr__turn_holder(struct shr__turn *t, char *buf, size_t room)
{
	struct shr__turn_page *page = atomic_load(&t->page);
	uint32_t pid = atomic_load(&page->pid);
	int64_t s = (shr__clock_mono_ns() - atomic_load(&page->since_ns)) / INT64_C(1000000000);
	char who[160];

	if (!pid) {
		(void)snprintf(buf, room, "other processes held the store all the time");
		return;
	}
	shr__holder_words(pid, who, sizeof(who));
	(void)snprintf(buf, room, "%s holds the store inside a transaction since %" PRId64 " s", who, s < 0 ? 0 : s);
}

/* One line of /proc/locks: "7: POSIX  ADVISORY  WRITE 812 fe:00:131 120 120"; waiters have "->" behind the number. */
static uint32_t lock_line(const char *line, const struct stat *s, uint64_t from, uint64_t to)
{
	char kind[16], mode[16], type[16], last[24];
	unsigned major_no, minor_no;
	uint64_t inode, first, end;
	int pid;

	if (sscanf(line, "%*[0-9]: %15s %15s %15s %d %x:%x:%" SCNu64 " %" SCNu64 " %23s", kind, mode, type, &pid,
		&major_no, &minor_no, &inode, &first, last) != 9)
		return 0;
	/* On some file systems (btrfs) stat() shows another device than the kernel's list: the inode has to do. */
	if (strcmp(kind, "POSIX") != 0 || strcmp(type, "WRITE") != 0 || inode != s->st_ino || pid <= 0)
		return 0;
	if (sscanf(last, "%" SCNu64, &end) != 1)
		end = UINT64_MAX;
	return first <= to && end >= from && pid != getpid() ? (uint32_t)pid : 0;
}

uint32_t shr__holder_of_lock(const char *path, uint64_t from, uint64_t to)
{
	char line[256];
	struct stat s;
	uint32_t pid = 0;
	FILE *f;

	if (stat(path, &s) != 0)
		return 0;
	f = fopen("/proc/locks", "re");
	if (!f)
		return 0;
	while (!pid && fgets(line, sizeof(line), f))
		pid = lock_line(line, &s, from, to);
	(void)fclose(f);
	return pid;
}
