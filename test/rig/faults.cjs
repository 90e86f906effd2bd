// Loaded before the built program (`node --require`): makes its calls to the system fail, as a file says that can be
// changed at any time: `[{ "call": "mkdirSync", "path": "tmp", "code": "ENOSPC" }]`; `path` is a part of what the call is
// given, or left out. `"descriptors"` takes all that are free, `"throw"` throws out of a timer. Each fault that was met is
// written into a second file. FAULTS names the first.
const fs = require("node:fs");
const childProcess = require("node:child_process");

const control = process.env.FAULTS;
const real = { ...fs };
let isInside = false;

function faults() {
  isInside = true;
  try {
    return JSON.parse(real.readFileSync(control, "utf8"));
  } catch {
    return [];
  } finally {
    isInside = false;
  }
}

function met(call) {
  isInside = true;
  real.appendFileSync(`${control}.met`, `${call}\n`);
  isInside = false;
}

function failing(object, call) {
  const original = object[call];
  object[call] = (...given) => {
    if (!isInside) {
      const its = faults().find((fault) => fault.call === call && String(given[0]).includes(fault.path ?? ""));
      if (its !== undefined) {
        met(call);
        // As of a real one, the descriptor is free afterwards.
        if (call === "closeSync") original(...given);
        throw Object.assign(new Error(`${its.code}: planted, ${call} '${given[0]}'`), {
          code: its.code,
          syscall: call,
        });
      }
    }
    return Reflect.apply(original, object, given);
  };
}

if (control !== undefined && /cli\.js$/.test(process.argv[1] ?? "")) {
  for (const call of Object.keys(fs)) if (/^[a-z]+Sync$/i.test(call) || call === "watch") failing(fs, call);
  for (const call of ["spawn", "spawnSync", "execFile"]) failing(childProcess, call);
  failing(process, "kill");
  const held = [];
  let hasThrown = false;
  setInterval(() => {
    const wanted = faults();
    if (wanted.some(({ call }) => call === "throw") && !hasThrown) {
      hasThrown = true;
      throw new TypeError("planted\nwith a second line");
    }
    if (!wanted.some(({ call }) => call === "descriptors")) {
      for (const file of held.splice(0)) real.closeSync(file);
      return;
    }
    try {
      for (;;) held.push(real.openSync("/dev/null"));
    } catch {
      // To say so takes one.
      const last = held.pop();
      if (last !== undefined) real.closeSync(last);
      met("descriptors");
    }
  }, 5).unref();
}
