# tests/real/smb_locks.py - an SMB 2.1 client that locks ranges of a file and writes two in turn, which smbclient cannot
"""
smb_locks.py SERVER SHARE USER; commands on its input, a line for each answer: "ok ..." or "failed WHAT: 0xSTATUS".

open FILE, open-ro FILE (what is there, to read), open-alone FILE (nobody else shall): "ok oplock N", the one it got; lock, share, unlock, read OFFSET LENGTH;
write OFFSET TEXT; close. A lock that cannot be had at once is refused; wait OFFSET LENGTH waits for it.

pairs FILE FILE: without an end a record to the one and then to the other, each when the one before was acknowledged; "acked N"
when so many are in both.
"""
import hashlib
import hmac
import itertools
import os
import socket
import struct
import sys

PORT = 4450
NT_HASH = bytes.fromhex("878d8014606cda29677a44efa1353fc7")  # of the password that every user of the tests has, "secret"
NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, CLOSE, READ, WRITE, LOCK = 0, 1, 3, 5, 6, 8, 9, 10
BATCH = 9  # the most that a client can ask for, to keep what it reads and writes to itself
RECORD, SELDOM = 1024, 10  # its words must not fill the pipe while nobody reads them
PENDING, MORE = 0x103, 0xC0000016
NTLM_FLAGS = 0x00088205  # UTF-16, target, NTLM, always sign, extended session security


class Refused(Exception):
    """The server's status."""


class Client:
    def __init__(self, server):
        self.socket = socket.create_connection((server, PORT), 20)
        self.message = self.session = self.tree = 0

    def take(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def ask(self, command, body, fine=(0,)):
        """The answer with its header, which offsets count from, and its status."""
        header = struct.pack("<4sHHIHHIIQIIQ16x", b"\xfeSMB", 64, 1, 0, command, 31, 0, 0, self.message, 0, self.tree, self.session)
        self.socket.sendall(struct.pack(">I", len(header + body)) + header + body)
        status = PENDING
        while status == PENDING:
            answer = self.take(struct.unpack(">I", self.take(4))[0])
            status, mine, tree, session = struct.unpack_from("<8xI12xQ4xIQ", answer)
            if mine != self.message:
                status = PENDING  # of nothing that was asked
        self.message += 1
        if status not in fine:
            raise Refused(status)
        self.session = session or self.session
        if command == TREE_CONNECT:
            self.tree = tree
        return answer

    # ---- who it is ----

    def say_token(self, token, fine):
        answer = self.ask(SESSION_SETUP, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token, fine)
        at, n = struct.unpack_from("<HH", answer, 68)
        return answer[at : at + n]

    def introduce(self, user):
        self.ask(NEGOTIATE, struct.pack("<HHHHI16sQH", 36, 1, 1, 0, 0, os.urandom(16), 0, 0x0210))
        challenge = self.say_token(struct.pack("<8sII16x", b"NTLMSSP\0", 1, NTLM_FLAGS), (MORE,))
        n, at = struct.unpack_from("<H2xI", challenge, 40)
        blob = struct.pack("<BB6xQ8s4x", 1, 1, 0, os.urandom(8)) + challenge[at : at + n] + bytes(4)
        key = hmac.new(NT_HASH, user.upper().encode("utf-16le"), hashlib.md5).digest()
        proof = hmac.new(key, challenge[24:32] + blob, hashlib.md5).digest()
        parts = [bytes(24), proof + blob, b"", user.encode("utf-16le"), b"", b""]  # LM, NT, domain, user, machine, session key
        fields, at = b"", 64
        for part in parts:
            fields += struct.pack("<HHI", len(part), len(part), at)
            at += len(part)
        self.say_token(struct.pack("<8sI", b"NTLMSSP\0", 3) + fields + struct.pack("<I", NTLM_FLAGS) + b"".join(parts), (0,))

    def connect(self, server, share):
        path = f"\\\\{server}\\{share}".encode("utf-16le")
        self.ask(TREE_CONNECT, struct.pack("<HHHH", 9, 0, 72, len(path)) + path)

    # ---- a file ----

    def open(self, name, access, shared, how):
        name = name.encode("utf-16le")
        body = struct.pack("<HBBIQQIIIIIHHII", 57, 0, BATCH, 2, 0, 0, access, 0x80, shared, how, 0x40, 120, len(name), 0, 0)
        answer = self.ask(CREATE, body + name)
        self.file = answer[128:144]
        return f"oplock {answer[66]}"

    def lock(self, at, n, flags):
        self.ask(LOCK, struct.pack("<HHI16sQQII", 48, 1, 0, self.file, at, n, flags, 0))

    def read(self, at, n):
        answer = self.ask(READ, struct.pack("<HBBIQ16sIIIHHB", 49, 80, 0, n, at, self.file, 0, 0, 0, 0, 0, 0))
        from_, n = answer[66], struct.unpack_from("<I", answer, 68)[0]
        return answer[from_ : from_ + n].decode()

    def write(self, at, text):
        self.write_bytes(at, text.encode())

    def write_bytes(self, at, data):
        self.ask(WRITE, struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), at, self.file, 0, 0, 0, 0, 0) + data)

    def pairs(self, *names):
        files = []
        for name in names:
            self.open(name, READ_WRITE, ANYBODY, OR_NEW)
            files.append(self.file)
        for n in itertools.count():
            for self.file in files:
                self.write_bytes(n * RECORD, struct.pack("<I", n) * (RECORD // 4))
            if n % SELDOM == SELDOM - 1:
                print("acked", n + 1, flush=True)

    def close(self):
        self.ask(CLOSE, struct.pack("<HHI16s", 24, 0, 0, self.file))


READ_WRITE, READ_ONLY = 0x12019F, 0x120089
ANYBODY, NOBODY = 7, 0
IF_THERE, OR_NEW = 1, 3
SHARED, EXCLUSIVE, UNLOCK, AT_ONCE = 1, 2, 4, 0x10


def obey(client, verb, *args):
    if verb == "open":
        return client.open(args[0], READ_WRITE, ANYBODY, OR_NEW)
    elif verb == "open-ro":
        return client.open(args[0], READ_ONLY, ANYBODY, IF_THERE)
    elif verb == "open-alone":
        return client.open(args[0], READ_WRITE, NOBODY, OR_NEW)
    elif verb == "lock":
        client.lock(int(args[0]), int(args[1]), EXCLUSIVE | AT_ONCE)
    elif verb == "wait":
        client.lock(int(args[0]), int(args[1]), EXCLUSIVE)
    elif verb == "share":
        client.lock(int(args[0]), int(args[1]), SHARED | AT_ONCE)
    elif verb == "unlock":
        client.lock(int(args[0]), int(args[1]), UNLOCK)
    elif verb == "read":
        return client.read(int(args[0]), int(args[1]))
    elif verb == "write":
        client.write(int(args[0]), args[1])
    elif verb == "pairs":
        client.pairs(*args)
    elif verb == "close":
        client.close()
    else:
        sys.exit(2)
    return verb


def answer(what, call, *args):
    try:
        print("ok", call(*args), flush=True)
    except Refused as status:
        print(f"failed {what}: 0x{status.args[0]:08x}", flush=True)
    except (EOFError, OSError) as why:
        print(f"failed {what}: no connection: {why!r}", flush=True)


def begin(server, share, user):
    client.append(Client(server))
    client[0].introduce(user)
    client[0].connect(server, share)
    return "connected"


client = []
answer("connect", begin, *sys.argv[1:])
for line in sys.stdin:
    answer(line.split()[0], obey, client[0], *line.split())
