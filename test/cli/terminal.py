"""Runs a program on a pseudo-terminal: prints what it shows, types what standard input says, ends as it ends."""

import os
import pty
import select
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
sources = [terminal, 0]
while True:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:  # Linux says so when the program has ended
            data = b""
        if source == 0:
            if data:
                os.write(terminal, data)
            else:
                sources.remove(0)
        elif data:
            os.write(1, data)
        else:
            status = os.waitpid(pid, 0)[1]
            sys.exit(os.waitstatus_to_exitcode(status) % 256)
