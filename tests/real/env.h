/* tests/real/env.h - namespaces, a network, servers and a directory of a test's own, gone when it ends */
#ifndef TESTS_REAL_ENV_H
#define TESTS_REAL_ENV_H

#include <sys/types.h>

int env_on_path(const char *program);
int env_namespaces(void); /* of mounts and of the network; both end with this process. 0 or -1: errno */
int env_network_up(void); /* the loopback, with fd00::2 and fd00::3 */
void env_nap(int ms);
pid_t env_run(const char *dir, const char *log, char *const argv[]); /* it ends with this process; its words go to DIR/LOG */
void env_end(pid_t *pid, int signal); /* and wait for it */
int env_write(const char *dir, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4))); /* 0 or -1 */
int env_port_open(int port);
void env_drop(const char *dir); /* with what is mounted below it */

#endif
