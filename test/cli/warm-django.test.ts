/** What programs of Django, and of others that are set up before they load the most, have loaded in advance: it is seen on trial who asks for what comes later. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { keep, second } from "./warm-rig.ts";

const hasPython = process.platform === "linux" && needs("python3");
const ask = (expression: string): string =>
  execFileSync("python3", ["-c", `import sys, sysconfig; print(${expression})`], { encoding: "utf8" }).trim();

/** Which of these modules are there before its first line, and what each has found. */
const appWith = (names: readonly string[], before: string): string => `import sys
early = [name for name in ${JSON.stringify(names)} if name in sys.modules]
import json, os, time
${before}
answer = {name: __import__(name).value for name in ${JSON.stringify(names)}}
import last
with open("answers/" + os.environ["RELOAD_RUN"] + "~", "w") as stream: json.dump({"early": early, **answer}, stream)
os.replace("answers/" + os.environ["RELOAD_RUN"] + "~", "answers/" + os.environ["RELOAD_RUN"])
while True: time.sleep(1)
`;

const files = (place: string, texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [`${place}/${name.replaceAll(".", "/")}/__init__.py`, text]),
  );

/** As far as packages see it while they are loaded: https://github.com/django/django, versions 3 to 5. */
const django = {
  django: "",
  "django.conf": `from django.utils.functional import LazyObject
class LazySettings(LazyObject):
    _wrapped = None
    def _setup(self, name=None): raise RuntimeError("settings are not configured")
    def __getattr__(self, name):
        if self._wrapped is None: self._setup(name)
        return self._wrapped[name]
    @property
    def configured(self): return self._wrapped is not None
    def configure(self, **options): self._wrapped = options
settings = LazySettings()
`,
  "django.utils": "",
  "django.utils.functional": `class LazyObject:
    def __getattribute__(self, name): return super().__getattribute__(name)
`,
  "django.apps": "",
  "django.apps.registry": `class Apps:
    def __init__(self): self.ready = False
apps = Apps()
`,
  "django.dispatch": "",
  "django.dispatch.dispatcher": `def func_accepts_kwargs(receiver): return receiver.__code__.co_flags & 8 != 0
class Signal:
    def __init__(self): self.receivers = []
    def connect(self, receiver):
        from django.conf import settings
        if settings.configured and settings.DEBUG and not func_accepts_kwargs(receiver): raise ValueError("**kwargs")
        self.receivers.append(receiver)
`,
};

describe.runIf(hasPython)("what is loaded in advance", () => {
  test("does not ask whether Django has been set up; a signal may be listened to", async () => {
    const asking = {
      asks: "from django.conf import settings\nvalue = settings.configured",
      asks_by_name: "import importlib\nvalue = getattr(importlib.import_module('django.conf').settings, 'configured')",
      reads: "from django.conf import settings\ntry: value = settings.LEVEL\nexcept RuntimeError: value = 'unset'",
      sees_apps: "from django.apps.registry import apps\nvalue = apps.ready",
      refused:
        "from django.dispatch.dispatcher import Signal\ndef receive(sender): pass\nSignal().connect(receive)\nvalue = 1",
    };
    const listening = {
      listens:
        "from django.dispatch.dispatcher import Signal\nsignal = Signal()\ndef receive(sender, **more): pass\nsignal.connect(receive)\nvalue = len(signal.receivers)",
      asks_later: "from django.conf import settings\ndef is_set(): return settings.configured\nvalue = 1",
    };
    await using kept = keep(
      {
        "last.py": "",
        "app.py": appWith(
          Object.keys({ ...asking, ...listening }),
          "from django.conf import settings\nfrom django.apps.registry import apps\nsettings.configure(DEBUG=False, LEVEL='own')\napps.ready = True",
        ),
        ...files("lib/site-packages", { ...django, ...asking, ...listening }),
      },
      {
        main: "app.py",
        args: ["--", ask("sys.executable"), "app.py"],
        env: (project) => ({ PYTHONPATH: project.path("lib/site-packages"), PYTHONDONTWRITEBYTECODE: "1" }),
        comment: "#",
      },
    );
    const warm = await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    expect(warm).toEqual({
      ...Object(await kept.answer(1)),
      early: ["listens", "asks_later"],
      asks: true,
      asks_by_name: true,
      reads: "own",
      sees_apps: true,
    });
  });

  test("may ask where its virtual environment is, which is in the project; not what is there besides", async () => {
    using beside = newProject();
    execFileSync("python3", ["-m", "venv", "--without-pip", beside.path("environment")]);
    const place = `environment/lib/python${ask("sysconfig.get_python_version()")}/site-packages`;
    const texts = {
      interpreter: "import os, sys\nvalue = os.path.realpath(sys.executable)",
      other: "import os\nvalue = os.path.realpath('other')",
    };
    for (const [file, text] of Object.entries(files(place, texts))) beside.write(file, text);
    await using kept = keep(
      { "last.py": "", "app.py": appWith(Object.keys(texts), "") },
      {
        main: "app.py",
        args: ["--", ".venv/bin/python", "app.py"],
        env: () => ({ PYTHONDONTWRITEBYTECODE: "1" }),
        comment: "#",
        links: { ".venv": beside.path("environment") },
      },
    );
    const warm = await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    expect(warm).toEqual({ ...Object(await kept.answer(1)), early: ["interpreter"] });
  });

  test("may have machine code that is malformed, or is removed once it is loaded: others are loaded in advance", async () => {
    using beside = newProject();
    const library = `_json${ask("sysconfig.get_config_var('EXT_SUFFIX')")}`;
    const original = join(ask("sysconfig.get_path('platstdlib')"), "lib-dynload", library);
    beside.write(
      "site-packages/malformed/__init__.py",
      `from malformed._json import scanstring\nvalue = scanstring('a"', 0)`,
    );
    const bytes = readFileSync(original);
    // Where the names of sections are said to be: the system does not look at it.
    bytes.writeUInt16LE(0xffff, 62);
    writeFileSync(beside.path(`site-packages/malformed/${library}`), bytes);
    mkdirSync(beside.path("temp/site-packages"), { recursive: true });
    beside.write(
      "site-packages/unpacking/__init__.py",
      `import os, shutil, importlib.util
at = f"${beside.path("temp/site-packages")}/{os.getpid()}.so"
shutil.copy("${original}", at)
spec = importlib.util.spec_from_file_location("_json", at)
value = spec.loader.create_module(spec).__name__
os.remove(at)`,
    );
    await using kept = keep(
      { "last.py": "", "app.py": appWith(["malformed", "unpacking"], "os.environ['LEVEL'] = 'own'") },
      {
        main: "app.py",
        args: ["--", ask("sys.executable"), "app.py"],
        env: () => ({ PYTHONPATH: beside.path("site-packages"), PYTHONDONTWRITEBYTECODE: "1" }),
        comment: "#",
      },
    );
    const warm = await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    expect(warm).toEqual({ ...Object(await kept.answer(1)), early: ["malformed"] });
  });

  test("may load parts of Python's library in machine code, in which a short name stands as something else", async () => {
    using beside = newProject();
    beside.write("site-packages/plain/__init__.py", "import datetime, decimal, array, zlib\nvalue = 1");
    await using kept = keep(
      { "last.py": "", "app.py": appWith(["plain"], "os.environ['A'] = 'own'") },
      {
        main: "app.py",
        args: ["--", ask("sys.executable"), "app.py"],
        env: () => ({ PYTHONPATH: beside.path("site-packages"), PYTHONDONTWRITEBYTECODE: "1" }),
        comment: "#",
      },
    );
    expect(await second(kept)).toEqual({ early: ["plain"], plain: 1 });
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
  });

  test("does not name a variable of the program in what its machine code can read; elsewhere in a library it stands by chance", async () => {
    using beside = newProject();
    const library = `_json${ask("sysconfig.get_config_var('EXT_SUFFIX')")}`;
    const original = join(ask("sysconfig.get_path('platstdlib')"), "lib-dynload", library);
    const copy = (name: string, change: (bytes: Buffer) => Buffer): void => {
      const directory = beside.path(`site-packages/${name}`);
      mkdirSync(directory, { recursive: true });
      copyFileSync(original, join(directory, library));
      writeFileSync(join(directory, library), change(readFileSync(original)));
      writeFileSync(
        join(directory, "__init__.py"),
        `from ${name}._json import scanstring\nvalue = scanstring('a"', 0)`,
      );
    };
    copy("by_chance", (bytes) => Buffer.concat([bytes, Buffer.from("LEVEL")]));
    copy("reading", (bytes) => {
      const at = bytes.indexOf("json speedups");
      expect(at).toBeGreaterThan(0);
      bytes.write("LEVEL", at);
      return bytes;
    });
    const outside = (name: string, word: string): void => {
      mkdirSync(beside.path("lib"), { recursive: true });
      const bytes = readFileSync(original);
      bytes.write(word, bytes.indexOf("json speedups"));
      writeFileSync(beside.path(`lib/${name}.so`), bytes);
      beside.write(
        `site-packages/${name}/__init__.py`,
        `import ctypes\nvalue = len(ctypes.CDLL("${beside.path(`lib/${name}.so`)}")._name) > 0`,
      );
    };
    outside("of_system", "\0LEVEL\0");
    outside("of_system_by_chance", "\0LEVELS\0");
    const names = ["by_chance", "reading", "of_system", "of_system_by_chance"];
    await using kept = keep(
      { "last.py": "", "app.py": appWith(names, "os.environ['LEVEL'] = 'own'") },
      {
        main: "app.py",
        args: ["--", ask("sys.executable"), "app.py"],
        env: () => ({ PYTHONPATH: beside.path("site-packages"), PYTHONDONTWRITEBYTECODE: "1" }),
        comment: "#",
      },
    );
    const warm = await second(kept);
    expect(await kept.warmth(2)).toMatchObject({ warm: true });
    expect(warm).toEqual({ ...Object(await kept.answer(1)), early: ["by_chance", "of_system_by_chance"] });
    // What is loaded in advance is what is there.
    await kept.waits(3);
    const loaded = beside.path("lib/of_system_by_chance.so");
    copyFileSync(loaded, `${loaded}-new`);
    renameSync(`${loaded}-new`, loaded);
    kept.save();
    expect(await kept.warmth(3)).toMatchObject({ warm: false, reason: expect.stringContaining(loaded) });
  });
});
