"""A pseudo-terminal for a program. argv: the program. Orders on stdin and facts on stdout, one JSON object a line.

Orders: {"type": TEXT}, {"resize": [ROWS, COLUMNS]}, {"modes": true}, {"hangup": true}
Facts:  {"pid": N}, {"output": TEXT}, {"modes": {"echo": BOOL, "canonical": BOOL, "signals": BOOL}}, {"exit": CODE_OR_MINUS_SIGNAL}
"""
import fcntl, json, os, pty, select, signal, struct, sys, termios


def tell(**fact):
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def modes(fd):
    flags = termios.tcgetattr(fd)[3]
    return {
        "echo": bool(flags & termios.ECHO),
        "canonical": bool(flags & termios.ICANON),
        "signals": bool(flags & termios.ISIG),
    }


pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
tell(pid=pid)
orders = b""
ended = False
while True:
    sources = [0] + ([master] if master is not None else [])
    ready, _, _ = select.select(sources, [], [], 0.02)
    if master is not None and master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        if data:
            tell(output=data.decode("utf8", "replace"))
        elif ended:
            ready = [fd for fd in ready if fd != master]
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            break
        orders += data
        while b"\n" in orders:
            line, orders = orders.split(b"\n", 1)
            order = json.loads(line)
            if "type" in order:
                os.write(master, order["type"].encode())
            if "resize" in order:
                fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *order["resize"], 0, 0))
            if "modes" in order:
                tell(modes=modes(master))
            if "hangup" in order:
                os.close(master)
                master = None
    if not ended:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            ended = True
            tell(exit=-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
if not ended:
    os.kill(pid, signal.SIGKILL)
