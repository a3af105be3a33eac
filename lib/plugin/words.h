/* lib/plugin/words.h - a plugin's words, made fit to be shown */
#ifndef SHR_PLUGIN_WORDS_H
#define SHR_PLUGIN_WORDS_H

#include "plugin/plugin.h"

#define SHR__WORDS_MOST 1000

/* S on one line of at most SHR__WORDS_MOST bytes of UTF-8, without control characters, into TO; and without the keys
 * that TOLD has (NULL: none). NULL is taken as "". */
void shr__words_copy(char to[SHR__WORDS_MOST + 1], const char *s, const struct shr__told *told);

#endif
