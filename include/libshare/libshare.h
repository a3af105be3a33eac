/* libshare/libshare.h - all that a program needs; see libshare(3) */
#ifndef LIBSHARE_LIBSHARE_H
#define LIBSHARE_LIBSHARE_H

#include "version.h"
#include "error.h"
#include "context.h"
#include "session.h"
#include "engine.h"
#include "operation.h"
#include "event.h"
#include "share.h"
#include "access.h"
#include "snapshot.h"
#include "explain.h"
#include "pool.h"
#include "drift.h"
#include "json.h"
#include "store.h"

#endif
