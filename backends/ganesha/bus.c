/* backends/ganesha/bus.c - D-Bus: calls of the export manager, each waited for as long as it takes */
#include <dbus/dbus.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ganesha.h"

#define MANAGER_PATH "/org/ganesha/nfsd/ExportMgr"
#define MANAGER "org.ganesha.nfsd.exportmgr"
#define SLICE_MS 500
#define BUS_CALL_MS 30000 /* the bus itself answers at once, or is not worth waiting for */

static int say(struct gan_bus *bus, int answer, const char *format, ...) SHR_PRINTF(3, 4);
static int say(struct gan_bus *bus, int answer, const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	vsnprintf(bus->words, sizeof bus->words, format, args);
	va_end(args);
	for (s = bus->words; *s; s++)
		if ((unsigned char)*s < ' ')
			*s = ' ';
	return answer;
}

int gan_name_ok(const char *name)
{
	return dbus_validate_bus_name(name, NULL);
}

void gan_bus_close(struct gan_bus *bus)
{
	DBusConnection *c = bus->connection;

	if (!c)
		return;
	dbus_connection_close(c);
	dbus_connection_unref(c);
	bus->connection = NULL;
}

static int no_bus(struct gan_bus *bus, DBusError *error)
{
	int answer = dbus_error_has_name(error, DBUS_ERROR_NO_MEMORY) ? GAN_BUS_NOMEM : GAN_BUS_AWAY;

	say(bus, answer, "setting bus: %.200s: %.200s", bus->address ? bus->address : "the system's bus",
		error->message ? error->message : "no connection");
	dbus_error_free(error);
	return answer;
}

/* The system's bus is found as libdbus finds it, but not by its dbus_bus_get_private(), which takes a lock of the whole process
 * and those of connections in two orders. */
static const char *address_of(const struct gan_bus *bus)
{
	const char *given = bus->address ? bus->address : secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");

	return given && *given ? given : "unix:path=/run/dbus/system_bus_socket";
}

static int connect_bus(struct gan_bus *bus)
{
	DBusConnection *c = bus->connection;
	DBusError error;

	if (c && dbus_connection_get_is_connected(c))
		return 0;
	gan_bus_close(bus);
	dbus_error_init(&error);
	c = dbus_connection_open_private(address_of(bus), &error);
	if (c && !dbus_bus_register(c, &error)) {
		dbus_connection_close(c);
		dbus_connection_unref(c);
		c = NULL;
	}
	if (!c)
		return no_bus(bus, &error);
	dbus_connection_set_exit_on_disconnect(c, FALSE);
	bus->connection = c;
	return 0;
}

/* ---- a call ---- */

static int is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(name, *list) == 0)
			return 1;
	return 0;
}

/* A reply that is an error, in our words. */
static int refused(struct gan_bus *bus, DBusMessage *reply)
{
	static const char *const nobody[] = { DBUS_ERROR_SERVICE_UNKNOWN, DBUS_ERROR_NAME_HAS_NO_OWNER, NULL };
	static const char *const away[] = { DBUS_ERROR_NO_REPLY, DBUS_ERROR_DISCONNECTED, DBUS_ERROR_TIMEOUT, DBUS_ERROR_TIMED_OUT,
		NULL };
	static const char *const closed[] = { DBUS_ERROR_ACCESS_DENIED, DBUS_ERROR_UNKNOWN_METHOD, DBUS_ERROR_UNKNOWN_INTERFACE,
		DBUS_ERROR_UNKNOWN_OBJECT, NULL };
	const char *name = dbus_message_get_error_name(reply), *text = NULL;

	if (!dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID))
		text = "";
	if (!name)
		name = "";
	if (is_one_of(name, nobody))
		return say(bus, GAN_BUS_AWAY, "setting name: nobody on the bus is called %.200s: is NFS-Ganesha running, with D-Bus?",
			bus->name);
	if (is_one_of(name, away))
		return say(bus, GAN_BUS_AWAY, "%.100s went away before it answered (%.200s)", bus->name, text);
	if (is_one_of(name, closed))
		return say(bus, GAN_BUS_AWAY, "setting name: %.100s does not take the call: %.200s", bus->name, text);
	if (strcmp(name, DBUS_ERROR_NO_MEMORY) == 0)
		return say(bus, GAN_BUS_NOMEM, "no memory");
	if (strcmp(name, DBUS_ERROR_INVALID_ARGS) == 0 && strstr(text, "id not found"))
		return say(bus, GAN_BUS_NOTHERE, "there is no such export");
	return say(bus, GAN_BUS_REFUSED, "NFS-Ganesha says: %.400s", *text ? text : name);
}

/* Wait as long as it takes: a file system that hangs may hold the server for hours, and a call that nobody waits for would take
 * effect when nobody expects it. When the server or the bus dies there is an answer at once. */
static int wait_for(struct gan_bus *bus, const struct gan_sent *sent, DBusMessage **ret)
{
	DBusPendingCall *pending = sent->pending;
	DBusMessage *reply;
	int answer;

	while (!dbus_pending_call_get_completed(pending))
		if (!dbus_connection_read_write_dispatch(sent->connection, SLICE_MS) && !dbus_pending_call_get_completed(pending))
			return say(bus, GAN_BUS_AWAY, "setting bus: the connection was cut off");
	reply = dbus_pending_call_steal_reply(pending);
	if (!reply)
		return say(bus, GAN_BUS_NOMEM, "no memory");
	if (dbus_message_get_type(reply) != DBUS_MESSAGE_TYPE_ERROR) {
		*ret = reply;
		return GAN_BUS_DONE;
	}
	answer = refused(bus, reply);
	dbus_message_unref(reply);
	return answer;
}

/* MESSAGE is taken over; NULL: there was no memory for it. The call keeps its connection: when the bus was cut off, another may be
 * made before the end of this one. */
static int begin(struct gan_bus *bus, DBusMessage *message, int timeout_ms, struct gan_sent *ret)
{
	DBusPendingCall *pending = NULL;
	int answer;

	if (!message)
		return say(bus, GAN_BUS_NOMEM, "no memory");
	dbus_message_set_auto_start(message, FALSE);
	answer = connect_bus(bus);
	if (answer == 0 && !dbus_connection_send_with_reply(bus->connection, message, &pending, timeout_ms))
		answer = say(bus, GAN_BUS_NOMEM, "no memory");
	else if (answer == 0 && !pending)
		answer = say(bus, GAN_BUS_AWAY, "setting bus: the connection was cut off");
	dbus_message_unref(message);
	if (answer)
		return answer;
	ret->pending = pending;
	ret->connection = dbus_connection_ref(bus->connection);
	return 0;
}

static int end(struct gan_bus *bus, struct gan_sent *sent, DBusMessage **ret)
{
	int answer = wait_for(bus, sent, ret);

	dbus_pending_call_unref(sent->pending);
	dbus_connection_unref(sent->connection);
	memset(sent, 0, sizeof *sent);
	return answer;
}

static int make(struct gan_bus *bus, DBusMessage *message, int timeout_ms, DBusMessage **ret)
{
	struct gan_sent sent;
	int answer = begin(bus, message, timeout_ms, &sent);

	*ret = NULL;
	return answer ? answer : end(bus, &sent, ret);
}

static DBusMessage *manager_call(const struct gan_bus *bus, const char *method, int type, ...)
{
	DBusMessage *m = dbus_message_new_method_call(bus->name, MANAGER_PATH, MANAGER, method);
	va_list args;
	int ok;

	if (!m)
		return NULL;
	va_start(args, type);
	ok = dbus_message_append_args_valist(m, type, args);
	va_end(args);
	if (ok)
		return m;
	dbus_message_unref(m);
	return NULL;
}

/* ---- of the bus ---- */

static int ask_bus(struct gan_bus *bus, const char *method, DBusMessage **ret)
{
	DBusMessage *m = dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, method);

	if (m && !dbus_message_append_args(m, DBUS_TYPE_STRING, &bus->name, DBUS_TYPE_INVALID)) {
		dbus_message_unref(m);
		m = NULL;
	}
	return make(bus, m, BUS_CALL_MS, ret);
}

int gan_bus_owner(struct gan_bus *bus, pid_t *ret)
{
	DBusMessage *reply;
	dbus_uint32_t pid = 0;
	int answer = ask_bus(bus, "GetConnectionUnixProcessID", &reply);

	if (answer)
		return answer;
	dbus_message_get_args(reply, NULL, DBUS_TYPE_UINT32, &pid, DBUS_TYPE_INVALID);
	dbus_message_unref(reply);
	*ret = (pid_t)pid;
	return 0;
}

/* ---- of the export manager ---- */

/* "1 exports added. Errors found: ..." is a success to the server, but an export that lacks clients to us. */
static int judge_put(struct gan_bus *bus, DBusMessage *reply)
{
	const char *text = "";
	int answer = 0;

	if (dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID) && strstr(text, "Errors found"))
		answer = say(bus, GAN_BUS_FLAWED, "NFS-Ganesha says: %.400s", text);
	dbus_message_unref(reply);
	return answer;
}

int gan_bus_put_begin(struct gan_bus *bus, int update, const char *file, uint32_t number, struct gan_sent *ret)
{
	char expression[64];
	const char *e = expression;

	snprintf(expression, sizeof expression, "EXPORT(Export_Id=%u)", number);
	return begin(bus, manager_call(bus, update ? "UpdateExport" : "AddExport", DBUS_TYPE_STRING, &file, DBUS_TYPE_STRING, &e,
		DBUS_TYPE_INVALID), DBUS_TIMEOUT_INFINITE, ret);
}

int gan_bus_put_end(struct gan_bus *bus, struct gan_sent *sent)
{
	DBusMessage *reply;
	int answer = end(bus, sent, &reply);

	return answer ? answer : judge_put(bus, reply);
}

int gan_bus_put(struct gan_bus *bus, int update, const char *file, uint32_t number)
{
	struct gan_sent sent;
	int answer = gan_bus_put_begin(bus, update, file, number, &sent);

	return answer ? answer : gan_bus_put_end(bus, &sent);
}

int gan_bus_remove(struct gan_bus *bus, uint32_t number)
{
	dbus_uint16_t id = (dbus_uint16_t)number;
	DBusMessage *reply;
	int answer = make(bus, manager_call(bus, "RemoveExport", DBUS_TYPE_UINT16, &id, DBUS_TYPE_INVALID), DBUS_TIMEOUT_INFINITE,
		&reply);

	if (answer)
		return answer;
	dbus_message_unref(reply);
	return 0;
}

/* The next argument, a string; "" when it is none. The iterator goes on. */
static const char *next_string(DBusMessageIter *at)
{
	const char *s = "";

	if (dbus_message_iter_get_arg_type(at) == DBUS_TYPE_STRING)
		dbus_message_iter_get_basic(at, &s);
	dbus_message_iter_next(at);
	return s;
}

/* (siyyiuuuuu): the text, what it is made of, the squashed user and group, when it expires, what is allowed, what was said. */
static void read_client(DBusMessageIter *at, struct gan_client *ret)
{
	dbus_uint32_t numbers[5] = { 0, 0, 0, 0, 0 };
	DBusMessageIter in;
	int i, n = 0;

	dbus_message_iter_recurse(at, &in);
	snprintf(ret->text, sizeof ret->text, "%s", next_string(&in));
	for (i = 0; dbus_message_iter_get_arg_type(&in) != DBUS_TYPE_INVALID; i++) {
		if (dbus_message_iter_get_arg_type(&in) == DBUS_TYPE_UINT32 && n < 5)
			dbus_message_iter_get_basic(&in, &numbers[n++]);
		dbus_message_iter_next(&in);
	}
	ret->options = numbers[3];
	ret->set = numbers[4];
}

static int read_clients(struct gan_bus *bus, DBusMessageIter *at, struct gan_shown *ret)
{
	DBusMessageIter in;
	uint32_t room = 0;
	struct gan_client *more;

	dbus_message_iter_recurse(at, &in);
	for (; dbus_message_iter_get_arg_type(&in) == DBUS_TYPE_STRUCT; dbus_message_iter_next(&in)) {
		if (ret->n_clients == room) {
			room = room ? room * 2 : 64;
			more = realloc(ret->clients, room * sizeof *more);
			if (!more)
				return say(bus, GAN_BUS_NOMEM, "no memory");
			ret->clients = more;
		}
		read_client(&in, &ret->clients[ret->n_clients++]);
	}
	return 0;
}

int gan_bus_display(struct gan_bus *bus, uint32_t number, struct gan_shown *ret)
{
	dbus_uint16_t id = (dbus_uint16_t)number;
	DBusMessage *reply;
	DBusMessageIter at;
	int answer;

	memset(ret, 0, sizeof *ret);
	answer = make(bus, manager_call(bus, "DisplayExport", DBUS_TYPE_UINT16, &id, DBUS_TYPE_INVALID), DBUS_TIMEOUT_INFINITE,
		&reply);
	if (answer)
		return answer;
	if (!dbus_message_has_signature(reply, "qsssa(siyyiuuuuu)")) {
		dbus_message_unref(reply);
		return say(bus, GAN_BUS_REFUSED, "DisplayExport answers in another form than that of NFS-Ganesha 4");
	}
	dbus_message_iter_init(reply, &at);
	dbus_message_iter_next(&at);
	snprintf(ret->path, sizeof ret->path, "%s", next_string(&at));
	dbus_message_iter_next(&at);
	dbus_message_iter_next(&at);
	answer = read_clients(bus, &at, ret);
	dbus_message_unref(reply);
	if (answer) {
		free(ret->clients);
		ret->clients = NULL;
	}
	return answer;
}

static void read_listed(DBusMessageIter *at, struct gan_listed *ret)
{
	DBusMessageIter in;
	dbus_uint16_t id = 0;

	dbus_message_iter_recurse(at, &in);
	if (dbus_message_iter_get_arg_type(&in) == DBUS_TYPE_UINT16)
		dbus_message_iter_get_basic(&in, &id);
	dbus_message_iter_next(&in);
	ret->number = id;
	snprintf(ret->path, sizeof ret->path, "%s", next_string(&in));
}

static int read_list(struct gan_bus *bus, DBusMessage *reply, struct gan_listed **ret, uint32_t *ret_n)
{
	struct gan_listed *list = NULL, *more;
	DBusMessageIter at, in;
	uint32_t n = 0, room = 0;

	if (dbus_message_iter_init(reply, &at))
		dbus_message_iter_next(&at); /* the time */
	if (dbus_message_iter_get_arg_type(&at) != DBUS_TYPE_ARRAY)
		return say(bus, GAN_BUS_REFUSED, "ShowExports answers in another form than that of NFS-Ganesha 4");
	dbus_message_iter_recurse(&at, &in);
	for (; dbus_message_iter_get_arg_type(&in) == DBUS_TYPE_STRUCT; dbus_message_iter_next(&in)) {
		if (n == room) {
			room = room ? room * 2 : 64;
			more = realloc(list, room * sizeof *more);
			if (!more) {
				free(list);
				return say(bus, GAN_BUS_NOMEM, "no memory");
			}
			list = more;
		}
		read_listed(&in, &list[n++]);
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

int gan_bus_show(struct gan_bus *bus, struct gan_listed **ret, uint32_t *ret_n)
{
	DBusMessage *reply;
	int answer;

	*ret = NULL;
	*ret_n = 0;
	answer = make(bus, manager_call(bus, "ShowExports", DBUS_TYPE_INVALID), DBUS_TIMEOUT_INFINITE, &reply);
	if (answer)
		return answer;
	answer = read_list(bus, reply, ret, ret_n);
	dbus_message_unref(reply);
	return answer;
}
