// Loaded before the built program (`node --require`): makes its calls to the system fail, as a file says that can be
// changed at any time: `[{ "call": "mkdirSync", "path": "tmp", "code": "ENOSPC" }]`; `path` is a part of what the call is
// given, or left out. `"connect"` and `"listen"` fail as sockets do, a moment later; `"descriptors"` takes all that are free,
// `"throw"` throws out of a timer, `"clock"` moves the time of day by a day, back and forth. Each fault that was met is
// written into a second file. FAULTS names the first.
const fs = require("node:fs");
const net = require("node:net");
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

/** What a call has to fail with, if it has to. */
function planted(call, first) {
  if (isInside) return undefined;
  const fault = faults().find((each) => each.call === call && String(first).includes(each.path ?? ""));
  if (fault === undefined) return undefined;
  met(call);
  const error = new Error(`${fault.code}: planted, ${call} '${first}'`);
  return Object.assign(error, { code: fault.code, syscall: call });
}

function failing(object, call) {
  const original = object[call];
  const replacement = (...given) => {
    const error = planted(call, given[0]);
    if (error === undefined) return Reflect.apply(original, object, given);
    // As of a real one, the descriptor is free afterwards.
    if (call === "closeSync") original(...given);
    throw error;
  };
  object[call] = Object.assign(replacement, original);
}

/** Of sockets and servers: they are told a moment later. */
function failingLater(prototype, call) {
  const original = prototype[call];
  prototype[call] = function (...given) {
    const error = planted(call, typeof given[0] === "object" ? `${given[0]?.port} ${given[0]?.path}` : given[0]);
    if (error === undefined) return Reflect.apply(original, this, given);
    process.nextTick(() => (call === "listen" ? this.emit("error", error) : this.destroy(error)));
    return this;
  };
}

if (control !== undefined && /cli\.js$/.test(process.argv[1] ?? "")) {
  for (const call of Object.keys(fs)) if (/^[a-z]+Sync$/i.test(call) || call === "watch") failing(fs, call);
  for (const call of ["spawn", "spawnSync", "execFile"]) failing(childProcess, call);
  failing(process, "kill");
  failingLater(net.Socket.prototype, "connect");
  failingLater(net.Server.prototype, "listen");
  const held = [];
  let hasThrown = false;
  const realNow = Date.now;
  let turns = 0;
  let clockOffset = 0;
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(realNow() + clockOffset);
      else super(...given);
    }
    static now() {
      return realNow() + clockOffset;
    }
  };
  setInterval(() => {
    const wanted = faults();
    if (wanted.some(({ call }) => call === "throw") && !hasThrown) {
      hasThrown = true;
      throw new TypeError("planted\nwith a second line");
    }
    if (wanted.some(({ call }) => call === "clock")) {
      turns += 1;
      clockOffset = (turns % 2 === 0 ? 1 : -1) * 86_400_000;
      if (turns === 20) met("clock");
    } else {
      turns = 0;
      clockOffset = 0;
    }
    if (!wanted.some(({ call }) => call === "descriptors")) {
      if (held.length === 0) return;
      for (const file of held.splice(0)) real.closeSync(file);
      met("freed");
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
