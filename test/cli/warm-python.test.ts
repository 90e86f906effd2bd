/** Programs of Python: the next run is let in where it finds what a cold one finds, and starts cold where it would not. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { hasPython, inSite, keepPython, realPython as python, site, tail } from "./warm-python-rig.ts";
import { keep, second } from "./warm-rig.ts";

/** Everything of the process that a program can ask for, in the words of a program. */
const surroundings = `
import sys, os, signal, threading
from p import made
def look(main):
    files = [os.path.realpath("/proc/self/fd/" + each) for each in os.listdir("/proc/self/fd")]
    return {
        "argv": sys.argv, "original": getattr(sys, "orig_argv", None), "path": sys.path, "flags": str(sys.flags), "options": [str(sys._xoptions), sys.warnoptions, [str(each[:3]) for each in __import__("warnings").filters]], "cwd": os.getcwd(), "made": made,
        "modules": sorted(sys.modules), "finders": [str(type(each)) for each in sys.meta_path], "hooks": len(sys.path_hooks), "main": sorted(vars(main)),
        "file": getattr(main, "__file__", None), "environment": {key: value for key, value in os.environ.items() if key not in ("RELOAD_RUN", "RELOAD_CHANGED", "RELOAD_SESSION")},
        "threads": [threading.active_count(), len(os.listdir("/proc/self/task"))], "files": sorted(each.split(":")[0] for each in files if not each.startswith("/proc/")),
        "signals": [str(signal.getsignal(number)) for number in range(1, 32)], "in": sys.stdin.isatty(), "out": sys.stdout.isatty(), "umask": os.umask(0o22),
        "session": len(os.environ["RELOAD_SESSION"].split(":")), "trace": [sys.gettrace(), sys.getprofile()], "import": str(__builtins__["__import__"]),
        "group": os.getpgid(0) == os.getpid(), "nice": os.nice(0), "logged": __import__("logging").getLogger().name,
    }
`;

describe.runIf(hasPython)("a program of Python that is kept warm", () => {
  test.each([
    ["python FILE", [python, "-u", "app.py", "one", "--two"], {}],
    ["python with options", [python, "-X", "dev", "-X", "utf8", "-W", "ignore::ImportWarning", "app.py"], {}],
    ["python -m MODULE", [python, "-m", "own", "one"], { "own/__main__.py": `import app\n` }],
    [
      "a program that a package brings",
      ["bin/uvicorn", "app", "--port", "1"],
      {
        "bin/uvicorn": `#!${python}\nimport sys\nsys.path.insert(0, "")\nfrom server import run\nrun(sys.argv[1])\n`,
        ...inSite("server", "import importlib\ndef run(name): importlib.import_module(name)"),
      },
    ],
  ])("finds what a cold run finds: %s", async (_, args, more) => {
    await using kept = keepPython(
      {
        "app.py": `import sys\nimport look\nanswer = look.look(sys.modules["__main__"])\n${tail}`,
        "look.py": surroundings,
        ...inSite("p", "import json, logging, asyncio\nmade = 'by a package'\n"),
        ...more,
      },
      args,
    );
    const warm = await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    expect(warm).toEqual(await kept.answer(1));
    const { environment } = Object(warm);
    expect([environment.PYTHONPATH, environment.RELOAD_GATE]).toEqual([kept.project.path(site), undefined]);
  });

  /** Package → what it does while it is loaded, and what the second run has to find in it. */
  const moments: Readonly<Record<string, readonly [text: string, expected: unknown]>> = {
    of_variable: ["import os\nvalue = os.environ.get('LEVEL')", "own"],
    of_getenv: ["from os import getenv\nvalue = getenv('LEVEL', 'unset')", "own"],
    of_all: ["import os\nvalue = dict(os.environ).get('LEVEL')", "own"],
    of_number: ["import os\nvalue = os.environ['RELOAD_RUN']", "2"],
    of_words: ["import sys\nvalue = sys.argv[1]", "word"],
    of_main: ["import sys\nvalue = getattr(sys.modules['__main__'], 'NAME', None)", "own"],
    of_builtin: ["value = globals()['__builtins__'].get('MARK')", "own"],
    of_file: ["value = open('data.txt').read()", "new"],
    of_existence: ["import os\nvalue = os.path.exists('flag')", true],
    of_directory: ["import os\nvalue = 'flag' in os.listdir('.')", true],
    of_project: ["import data\nvalue = data.value", "new"],
    of_failure: ["import sys\nif 'setup' not in sys.modules: raise RuntimeError('not set up')\nvalue = 1", 1],
    of_caught: ["try:\n    import of_failure\n    value = 'there'\nexcept RuntimeError: value = 'missing'", "there"],
    of_other: ["from of_variable import value", "own"],
    of_later: ["import importlib\nvalue = importlib.import_module('of_variable').value", "own"],
    of_absent: ["try:\n    import of_absent.never\nexcept ImportError: pass\nvalue = 1", 1],
    of_thread: ["import threading\nthread = threading.Thread(target=lambda: 1)\nthread.start()\nvalue = 1", 1],
    of_process: ["import subprocess\nvalue = subprocess.check_output(['echo', '1']).decode()", "1\n"],
    of_socket: ["import socket\nkept = socket.socket()\nkept.bind(('127.0.0.1', 0))\nkept.listen()\nvalue = 1", 1],
    of_print: ["print('PRINTED')\nvalue = 1", 1],
    of_signal: ["import signal\nsignal.signal(signal.SIGUSR2, lambda *_: None)\nvalue = 1", 1],
    of_setting: ["import os\nos.environ['OF_PACKAGE'] = 'x'\nvalue = 1", 1],
    colorsys: ["value = 'of the package, or of Python'", "own"],
  };

  test("leaves to the run what is bound to its moment, and what loads that", async () => {
    const names = Object.keys(moments).filter((name) => name !== "colorsys");
    await using kept = keepPython(
      {
        "app.py": `import os, builtins, plain
NAME = builtins.MARK = os.environ["LEVEL"] = "own"
import setup
modules = list(__import__("sys").modules)
answer = {"plain": plain.value, "early": [name for name in modules[:modules.index("setup")] if name in ${JSON.stringify(Object.keys(moments))} + ["plain"]]}
for name in ${JSON.stringify([...names, "colorsys"])}:
    answer[name] = __import__(name).value
${tail}`,
        "setup.py": "",
        "colorsys.py": "value = 'own'",
        "data.py": "value = 'old'",
        "data.txt": "old",
        ...inSite("plain", "import json\nvalue = 1"),
        ...Object.assign({}, ...Object.entries(moments).map(([name, [text]]) => inSite(name, text))),
      },
      [python, "app.py", "word"],
    );
    await kept.answer(1);
    await kept.waits(2);
    // The standby itself has printed nothing.
    expect(kept.program.stdout.split("PRINTED")).toHaveLength(2);
    kept.project.write("data.py", "value = 'new'");
    kept.project.write("data.txt", "new");
    kept.project.write("flag", "");
    kept.save();
    expect(await kept.answer(2)).toEqual({
      plain: 1,
      // Nothing else was loaded in advance.
      early: ["plain", "of_absent"],
      ...Object.fromEntries(Object.entries(moments).map(([name, [, expected]]) => [name, expected])),
    });
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  /** What own code has set up before a package is loaded: own code, the package, what it has to find in it, and why it is cold. */
  test.each([
    [
      "random numbers",
      "import random\nrandom.seed(1)",
      "import random\nvalue = random.random()",
      0.13436424411240122,
      undefined,
    ],
    [
      "warnings that are errors",
      "import warnings\nwarnings.simplefilter('error')",
      "import warnings\ntry: warnings.warn('old', DeprecationWarning); value = 'quiet'\nexcept DeprecationWarning: value = 'raised'",
      "raised",
      undefined,
    ],
    [
      "who hears what is logged",
      "import logging\nseen = []\nclass H(logging.Handler):\n    def emit(self, record): seen.append(record.getMessage())\nlogging.basicConfig(level=10, handlers=[H()])\nlogging.seen = seen",
      "import logging\nlogging.getLogger('x').info('loading')\nvalue = getattr(logging, 'seen', [])[-1:]",
      ["loading"],
      undefined,
    ],
    [
      "how processes are started",
      "import multiprocessing\nmultiprocessing.set_start_method('spawn')",
      "import multiprocessing\nvalue = multiprocessing.get_start_method()",
      "spawn",
      undefined,
    ],
    [
      "the class of loggers",
      "import logging\nclass Mine(logging.Logger): pass\nlogging.setLoggerClass(Mine)",
      "import logging\nvalue = type(logging.getLogger('x')).__name__",
      "Mine",
      "replaces logging._loggerClass",
    ],
    [
      "which loggers are silent",
      "import logging.config\nlogging.config.dictConfig({'version': 1})",
      "import logging\nlog = logging.getLogger('x')\nclass Asks:\n    def __call__(self): return log.disabled\nvalue = Asks()",
      false,
      "may disable the loggers",
    ],
    [
      "the locale",
      "import locale\nlocale.setlocale(locale.LC_ALL, 'C.UTF-8')",
      "import locale\nvalue = locale.setlocale(locale.LC_NUMERIC)",
      "C.UTF-8",
      "replaces the locale",
    ],
    [
      "the encoding of what is printed",
      "import sys\nsys.stdout.reconfigure(encoding='latin-1')",
      "import sys\nvalue = sys.stdout.encoding",
      "latin-1",
      "replaces the encoding of sys.stdout",
    ],
    [
      "where errors are written",
      "import io, sys\nsys.stderr = io.StringIO()",
      "import sys\nvalue = type(sys.stderr).__name__",
      "StringIO",
      "replaces sys.stderr",
    ],
    [
      "the time zone",
      "import os, time\nos.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()",
      "import time\nvalue = time.tzname[0]",
      "JST",
      "replaces the time zone",
    ],
  ])("finds what its own code has set up: %s", async (_, own, text, expected, reason) => {
    await using kept = keepPython({
      "app.py": `import plain\n${own}\nimport p\nimport last\nanswer = p.value() if callable(p.value) else p.value\n${tail}`,
      "last.py": "",
      ...inSite("plain", "import json"),
      ...inSite("p", text),
    });
    expect(await kept.answer(1)).toEqual(expected);
    if (reason === undefined) {
      await kept.waits(2);
      kept.save();
      expect(await kept.answer(2)).toEqual(expected);
      expect(await kept.warmth(2)).toMatchObject({ warm: true });
      return;
    }
    await until(
      "the reason",
      () => {
        kept.save();
        return kept.program.stderr.includes(reason);
      },
      kept.program.seen,
    );
    const later = (): number | undefined =>
      readdirSync(kept.project.path("answers"))
        .map(Number)
        .find((run) => run > 1);
    expect(await kept.answer(await until("a later run", later, kept.program.seen))).toEqual(expected);
  });

  /** Package → own code in front of it, what it does while it is loaded, and what every run has to find. */
  const settings: Readonly<Record<string, readonly [own: string, text: string, expected: unknown]>> = {
    of_decimal: [
      "import decimal\ndecimal.getcontext().prec = 5",
      "import decimal\nvalue = str(decimal.Decimal(1) / 3)",
      "0.33333",
    ],
    of_limit: [
      "import sys\nsys.setrecursionlimit(5000)",
      "import sys\nsys.setrecursionlimit(3000)\nvalue = sys.getrecursionlimit",
      3000,
    ],
    of_timeout: ["import socket\nsocket.setdefaulttimeout(5)", "import socket\nvalue = socket.getdefaulttimeout()", 5],
    of_memory: ["import gc\ngc.set_threshold(9, 9, 9)", "import gc\nvalue = gc.get_threshold()[0]", 9],
    of_digits: [
      "sys.set_int_max_str_digits(7000) if hasattr(sys, 'set_int_max_str_digits') else None",
      "import sys\nvalue = getattr(sys, 'get_int_max_str_digits', lambda: 7000)()",
      7000,
    ],
    of_copy: ["import copy\ncopy.copy = lambda it: 'own'", "from copy import copy\nvalue = copy(1)", "own"],
    of_hook: ["sys.excepthook = print", "import sys\nvalue = sys.excepthook.__name__", "print"],
    of_signal: [
      "import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)",
      "import signal\nvalue = str(int(signal.getsignal(signal.SIGUSR1)))",
      "1",
    ],
    of_root: [
      "import logging\nlogging.basicConfig(level=10)",
      "import logging\nlogging.basicConfig(level=40)\nvalue = lambda: logging.root.level",
      10,
    ],
    of_path: [
      "sys.path.append('/own')",
      "import sys\nsys.path.append('/of/package')\nvalue = lambda: sys.path[-2:]",
      ["/own", "/of/package"],
    ],
    of_count: [
      "os.environ['OF_OWN'] = '1'",
      "import os\nbefore = len(os.environ)\nvalue = lambda: before == len(os.environ)",
      true,
    ],
  };

  test("leaves to the run what asks for, or sets, what its own code has set in the process as a whole", async () => {
    await using kept = keepPython({
      "app.py": `import os, sys, plain\n${Object.values(settings)
        .map(([own]) => own)
        .join("\n")}\nanswer = {}
for name in ${JSON.stringify(Object.keys(settings))}:
    value = __import__(name).value
    answer[name] = value() if callable(value) else value
${tail}`,
      ...inSite("plain", "import json, decimal, socket, copy, signal, logging"),
      ...Object.assign({}, ...Object.entries(settings).map(([name, [, text]]) => inSite(name, text))),
    });
    const expected = Object.fromEntries(Object.entries(settings).map(([name, [, , value]]) => [name, value]));
    expect(await kept.answer(1)).toEqual(expected);
    await kept.waits(2);
    kept.save();
    expect(await kept.answer(2)).toEqual(expected);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test.each([
    [
      "the level of a logger",
      "import logging.config\nlogging.config.dictConfig({'version': 1, 'disable_existing_loggers': False, 'loggers': {'p': {'level': 'DEBUG'}}})",
      "import logging\nlogging.getLogger('p.part').setLevel(40)\nvalue = logging.getLogger('p.part').getEffectiveLevel",
      40,
      "what is logged by p.part depends on the order in which packages are loaded",
    ],
    [
      "which warnings are shown",
      "import warnings\nwarnings.simplefilter('error')",
      "import warnings\nwarnings.filterwarnings('ignore', category=DeprecationWarning)\ndef value():\n    try: warnings.warn('x', DeprecationWarning)\n    except DeprecationWarning: return 'raised'\n    return 'quiet'",
      "quiet",
      "which warnings are shown depends on the order in which packages are loaded",
    ],
  ])(
    "is restarted cold, and stays cold, where a package has been loaded before its own code set %s",
    async (_, own, text, expected, reason) => {
      await using kept = keepPython({
        "app.py": `import plain\n${own}\nimport p\nimport last\nanswer = p.value()\n${tail}`,
        "last.py": "",
        ...inSite("plain", "import json"),
        ...inSite("p", text),
      });
      expect(await kept.answer(1)).toBe(expected);
      await kept.waits(2);
      kept.save();
      expect(await kept.warmth(3)).toMatchObject({ warm: false });
      expect(await kept.answer(3)).toBe(expected);
      await until(
        "the reason",
        () => {
          kept.save();
          return kept.program.stderr.includes(reason);
        },
        kept.program.seen,
      );
    },
  );

  test("finds what its own code has set up by now, also where that begins with an edit", async () => {
    const app = (head: string): string =>
      `import plain\n${head}\nimport p\nimport last\nanswer = getattr(plain, 'seen', [])\n${tail}`;
    await using kept = keepPython({
      "app.py": app(""),
      "last.py": "",
      ...inSite("plain", "import logging"),
      ...inSite("p", "import logging\nlogging.getLogger('x').info('loading')"),
    });
    expect(await kept.answer(1)).toEqual([]);
    await kept.waits(2);
    kept.project.write(
      "app.py",
      app(
        "import logging\nplain.seen = []\nclass H(logging.Handler):\n    def emit(self, record): plain.seen.append(record.getMessage())\nlogging.basicConfig(level=10, handlers=[H()])",
      ),
    );
    expect(await kept.answer(2)).toEqual(["loading"]);
    await kept.waits(3);
    kept.save();
    expect(await kept.answer(3)).toEqual(["loading"]);
  });

  test("is asked what it has loaded when it has, not while it still loads and only counts as ready", async () => {
    const parts = ["one", "two", "three", "four", "five", "six"];
    await using kept = keep(
      {
        "app.py": `import ${parts.join(", ")}\nimport os\nos.environ["LATE"] = "1"\nanswer = os.environ["LATE"]\n${tail}`,
        ...Object.assign({}, ...parts.map((name) => inSite(name, "import time\ntime.sleep(0.2)"))),
      },
      {
        main: "app.py",
        args: ["--ready.exec", "true", "--", python, "app.py"],
        env: (project) => ({ PYTHONPATH: project.path(site), PYTHONDONTWRITEBYTECODE: "1" }),
        comment: "#",
      },
    );
    await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    // Nothing that it does is news.
    await kept.waits(3);
  });

  test.each([
    [
      "Django's settings set the time zone",
      "import django.conf\ndjango.conf.set_up()",
      inSite("django.conf".replace(".", "/"), "import os\ndef set_up(): os.environ['TZ'] = 'UTC'"),
    ],
    [
      "a package tries a port as it is loaded, and something is set for the process then",
      "import p, socket, sys\nsys.setrecursionlimit(5000)\nkept = socket.socket(socket.AF_UNIX)\nkept.bind('answers/at-' + __import__('os').environ['RELOAD_RUN'])",
      inSite("p", "import socket\nwith socket.socket() as tried: tried.bind(('127.0.0.1', 0))"),
    ],
    ["a program of its own loads celery, to send it tasks", "import celery, last", inSite("celery", "")],
    [
      "the command of FastAPI loads sentry_sdk, and nobody sets it up",
      "import fastapi_cloud_cli, last",
      {
        ...inSite("fastapi_cloud_cli", "import sentry_sdk"),
        ...inSite(
          "sentry_sdk",
          "class Client:\n    def is_active(self): return False\ndef get_client(): return Client()",
        ),
      },
    ],
  ])("is let in where %s", async (_, own, more) => {
    await using kept = keepPython({
      "app.py": `import plain\n${own}\nanswer = 1\n${tail}`,
      ...inSite("plain", ""),
      "last.py": "",
      ...inSite("django", ""),
      ...more,
    });
    await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    // It is not restarted: the standby is for the run of the next save.
    await kept.waits(3);
  });

  test("is let in where files came into a directory of which a package only asked whether it is there", async () => {
    using beside = newProject();
    await using kept = keepPython({
      "app.py": `import plain\nanswer = plain.value\n${tail}`,
      ...inSite("plain", `import os\nvalue = os.path.isdir(${JSON.stringify(beside.directory)})`),
    });
    expect(await kept.answer(1)).toBe(true);
    await kept.waits(2);
    beside.write("came.txt", "");
    kept.save();
    expect(await kept.answer(2)).toBe(true);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("starts cold where what it was made of has changed, and where own code would have it made otherwise", async () => {
    const app = (head: string, foot = ""): string =>
      `import plain\nimport optional_user\n${head}\nimport own\nfrom plain import (\n    value,\n)\nanswer = [value, optional_user.value, own.value, own.shadow]\n${foot}${tail}`;
    await using kept = keepPython({
      "app.py": app(""),
      "own.py":
        "import plain\nimport colorsys as c\nshadow = str('own' in c.__dict__)\nvalue = plain.__dict__.get('marked')\n",
      "app.txt": "",
      ...inSite("plain", "import colorsys\nvalue = 1"),
      ...inSite("optional_user", "try:\n    from optional import value\nexcept ImportError: value = 'none'"),
    });
    const { project } = kept;
    let run = 1;
    const after = async (change: () => void, expected: unknown, warmth: object): Promise<void> => {
      await kept.waits(run + 1);
      change();
      kept.save();
      run += 1;
      expect(await kept.answer(run)).toEqual(expected);
      expect(await kept.warmth(run)).toMatchObject(warmth);
    };
    const changed = { warm: false, reason: expect.stringContaining("has changed") };
    expect(await kept.answer(1)).toEqual([1, "none", null, "False"]);
    await after(
      () => project.write(`${site}/optional/__init__.py`, "value = 'there'"),
      [1, "there", null, "False"],
      changed,
    );
    await after(
      () => project.write(`${site}/plain/__init__.py`, "import colorsys\nvalue = 2"),
      [2, "there", null, "False"],
      changed,
    );
    await after(() => project.write("colorsys.py", "own = 1"), [2, "there", null, "True"], changed);
    await after(() => project.write("app.py", app("plain.marked = 1")), [2, "there", 1, "True"], {
      warm: false,
      reason: expect.stringContaining("has other imports, or other lines above them"),
    });
    await after(
      () => project.write("app.py", app("plain.marked = 1", "def late():\n    import queue\n")),
      [2, "there", 1, "True"],
      {
        warm: false,
        reason: expect.stringContaining("has other imports"),
      },
    );
    await after(
      () => project.write("app.py", app("plain.marked = 1", "answer.append(3)\ndef late():\n    import queue\n")),
      [2, "there", 1, "True", 3],
      {
        warm: true,
      },
    );
  });

  test("starts cold where a directory that was no package of its own has become one", async () => {
    await using kept = keepPython({
      "app.py": `import user\nanswer = user.value\n${tail}`,
      [`${site}/bare/data.txt`]: "",
      ...inSite("user", "import bare\nvalue = getattr(bare, 'value', 'none')"),
    });
    expect(await kept.answer(1)).toBe("none");
    await kept.waits(2);
    kept.project.write(`${site}/bare/__init__.py`, "value = 'there'");
    kept.save();
    expect(await kept.answer(2)).toBe("there");
    expect(await kept.warmth(2)).toMatchObject({ warm: false });
  });

  test("is a process like any other: signals, and the code with which it ends", async () => {
    await using kept = keepPython({
      "app.py": `import plain, signal, sys, os, time
with open("answers/" + os.environ["RELOAD_RUN"], "w") as stream: stream.write("1")
def ended(*_):
    print("ENDED", os.environ["RELOAD_RUN"], flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, ended)
while not os.path.exists("end"): time.sleep(0.02)
sys.exit(7)
`,
      ...inSite("plain", ""),
    });
    await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    await until("the end of run 1", () => kept.program.stdout.includes("ENDED 1\n"), kept.program.seen);
    kept.project.write("end", "");
    await kept.program.says(/run 2 ended with code 7/);
  });

  test("has its own sitecustomize, and starts cold where something stands in front of the import system", async () => {
    await using kept = keepPython({
      "app.py": `import sys, plain, sitecustomize
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None): return None
sys.meta_path.insert(0, Finder)
import more
answer = [sitecustomize.value, sitecustomize.__file__.split("/")[-2]]
${tail}`,
      [`${site}/sitecustomize.py`]: "value = 'of the user'",
      ...inSite("plain", ""),
      ...inSite("more", ""),
    });
    expect(await kept.answer(1)).toEqual(["of the user", "site-packages"]);
    await kept.program.says(/ready/);
    await until(
      "the reason",
      () => {
        kept.save();
        return kept.program.stderr.includes("stands in front of the import system");
      },
      kept.program.seen,
    );
  });
});
