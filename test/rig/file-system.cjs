// Loaded before the built program (`node --require`): a place where changes are not told, as network drives and some
// mounts of containers are. FILE_SYSTEM=silent: what is watched never tells; a number: what statfs(2) says of the type.
const fs = require("node:fs");

const asked = process.env.FILE_SYSTEM;
const { statfsSync, watch } = fs;
if (asked === "silent")
  fs.watch = (path, ...given) => watch(path, ...given.filter((each) => typeof each !== "function"));
else if (asked !== undefined)
  fs.statfsSync = (...given) => Object.assign(statfsSync(...given), { type: Number(asked) });
