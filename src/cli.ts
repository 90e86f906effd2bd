#!/usr/bin/env node
/** The program: what V8 has compiled of it before is at hand before the first file of it is loaded. */
import { keepCompiled } from "./compiled.ts";

const keep = keepCompiled();
void import("./main.ts").then(({ startProgram }) => startProgram(keep));
