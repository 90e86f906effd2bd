"""Runs in a process of a Python program that is kept warm, before anything else of it.

It records what a run loads, loads packages on trial, or holds the next run. Whatever goes wrong here, a run goes on as it
would without it, and a program whose time has not come ends. Only modules that every Python has loaded by now are used: the
program is to find no other ones.
"""

import sys


def escaped(text):
    return "".join(c if " " <= c and c not in '"\\' and not "\ud800" <= c <= "\udfff" else "\\u%04x" % ord(c) for c in text)


def json(value):
    if isinstance(value, str):
        return '"%s"' % escaped(value)
    if isinstance(value, dict):
        return "{%s}" % ",".join(json(str(key)) + ":" + json(each) for key, each in value.items())
    if isinstance(value, (list, tuple, set)):
        return "[%s]" % ",".join(json(each) for each in value)
    return "null" if value is None else str(int(value))


def values(text):
    return eval(text, {"__builtins__": {}, "true": True, "false": False, "null": None})


def whole(file):
    with open(file, "rb") as stream:
        return stream.read()


def readable(library):
    """What of a library its code can read as text: not that code, nor what is for debuggers. Two letters stand in those by chance."""

    def number(at, size):
        return int.from_bytes(library[at:at + size], sys.byteorder)

    if library[:5] != b"\x7fELF\x02":
        return library
    # One that is cut off, or is no library beyond its first bytes.
    if number(60, 2) <= number(62, 2):
        return library
    sections = [number(40, 8) + each * number(58, 2) for each in range(number(60, 2))]
    parts = []
    for at in sections:
        kind, flags, start, size = number(at + 4, 4), number(at + 8, 8), number(at + 24, 8), number(at + 32, 8)
        name = number(sections[number(62, 2)] + 24, 8) + number(at, 4)
        # What has no bytes in the file; what is not in memory, or is code; how a stack is unwound.
        if kind != 8 and flags & 2 and not flags & 4 and not library.startswith((b".eh_frame", b".gcc_except_table"), name):
            parts.append(library[start:start + size])
    return b"\0".join(parts) or library


Module = type(sys)


def inside(module):
    """What is in a module, also in one that is lazy; nothing in what only says that it is one (the libraries of cffi)."""
    return Module.__getattribute__(module, "__dict__") if issubclass(type(module), Module) else {}


class Gate:
    def __init__(self, os, posix, order):
        self.os = os
        self.posix = posix
        self.order = order
        self.stdlib = os.path.realpath(os.path.dirname(os.__file__)) + "/"
        self.known_own = {}

    def is_own(self, file):
        """Everything whose real path is neither in the directory of a package nor in Python's own library."""
        if not file or file.startswith("<") or file in ("built-in", "frozen"):
            return False
        own = self.known_own.get(file)
        if own is None:
            real = self.os.path.realpath(file)
            own = "/site-packages/" not in real and "/dist-packages/" not in real and not real.startswith(self.stdlib)
            self.known_own[file] = own
        return own

    def write(self, file, value):
        """Whole or not at all."""
        with open(file + "~", "w", encoding="utf-8") as stream:
            stream.write(json(value))
        self.posix.rename(file + "~", file)

    def put_program_in_front(self):
        """As the program itself will have it: a package may keep what it finds there."""
        if self.order["place"] is not None:
            sys.path.insert(0, self.order["place"])

    def take_program_away(self):
        if self.order["place"] is not None and sys.path and sys.path[0] == self.order["place"]:
            del sys.path[0]
        for place in list(sys.path_importer_cache):
            if self.is_own(place + "/x"):
                del sys.path_importer_cache[place]


WATCHED = (
    "builtins", "os", "io", "time", "socket", "ssl", "select", "selectors", "threading", "_thread", "queue", "subprocess",
    "json", "random", "datetime", "asyncio", "http.client", "urllib.request", "importlib", "functools", "pickle", "uuid",
    "logging",
)


def state_of_logging():
    """What somebody has set of it: what logs while it is loaded, or asks how that is done, finds it."""
    root = inside(sys.modules.get("logging")).get("root")
    found = set()
    if root is None:
        return found
    for name, each in [("", root), *list(root.manager.loggerDict.items())]:
        said = getattr(each, "__dict__", {})
        level, filters = said.get("level", 0), said.get("filters")
        if level != (30 if each is root else 0):
            found.add((name, level))
        if filters:
            found.add((name, "filters", len(filters)))
        found.update((name, type(handler).__name__) for handler in said.get("handlers", ()) if type(handler).__name__ != "NullHandler")
    if root.manager.disable:
        found.add(("all", root.manager.disable))
    return found


def filters_of_warnings():
    return list(inside(sys.modules.get("_warnings")).get("filters", ()))


def disabled_loggers():
    if "logging.config" not in sys.modules:
        return []
    return [name for name, each in list(sys.modules["logging"].root.manager.loggerDict.items()) if getattr(each, "disabled", False)]


built_in_modules = {}


def built_in(name):
    """A module that is built in, of which the program finds no trace. `None`: it is none here."""
    if name not in sys.builtin_module_names:
        return sys.modules.get(name)
    if name not in built_in_modules:
        is_there = name in sys.modules
        built_in_modules[name] = __import__(name)
        if not is_there:
            del sys.modules[name]
    return built_in_modules[name]


def locale_now():
    locale = built_in("_locale")
    return None if locale is None else locale.setlocale(locale.LC_ALL, None)


def name_of(value):
    """Without an address."""
    kind = type(value)
    return "%s.%s" % (getattr(value, "__module__", kind.__module__), getattr(value, "__qualname__", kind.__qualname__))


def pattern_of(value):
    return getattr(value, "pattern", value)


def said_of(logger):
    """What has been set of a logger; `None`: nothing. What hears nothing does not count."""
    handlers = [name_of(each) for each in getattr(logger, "handlers", ()) if type(each).__name__ != "NullHandler"]
    said = (getattr(logger, "level", 0), handlers, getattr(logger, "propagate", True), getattr(logger, "disabled", False))
    return None if said == (0, [], True, False) else repr(said)


def said_of_context(context):
    traps = [each.__name__ for each, is_set in context.traps.items() if is_set]
    return repr((context.prec, context.rounding, context.Emin, context.Emax, traps))


def default_of(setting):
    """Of what is first seen when a module is there."""
    if setting == "how decimal numbers are computed":
        return said_of_context(sys.modules["_decimal"].DefaultContext)
    return {
        "the timeout of sockets": "None",
        "the longest field that is read": "131072",
        "how loops are made": name_of(None),
        "what is called for errors in threads": name_of(getattr(built_in("_thread"), "_excepthook", None)),
    }.get(setting)


def settings_of(name):
    """What is set in the process as a whole, by one module of Python: whoever sets it last has set it."""
    module = inside(sys.modules.get(name))
    if name == "sys":
        digits = getattr(sys, "get_int_max_str_digits", None)
        return {
            "the limit of recursion": repr(sys.getrecursionlimit()),
            "the interval between threads": repr(sys.getswitchinterval()),
            "the longest number that is read": repr(digits and digits()),
            "where modules are looked for": repr(list(sys.path)),
            "what is called for errors": repr([name_of(each) for each in (sys.excepthook, sys.displayhook, sys.unraisablehook)]),
        }
    if name == "gc":
        gc = built_in("gc")
        return {"when memory is looked through": repr((gc.isenabled(), gc.get_threshold()))}
    if name == "warnings":
        shown = [(each[0], pattern_of(each[1]), name_of(each[2]), pattern_of(each[3]), each[4]) for each in filters_of_warnings()]
        return {"which warnings are shown": json(["%s %r" % (each[0], each[1:]) for each in shown])}
    if not module or getattr(module.get("__spec__"), "_initializing", False):
        return {}
    if name == "sentry_sdk":
        return {"whether sentry_sdk looks on": repr("get_client" not in module or module["get_client"]().is_active())}
    if name == "socket":
        return {"the timeout of sockets": repr(module["getdefaulttimeout"]())}
    if name == "threading":
        # Not how large their stacks are: whoever asks for that sets it.
        return {"what is called for errors in threads": name_of(module.get("excepthook"))}
    if name == "csv":
        return {"the longest field that is read": repr(module["field_size_limit"]())}
    if name == "asyncio.events":
        return {"how loops are made": name_of(module.get("_event_loop_policy"))}
    if name == "_decimal":
        return {"how decimal numbers are computed": said_of_context(module["getcontext"]())}
    if name == "logging":
        root = module["root"]
        loggers = [("", root), *sorted(root.manager.loggerDict.items())]
        return {"what is logged by " + (each or "the root"): said_of(logger) for each, logger in loggers if said_of(logger) is not None}
    return {}


FOR_ALL = ("sys", "gc", "socket", "threading", "csv", "asyncio.events", "_decimal")


def settings_now(names=(*FOR_ALL, "warnings", "logging", "sentry_sdk")):
    found = {}
    for name in names:
        try:
            found.update(settings_of(name))
        except Exception:
            # A program may have put anything there.
            pass
    return found


class Surroundings:
    """Functions and classes that others are known to replace, and what is built in."""

    def __init__(self, gate):
        self.gate = gate
        self.seen = {}
        self.streams = [(name, getattr(sys, name, None)) for name in ("stdin", "stdout", "stderr")]
        self.locale = locale_now()
        self.encoding = getattr(sys.stdout, "encoding", None)

    def is_own(self, value):
        of = sys.modules.get(getattr(value, "__module__", None) or "")
        return of is not None and self.gate.is_own(inside(of).get("__file__"))

    def differences(self):
        replaced, added = [], []
        for name, stream in self.streams:
            if getattr(sys, name, None) is not stream:
                replaced.append("sys." + name)
        if locale_now() != self.locale:
            replaced.append("the locale")
        if getattr(sys.stdout, "encoding", None) != self.encoding:
            replaced.append("the encoding of sys.stdout")
        for name in WATCHED:
            module = sys.modules.get(name)
            if module is None:
                continue
            now = inside(module)
            before = self.seen.get(name)
            if before is None:
                if not getattr(now.get("__spec__"), "_initializing", False):
                    self.seen[name] = {
                        key: value for key, value in now.items() if callable(value) or name == "builtins"
                    }
                    # It may have been replaced as soon as it was there.
                    replaced.extend(name + "." + key for key, value in self.seen[name].items() if self.is_own(value))
                continue
            for key, value in before.items():
                if now.get(key) is not value and not key.endswith("excepthook"):
                    replaced.append(name + "." + key)
            if name == "builtins":
                added.extend(key for key in now if key not in before and key != "_")
        return replaced, added


def module_of(frame):
    """The module whose code the import system is about to run; `None`: something else runs code."""
    if frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        return None
    if frame.f_code.co_name == "exec_module":
        return ()
    words = frame.f_locals.get("args")
    if frame.f_code.co_name != "_call_with_frames_removed" or not words or len(words) < 2:
        return None
    return words[1]


HARMLESS_FINDERS = ("_distutils_hack", "_virtualenv", "six", "pkg_resources.extern", "setuptools.extern", "importlib.")


def recorder(gate, loaded):
    """Notes what the run loads, and what its own code does to what is loaded after it, until the run is asked.

    What takes time is done here; to be called when the run begins.
    """
    os, posix, order = gate.os, gate.posix, gate.order
    file, pid, getpid, getframe = order["recording"]["answer"], posix.getpid(), posix.getpid, sys._getframe
    flags = posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT | posix.O_CLOEXEC
    buffer, names, asked_for, known_finders, begun = [], set(), set(), set(map(id, sys.meta_path)), []
    last = {"path": None, "hooks": len(sys.path_hooks)}
    surroundings = Surroundings(gate)
    surroundings.differences()
    filters, configured, disabled = filters_of_warnings(), set(), set()
    moments, begin, logged = {}, settings_now(FOR_ALL), state_of_logging()

    def look_at_settings():
        for name, now in settings_now(FOR_ALL).items():
            # Python itself sets the path, after this.
            if name not in configured and name != "where modules are looked for" and now != begin.get(name, default_of(name)):
                configured.add(name)
                buffer.append(("f", name))

    def note_settings(moment):
        """At a moment that a cold run and one that was let in both have: what is set by then is to be the same."""
        if moments.setdefault(moment, 0) == 0:
            moments[moment] = 1
            look_at_settings()
            buffer.append(("t", moment, settings_now()))

    def flush():
        # One that is still being loaded is there as well.
        buffer.extend(("x", name) for name in begun if name not in sys.modules)
        begun[:] = [name for name in begun if getattr(inside(sys.modules.get(name)).get("__spec__"), "_initializing", False)]
        write(taken())

    def taken():
        text = "".join(json(line) + "\n" for line in buffer)
        del buffer[:]
        return text.encode("utf-8")

    def write(text):
        # Opened each time: a program may close descriptors that it does not know.
        descriptor = posix.open(file, flags, 0o600)
        try:
            posix.write(descriptor, text)
        finally:
            posix.close(descriptor)

    def put(*line):
        buffer.append(line)
        flush()

    def is_logged_otherwise():
        """By the program, or by what it has loaded by now: not by what was loaded in advance."""
        return "logging" not in configured and bool(state_of_logging() - logged)

    def look(meta_path):
        for finder in meta_path:
            if id(finder) in known_finders:
                continue
            known_finders.add(id(finder))
            of = finder if isinstance(finder, type) else type(finder)
            if not str(of.__module__).startswith(HARMLESS_FINDERS) and not of.__module__.startswith("__editable__"):
                buffer.append(("h", "%s.%s" % (of.__module__, of.__qualname__)))
        if len(sys.path_hooks) != last["hooks"]:
            last["hooks"] = len(sys.path_hooks)
            buffer.append(("h", "sys.path_hooks"))
        replaced, added = surroundings.differences()
        if replaced:
            buffer.append(("r", replaced))
        if added:
            buffer.append(("a", added))
        for name, has_changed in (("logging", is_logged_otherwise()), ("warnings", filters_of_warnings() != filters)):
            if has_changed and name not in configured:
                configured.add(name)
                buffer.append(("f", name))

    def look_at_loggers():
        more = set(disabled_loggers()) - disabled
        if more:
            disabled.update(more)
            buffer.append(("d", sorted(more)))

    def on_import(args):
        name, native, path, meta_path = args[:4]
        if native is not None:
            if gate.is_own(native):
                put("o", name, native)
            else:
                buffer.append(("m", name, native))
            return
        top = name.partition(".")[0]
        if top not in names:
            names.add(top)
            buffer.append(("n", top))
        if path is not None and path != last["path"]:
            last["path"] = list(path)
            buffer.append(("p", [place for place in path if isinstance(place, str)]))
        if gate.is_own(getframe(2).f_code.co_filename):
            # What is asked for again and again, and never there, costs a program little.
            if name in asked_for:
                return
            asked_for.add(name)
            if meta_path is not None:
                look(meta_path)
            look_at_settings()
            look_at_loggers()

    def on_exec(args):
        code = args[0]
        if getattr(code, "co_name", None) != "<module>" or code.co_filename.startswith("<"):
            return
        module = module_of(getframe(2))
        if module is None:
            if gate.is_own(code.co_filename):
                put("o", "", code.co_filename)
            return
        name = module.get("__name__")
        origin = getattr(module.get("__spec__"), "origin", None) or code.co_filename
        if gate.is_own(origin):
            note_settings(name)
            put("o", name, origin)
        else:
            buffer.append(("m", name, origin))
            begun.append(name)

    def is_of_python(file):
        return file.startswith("<frozen ") or os.path.realpath(file).startswith(gate.stdlib) and "/site-packages/" not in file

    def on_variable(args):
        # By a package that is being loaded: that is seen on trial.
        frame = getframe(2)
        while frame is not None and not gate.is_own(frame.f_code.co_filename):
            if frame.f_code.co_name == "<module>" and not frame.f_code.co_filename.startswith("<"):
                if frame.f_globals.get("__name__") != "__main__":
                    return
            frame = frame.f_back
        put("e", os.fsdecode(args[0]))
        if os.fsdecode(args[0]) == "TZ":
            setter = getframe(2)
            while setter is not None and is_of_python(setter.f_code.co_filename):
                setter = setter.f_back
            # Django sets that of its settings in this way, always to the same.
            if setter is None or not setter.f_code.co_filename.endswith("/django/conf/__init__.py"):
                put("r", ["the time zone"])

    def on_move(args):
        # gunicorn goes to where it is.
        if not os.path.samestat(posix.stat(args[0]), posix.stat(".")):
            put("c")

    def on_bind(args):
        look_at_loggers()
        # Packages try whether there is IPv6 by a port that the system chooses, as they are loaded.
        if not isinstance(args[1], tuple) or args[1][1] != 0:
            note_settings("bind")

    handlers = {
        "import": on_import,
        "exec": on_exec,
        "os.putenv": on_variable,
        "os.unsetenv": on_variable,
        "os.chdir": on_move,
        "os.fchdir": on_move,
        "sys.settrace": lambda args: put("h", "sys.settrace"),
        "sys.setprofile": lambda args: put("h", "sys.setprofile"),
        "socket.bind": on_bind,
    }

    def hook(event, args):
        handle = handlers.get(event)
        if handle is None or getpid() != pid:
            return
        try:
            handle(args)
            # At once: of what is loaded last, nothing would tell when it is.
            if buffer:
                flush()
        except Exception:
            # As without us.
            pass

    buffer.append(("k", loaded))
    buffer.extend(("x", name) for name in (order["failed"] if loaded else []))
    buffer.append(("s", [place for place in sys.path if isinstance(place, str)]))
    text = taken()

    def start():
        write(text)
        sys.addaudithook(hook)

    return start


SPAWNS = ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn")
WRITES = (
    "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.utime", "os.chmod", "os.chown",
    "os.lockf", "os.setxattr", "shutil.copyfile", "shutil.move", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp",
)
ASKS = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostname", "socket.gethostbyaddr", "socket.sendto",
    "sqlite3.connect", "urllib.Request", "webbrowser.open", "builtins.input", "os.kill", "os.killpg", "signal.pthread_kill", "syslog.syslog",
)
HOOKS = ("sys.settrace", "sys.setprofile", "sys.addaudithook")
ASKED = {
    "sys": {
        "the limit of recursion": ("getrecursionlimit", "setrecursionlimit"),
        "the interval between threads": ("getswitchinterval",),
        "the longest number that is read": ("get_int_max_str_digits",),
    },
    "gc": {"when memory is looked through": ("isenabled", "get_threshold", "disable", "enable", "set_threshold")},
    "posix": {None: ("umask",)},
    "os": {None: ("umask",)},
    "faulthandler": {None: ("is_enabled", "enable")},
    "socket": {"the timeout of sockets": ("getdefaulttimeout",)},
    "csv": {"the longest field that is read": ("field_size_limit",)},
    "threading": {None: ("stack_size",)},
    "_thread": {None: ("stack_size",)},
    "logging": {None: ("getLevelName", "getLevelNamesMapping")},
    "signal": {None: ("getsignal",)},
    "inspect": {None: ("stack", "getouterframes")},
    # A server may load the program from within its loop.
    "asyncio": {None: ("get_running_loop", "_get_running_loop", "get_event_loop", "get_event_loop_policy", "current_task")},
    "asyncio.events": {None: ("get_running_loop", "_get_running_loop", "get_event_loop", "get_event_loop_policy")},
    "_asyncio": {None: ("get_running_loop", "_get_running_loop", "get_event_loop")},
    "traceback": {None: ("walk_stack", "extract_stack")},
}
METADATA = ("/importlib/metadata/__init__.py", "/importlib/metadata.py", "/importlib_metadata/__init__.py")
LOOKS = (
    "__getitem__", "__iter__", "__len__", "__contains__", "__reversed__", "__add__", "__mul__", "__eq__", "__ne__", "__repr__",
    "copy", "count", "index", "pop",
)


def watched_list(values, look):
    """One that tells when somebody looks into it."""

    class Watched(list):
        pass

    for name in LOOKS:

        def looked(self, *args, original=getattr(list, name)):
            look()
            return original(self, *args)

        setattr(Watched, name, looked)
    return Watched(values)


def installed_in(os, place):
    """Names of packages of which somebody finds there that they are installed, as far as they tell two of them apart."""
    try:
        names = os.listdir(place or ".")
    except OSError:
        return set()
    return {
        name.rpartition(".")[0].partition("-")[0].lower().replace("_", "").replace(".", "")
        for name in names
        if name.endswith((".dist-info", ".egg-info"))
    }


def try_all(gate):
    """Which modules read what differs from run to run, or leave what the program itself would have to make.

    What a module does while it is loaded is held against everything that is loading at that moment.
    """
    os, posix, order = gate.os, gate.posix, gate.order
    known = {name: origin for name, origin in order["entries"]}
    left_before, left, seen = set(order["left"]), {}, set()
    state = {"entry": None}
    variables = set(order["variables"])
    cwd = os.getcwd()
    places = [place + "/" for place in (cwd, order["place"]) if place and not place.startswith(sys.prefix + "/")]
    of_python = (gate.stdlib, sys.prefix + "/", sys.base_prefix + "/")
    failed = set(order["failed"])
    scratch = order["answer"] + "-printed"
    asked_for = set()
    # By the name of each logger.
    askers = {}
    # Where the program itself has modules looked for, once it has begun.
    added_places = []
    path_finder = sys.modules["_frozen_importlib_external"].PathFinder
    import _thread
    import signal

    getsignal = signal.getsignal
    begun = []

    def loading():
        """Found, and not loaded to its end."""
        begun[:] = [
            name for name in begun if getattr(inside(sys.modules.get(name)).get("__spec__"), "_initializing", False)
        ]
        return begun

    def blame(why):
        if state["entry"] is None:
            return
        for name in [*loading(), state["entry"]]:
            left.setdefault(name, why)

    def judge(path, is_only_asked=False):
        if isinstance(path, int) or state["entry"] is None or path is None:
            return
        file = os.path.abspath(os.fsdecode(path))
        if "/__pycache__/" in file:
            return
        if "/site-packages/" in file or "/dist-packages/" in file or file.startswith(of_python):
            seen.add(file)
        elif cwd.startswith(file + "/") or file == "/" or is_only_asked and is_on_the_way(file):
            # What the directories above really are says nothing of what is in them.
            pass
        elif file.startswith("/proc/") and not file.startswith("/proc/self/"):
            blame("reads " + file)
        elif any((file + "/").startswith(place) for place in places):
            if is_of_metadata(file):
                seen.add(file)
            elif not file.startswith(scratch):
                blame("reads " + file)
        elif not file.startswith(("/dev/", "/proc/", "/usr/")):
            # A home directory is another one with each file that comes or goes in it.
            seen.add(file + "/." if is_only_asked and is_directory(file) else file)

    def is_of_metadata(file):
        """What an editable installation leaves beside the sources: it changes when something is installed."""
        return any(part.endswith((".dist-info", ".egg-info")) for part in file.split("/"))

    def asks_what_is_installed(path, frame):
        """A place is looked through for names of packages: of what else comes and goes there, nothing counts."""
        if not frame.f_code.co_filename.endswith(METADATA) or os.fsdecode(path or ".") not in (*sys.path, "."):
            return False
        state["entry"], entry = None, state["entry"]
        more = set().union(*(installed_in(os, place) for place in added_places))
        if more:
            more -= set().union(*(installed_in(os, place) for place in sys.path))
        state["entry"] = entry
        if more:
            blame("asks what is installed, of which the program adds something")
        return True

    def is_on_the_way(file):
        """To the project, and to a virtual environment in it."""
        return any(place.startswith(file + "/") for place in (*places, *of_python))

    def is_directory(file):
        try:
            return posix.stat(file).st_mode & 0o170000 == 0o040000
        except OSError:
            return False

    def is_cache(path):
        try:
            return "__pycache__" in os.fsdecode(path)
        except TypeError:
            return False

    def on_open(args):
        path, mode, flags = args
        if isinstance(path, int) or path is None:
            return
        is_written = (isinstance(mode, str) and any(c in mode for c in "wax+")) or (
            isinstance(flags, int) and flags & (posix.O_WRONLY | posix.O_RDWR | posix.O_CREAT)
        )
        if not is_written:
            judge(path)
        elif not is_cache(path) and os.fsdecode(path) not in ("/dev/null", scratch):
            blame("writes " + os.fsdecode(path))

    def on_list(args):
        frame = sys._getframe(2)
        if not frame.f_code.co_filename.startswith("<frozen importlib"):
            path = args[0] if args and args[0] is not None else "."
            if isinstance(path, int) or not asks_what_is_installed(path, frame):
                judge(path)

    def on_library(args):
        if isinstance(args[0], (str, bytes)) and "/" in os.fsdecode(args[0]):
            judge(args[0])

    def on_bind(args):
        # Some try whether there is IPv6 in this way, and close it at once.
        if not (len(args) > 1 and isinstance(args[1], tuple) and len(args[1]) > 1 and args[1][1] == 0):
            blame("binds a socket")

    handlers = {
        "open": on_open,
        "os.listdir": on_list,
        "os.scandir": on_list,
        "socket.bind": on_bind,
        "ctypes.dlopen": on_library,
        "os.chdir": lambda args: blame("changes the working directory"),
        "_thread.start_new_thread": lambda args: blame("starts a thread"),
    }
    for names, why in ((SPAWNS, "starts a process"), (ASKS, "asks or tells others"), (HOOKS, "hooks into the interpreter")):
        for name in names:
            handlers[name] = lambda args, why="%s (%s)" % (why, name): blame(why)
    for name in WRITES:
        handlers[name] = lambda args, name=name: None if args and is_cache(args[0]) else blame("writes files (%s)" % name)

    def hook(event, args):
        if state["entry"] is None:
            return
        handle = handlers.get(event)
        if handle is not None:
            handle(args)

    def watched(name):
        if isinstance(name, bytes):
            name = os.fsdecode(name)
        return isinstance(name, str) and (name in variables or name.startswith("RELOAD_") or name == "PORT")

    def watch_environment():
        kind = type(os.environ)
        get, walk = kind.__getitem__, kind.__iter__

        def getitem(self, key):
            if watched(key):
                blame("reads " + os.fsdecode(key))
            return get(self, key)

        def iterate(self):
            blame("goes through all variables")
            return walk(self)

        def length(self):
            blame("counts the variables")
            return len(self._data)

        kind.__getitem__, kind.__iter__, kind.__len__ = getitem, iterate, length

    def watch_files():
        for name in ("stat", "lstat", "access", "readlink"):
            original = getattr(os, name)

            def asked(path, *args, original=original, **more):
                frame = sys._getframe(1)
                if not frame.f_code.co_filename.startswith("<frozen importlib") and (
                    isinstance(path, int) or not asks_what_is_installed(path, frame)
                ):
                    judge(path, True)
                return original(path, *args, **more)

            setattr(os, name, asked)

    def watch_threads():
        import threading

        for module in (_thread, threading):
            for name in ("start_new_thread", "_start_new_thread", "start_joinable_thread", "_start_joinable_thread"):
                original = inside(module).get(name)
                if original is None:
                    continue

                def start(*args, original=original, **more):
                    blame("starts a thread")
                    return original(*args, **more)

                setattr(module, name, start)

    def watch_settings():
        """What is asked for while a module is loaded may be another thing by then in a run."""
        for of, settings in ASKED.items():
            module = __import__(of) if of in sys.builtin_module_names else sys.modules.get(of)
            for name in (name for setting, names in settings.items() if setting is None or is_set(setting) for name in names):
                original = getattr(module, name, None)
                if original is None:
                    continue

                def asked(*args, original=original, name=name, **more):
                    blame("calls %s" % name)
                    return original(*args, **more)

                setattr(module, name, asked)

    def is_set(setting):
        """By the program, or by a package. Of warnings and of single loggers, only what comes of it is compared."""
        if setting == "what is logged by the root":
            return "logging" in order["configured"]
        return setting == "where modules are looked for" or setting in order["configured"]

    def has_computed():
        """Whether numbers were computed as the context says, which a program may set."""
        decimal = inside(sys.modules.get("_decimal"))
        if not decimal or not any(decimal["getcontext"]().flags.values()):
            return False
        decimal["getcontext"]().clear_flags()
        return True

    def on_words():
        """The words of the program stand in `sys.argv` only when it begins."""
        blame("reads sys.argv")

    def on_path():
        looker = sys._getframe(2).f_code.co_filename
        if not looker.startswith("<frozen importlib") and not looker.endswith(METADATA) and looker != __file__:
            blame("reads sys.path")

    def is_in_added(name):
        state["entry"], entry = None, state["entry"]
        found = path_finder.find_spec(name, added_places)
        state["entry"] = entry
        return found

    class Main(Module):
        def __getattribute__(self, name):
            if name not in ("__dict__", "__class__", "__spec__"):
                blame("asks for __main__")
            return Module.__getattribute__(self, name)

    class Finder:
        def find_spec(self, name, path=None, target=None):
            if state["entry"] is None:
                return None
            spec = None
            for finder in list(sys.meta_path):
                if finder is not self and hasattr(finder, "find_spec"):
                    spec = finder.find_spec(name, path, target)
                    if spec is not None:
                        break
            if spec is not None and spec.origin in ("built-in", "frozen"):
                return spec
            if path is None:
                asked_for.add(name)
                added = is_in_added(name)
                if added is not None and (spec is None or added.origin is not None):
                    blame("looks for %s, which is where the program has modules looked for" % name)
            if spec is None:
                return None
            locations = list(spec.submodule_search_locations or [])
            entry, state["entry"] = state["entry"], None
            is_own = gate.is_own(spec.origin) or any(gate.is_own(place + "/x") for place in locations)
            state["entry"] = entry
            if is_own:
                blame("loads a module of the project")
                raise ImportError("a module of the project", name=name)
            if name == order["module"] and not locations:
                blame("loads the program itself")
            if name in left_before or name in left:
                blame("loads " + name)
            elif name not in known and name not in failed and spec.origin is not None:
                blame("loads %s besides" % name)
            elif name in known and known[name] != spec.origin:
                blame("loads another file for " + name)
            begun.append(name)
            if name in asked_of_django:
                watch_loaded(spec.loader, asked_of_django[name])
            return spec

    def watch_loaded(loader, watch):
        load = loader.exec_module

        def exec_module(module):
            load(module)
            watch(inside(module))

        loader.exec_module = exec_module

    def watch_conf(names):
        """Whether it has been set up: only the program itself does that."""
        kind = names["LazySettings"]
        is_configured, set_up = kind.configured, kind._setup

        def configured(self):
            asker = sys._getframe(1)
            while asker.f_globals.get("__name__") == "django.utils.functional":
                asker = asker.f_back
            # It is stricter with receivers then. One that passes is connected in the same way.
            if asker.f_code.co_name != "connect" or asker.f_globals.get("__name__") != "django.dispatch.dispatcher":
                blame("asks for settings.configured")
            elif not asker.f_globals["func_accepts_kwargs"](asker.f_locals["receiver"]):
                blame("connects a receiver that debugging refuses")
            return is_configured.fget(self)

        def _setup(self, name=None):
            blame("asks for a setting")
            return set_up(self, name)

        kind.configured, kind._setup = property(configured), _setup

    def watch_apps(names):
        kind = names["Apps"]
        get = kind.__getattribute__

        def asked(self, name):
            if name in ("ready", "apps_ready", "models_ready"):
                blame("asks for apps." + name)
            return get(self, name)

        kind.__getattribute__ = asked

    asked_of_django = {"django.conf": watch_conf, "django.apps.registry": watch_apps}

    def watch_statements():
        """Also a module that is there already is asked for by whoever imports it."""
        import builtins

        original = builtins.__import__

        def __import__(name, globals=None, locals=None, fromlist=(), level=0):
            found = original(name, globals, locals, fromlist, level)
            if state["entry"] is not None and left:
                of = name
                if level > 0:
                    package = (globals or {}).get("__package__") or ""
                    for _ in range(level - 1):
                        package = package.rpartition(".")[0]
                    of = package + "." + name if name else package
                for each in [of, *(of + "." + part for part in fromlist or () if isinstance(part, str))]:
                    while each:
                        if each in left and not getattr(inside(sys.modules.get(each)).get("__spec__"), "_initializing", False):
                            blame("loads " + each)
                        each = each.rpartition(".")[0]
            return found

        builtins.__import__ = __import__

    native = {}

    def names_a_variable():
        """A part in machine code that knows a variable by name may read it unseen."""
        found = None
        for file in mapped() if variables else []:
            if file in native or is_of_library(file):
                continue
            is_in_package = "/site-packages/" in file or "/dist-packages/" in file
            try:
                text = readable(whole(file))
            except OSError:
                # Removed since it was loaded: what it knows cannot be seen any more.
                native[file] = "has machine code that is no longer there"
            else:
                # What is of the system is larger, and written in C: a name stands there by itself.
                native[file] = next(
                    (
                        "knows %s in its machine code" % name
                        for name in variables
                        if (name.encode() if is_in_package else b"\0%s\0" % name.encode()) in text
                    ),
                    None,
                )
            found = found or native[file]
        return found

    def mapped():
        """Libraries that are loaded, those of the system too, which come with others."""
        try:
            maps = whole("/proc/self/maps").decode("utf-8", "replace").splitlines()
        except OSError:
            return []
        files = {line[line.index("/"):] for line in maps if "/" in line}
        return sorted(file for file in files if file.endswith((".so", ".so (deleted)")) or ".so." in file)

    def is_of_library(file):
        """Python's own parts in machine code ask for no variables: short names stand in them as something else."""
        return "/lib-dynload/" in file and file.startswith((gate.stdlib, sys.base_prefix + "/"))

    def ask_logger(logger):
        if state["entry"] is not None:
            askers.setdefault(getattr(logger, "name", ""), set()).update([*loading(), state["entry"]])

    def judge_askers():
        """A package that asks what has been set of a logger by nobody but packages finds in advance what it would find in the run."""
        now = settings_now(("logging",)) if askers else {}
        for logger, names in askers.items():
            which = "what is logged by " + ("the root" if logger in ("", "root") else logger)
            if now.get(which) != order["logged"].get(which):
                for name in names:
                    left.setdefault(name, "asks how it is logged")

    def watch_method(kind, name, file):
        original = getattr(kind, name)

        def asked(self):
            if sys._getframe(1).f_code.co_filename != file:
                logger = self
                while logger is not None:
                    ask_logger(logger)
                    logger = getattr(logger, "parent", None)
            return original(self)

        setattr(kind, name, asked)

    def watch_attribute(kind, name, file):
        """Asked for by others than those who made it."""
        place = "watched " + name
        before = vars(kind).get(name)

        def get(self):
            if sys._getframe(1).f_code.co_filename not in (file, __file__):
                if name in ("level", "handlers"):
                    ask_logger(self)
                else:
                    blame("asks how it is logged")
            if before is not None:
                return before.__get__(self)
            return self.__dict__[place] if place in self.__dict__ else self.__dict__[name]

        def put(self, value):
            if before is not None:
                before.__set__(self, value)
            else:
                self.__dict__[place] = value

        setattr(kind, name, property(get, put))

    def watch_configured():
        """Where the program has set it up, what is said is heard."""
        for name in ("logging", "random", "warnings", "decimal", "socket", "threading", "csv", "inspect", "traceback", "asyncio"):
            if name in known and name not in left_before:
                __import__(name)
        logging, warnings = sys.modules.get("logging"), sys.modules.get("warnings")
        if logging is not None and "logging" in order["configured"]:
            is_enabled = logging.Logger.isEnabledFor

            def isEnabledFor(self, level):
                blame("logs")
                return is_enabled(self, level)

            logging.Logger.isEnabledFor = isEnabledFor
            for name in ("getEffectiveLevel", "hasHandlers"):
                watch_method(logging.Logger, name, logging.__file__)
            for of, name in (("Logger", "level"), ("Logger", "handlers"), ("Logger", "filters"), ("Manager", "disable")):
                watch_attribute(getattr(logging, of), name, logging.__file__)
        if warnings is not None and "warnings" in order["configured"]:
            warnings.simplefilter("always")
            warnings._showwarnmsg = lambda message: blame("warns")

    def watch_told():
        """Modules of Python's library in whose tables the program enters something: who asks them would find it."""
        for name in order["told"]:
            if name in known and name not in left_before:
                __import__(name)
            if name in sys.modules:
                watch_asked(name, sys.modules[name])
        # One that nobody knows, unless the program brings it.
        sys.modules["_codecs"].register(lambda name: blame("looks for the encoding " + name))

    def watch_asked(of, module):
        class Told(Module):
            def __getattribute__(self, key):
                value = Module.__getattribute__(self, key)
                if not key.startswith("__") and not callable(value) and not isinstance(value, Module):
                    blame("looks into %s, which the program tells something" % of)
                return value

        for name, original in list(inside(module).items()):
            if not callable(original) or isinstance(original, type) or name.startswith("__"):
                continue

            def asked(*args, original=original, **more):
                blame("asks %s, which the program tells something" % of)
                return original(*args, **more)

            setattr(module, name, asked)
        module.__class__ = Told

    def drawn():
        """How far whoever draws random numbers has come: a program may have set where they begin."""
        chance = inside(sys.modules.get("random")).get("_inst")
        of_numpy = inside(sys.modules.get("numpy.random.mtrand")).get("_rand")
        return (
            None if chance is None else chance.getstate(),
            None if of_numpy is None else repr(of_numpy.get_state()[1:3]),
        )

    def resources():
        context = inside(sys.modules.get("multiprocessing.context")).get("_default_context")
        if getattr(context, "_actual_context", None) is not None:
            blame("decides how processes are started")
        try:
            descriptors = len(posix.listdir("/proc/self/fd"))
        except OSError:
            descriptors = 0
        streams = [id(each) for each in (sys.stdout, sys.stderr, sys.stdin, sys.excepthook, sys.displayhook)]
        return _thread._count(), descriptors, [getsignal(number) for number in range(1, 32)], streams

    printed = posix.open(scratch, posix.O_WRONLY | posix.O_CREAT | posix.O_APPEND, 0o600)
    posix.dup2(printed, 1)
    posix.dup2(printed, 2)
    posix.close(printed)
    gate.put_program_in_front()
    added_places.extend(place for place in order["path"] if place not in sys.path)
    watch_statements()
    watch_environment()
    watch_files()
    watch_threads()
    surroundings = Surroundings(gate)
    surroundings.differences()
    watch_configured()
    watch_settings()
    watch_told()
    sys.argv = watched_list(sys.argv, on_words)
    if added_places:
        sys.path = watched_list(sys.path, on_path)
    sys.modules["__main__"] = Main("__main__")
    sys.meta_path.insert(0, Finder())
    sys.addaudithook(hook)
    names_a_variable()
    for name, origin in order["entries"]:
        before, finders, environment = resources(), len(sys.meta_path), dict(os.environ._data)
        chances, settings = drawn(), settings_now()
        state["entry"] = name
        why = None
        try:
            __import__(name)
            spec = inside(sys.modules[name]).get("__spec__")
            if spec is not None and spec.origin is not None and spec.origin != origin:
                why = "is another file"
        except BaseException as error:
            why = "does not load by itself (%s)" % str(error or type(error).__name__).split("\n")[0]
        if why is not None:
            blame(why)
        state["entry"] = None
        settings_after = settings_now()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        state["entry"] = name
        if posix.fstat(1).st_size > 0:
            blame("prints")
            posix.ftruncate(1, 0)
        if resources() != before:
            blame("leaves something behind")
        if any(now != then and then is not None for now, then in zip(drawn(), chances)):
            blame("draws random numbers")
        if is_set("how decimal numbers are computed") and has_computed():
            blame("computes decimal numbers")
        for setting, now in settings_after.items():
            if settings.get(setting, now) != now and is_set(setting):
                blame("sets " + setting)
        events = sys.modules.get("asyncio.events")
        if getattr(events, "_event_loop_policy", None) is not None:
            # Whoever asks next is to be seen as well.
            events._event_loop_policy = None
        if len(sys.meta_path) != finders and not all(
            str((each if isinstance(each, type) else type(each)).__module__).startswith(HARMLESS_FINDERS + ("__editable__", "_frozen", "sitecustomize"))
            for each in sys.meta_path
        ):
            blame("hooks the import system")
        if any(name in sys.modules for name in failed):
            blame("loads what the run could not load")
        if os.environ._data != environment:
            changed = [key for key in {*environment, *os.environ._data} if environment.get(key) != os.environ._data.get(key)]
            blame("sets " + os.fsdecode(changed[0]))
        known_in_code = names_a_variable()
        if known_in_code is not None:
            blame(known_in_code)
        state["entry"] = None
    judge_askers()
    replaced, added = surroundings.differences()
    gate.write(
        order["answer"],
        {
            "files": sorted(seen | set(files_loaded(gate)) | {file for file in mapped() if not file.endswith(" (deleted)")}),
            "left": left,
            "added": added,
            "replaced": replaced,
            "names": sorted(each for each in asked_for if "." not in each),
        },
    )


def files_loaded(gate):
    found = []
    for module in list(sys.modules.values()):
        spec = inside(module).get("__spec__")
        origin = getattr(spec, "origin", None)
        if isinstance(origin, str) and origin.startswith("/") and gate.order["answer"] not in origin:
            found.append(origin)
        elif origin is None and getattr(spec, "submodule_search_locations", None) is not None:
            # A directory without a file of its own is a package by what is in it.
            found.extend(place for place in list(spec.submodule_search_locations) if isinstance(place, str))
    return [file for file in found if file != __file__]


def hold(gate):
    """Loads packages, then waits at the door, before the first line of the program."""
    posix, order = gate.posix, gate.order

    class Guard:
        def find_spec(self, name, path=None, target=None):
            for finder in list(sys.meta_path):
                if finder is self or not hasattr(finder, "find_spec"):
                    continue
                spec = finder.find_spec(name, path, target)
                if spec is None:
                    continue
                if gate.is_own(spec.origin):
                    # Own code is never run before its time: something is another thing now.
                    posix.kill(posix.getpid(), 9)
                return spec
            return None

    loaded = []
    guard = Guard()
    gate.put_program_in_front()
    sys.meta_path.insert(0, guard)
    for name, origin in order["entries"]:
        # A save while it loads: what is left is loaded by the program itself.
        if gate.os.path.exists(order["letIn"]):
            break
        try:
            __import__(name)
        except BaseException:
            # It did load on trial: a process like this is not to be let in.
            posix.kill(posix.getpid(), 9)
        loaded.append((name, origin))
    sys.meta_path.remove(guard)
    gate.take_program_away()
    files = files_loaded(gate)
    # Not as text: for its encoding Python 3.9 would load a module that the program does not.
    posix.close(posix.open(order["answer"] + "-began", posix.O_WRONLY | posix.O_CREAT | posix.O_CLOEXEC, 0o600))
    took = posix.stat(order["answer"] + "-began").st_mtime * 1000 - order["startedMs"]
    start = recorder(gate, loaded)
    gate.write(order["answer"], {"files": files, "tookMs": max(0, took)})
    door = posix.open(order["door"], posix.O_RDONLY | posix.O_CLOEXEC)
    posix.read(door, 1)
    posix.close(door)
    let_in = values(whole(order["letIn"]).decode("utf-8"))
    for name in let_in["unset"]:
        gate.os.environ.pop(name, None)
    gate.os.environ.update(let_in["set"])
    logging = sys.modules.get("logging")
    if logging is not None and hasattr(logging, "_startTime"):
        # Counted from the start of the run.
        time = sys.modules["time"]
        logging._startTime = time.time_ns() if isinstance(logging._startTime, int) else time.time()
    return start


def is_program(os, order):
    """Wrappers in front of the program pass, and so does what it starts."""
    given = getattr(sys, "orig_argv", None)
    if given is None:
        given = [os.fsdecode(word) for word in whole("/proc/self/cmdline").split(b"\0")[:-1]]
    words = order["words"]
    if order["script"] is None:
        return given[1:] == words
    at = len(given) - len(words) - 1
    return at > 0 and given[at + 1:] == words and os.path.basename(given[at]) == order["script"]


def begin():
    os, posix = sys.modules["os"], sys.modules["posix"]
    here = os.path.dirname(__file__)
    sys.path[:] = [place for place in sys.path if place != here]
    sys.path_importer_cache.pop(here, None)
    if sys.version_info < (3, 9) or sys.implementation.name != "cpython":
        return None
    file = os.environ.get("RELOAD_GATE")
    if file is None:
        return None
    order = values(whole(file).decode("utf-8"))
    if not is_program(os, order):
        return None
    del os.environ["RELOAD_GATE"]
    if order["pythonPath"] is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = order["pythonPath"]
    return Gate(os, posix, order)


def serve(gate):
    mode, start = gate.order["mode"], None
    if mode == "record":
        start = recorder(gate, [])
    else:
        # Whatever goes wrong, the program does not begin before its time.
        try:
            start = hold(gate) if mode == "hold" else try_all(gate)
        finally:
            if start is None:
                gate.posix.kill(gate.posix.getpid(), 9)
    start()


def guarded(work, *args):
    try:
        return work(*args)
    except Exception:
        # As without us.
        return None


def hand_on():
    """To the user's own file of this name; where there is none, to its absence."""
    sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        return error
    return None


gate = guarded(begin)
absence = hand_on()
if gate is not None:
    guarded(serve, gate)
if absence is not None:
    raise absence
