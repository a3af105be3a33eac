/* examples/sharectl/help.h - --help */
#ifndef SHARECTL_HELP_H
#define SHARECTL_HELP_H

#include <stdio.h>
#include "commands.h"

void ctl_help(FILE *f);
void ctl_help_group(FILE *f, char **words, int n);
void ctl_help_command(FILE *f, const struct ctl_command *cmd);

#endif
