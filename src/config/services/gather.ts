/** Where services are declared: what the layers and the command line say of them, before each is one configuration. */
import type { Problem } from "../../core/problem.ts";
import { nearest } from "../check/suggest.ts";
import { ofService } from "../keys/service-keys.ts";
import type { ReadLayer } from "../layers/file-layers.ts";
import type { GivenFlag } from "../layers/given.ts";
import type { Origin } from "../layers/layers.ts";
import { declaredIn, withServices } from "./read.ts";

export interface Declared {
  readonly layers: readonly ReadLayer[];
  /** In the order of the files, each with where it is declared first. */
  readonly services: ReadonlyMap<string, Origin>;
}

export function declare(layers: readonly ReadLayer[]): Declared {
  const services = new Map<string, Origin>();
  for (const [name, origin] of layers.flatMap(declaredIn)) if (!services.has(name)) services.set(name, origin);
  return { layers: layers.map(withServices), services };
}

export interface AskedOfServices {
  /** `--only`, as it was given. */
  readonly only: readonly string[];
  readonly flags: readonly GivenFlag[];
  readonly isCommandGiven: boolean;
}

/** What the command line asks for and cannot be, with these services. */
export function misasked(names: readonly string[], { only, flags, isCommandGiven }: AskedOfServices): Problem[] {
  const wrong = (origin: string, message: string, hint?: string): Problem => ({
    code: "usage/bad-argument",
    severity: "error",
    origin,
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  if (names.length === 0) return [wrong("--only", "no service is declared here", "[service.NAME] declares one")];
  const unknown = [...new Set(only)].filter((name) => !names.includes(name));
  const which = `${names.join(", ")}`;
  return [
    ...unknown.map((name) => {
      const near = nearest(name, names);
      return wrong(
        "--only",
        `there is no service ${name}`,
        near === undefined ? `there are: ${which}` : `did you mean ${near}?`,
      );
    }),
    ...(isCommandGiven && only.length === 0
      ? [
          wrong(
            "COMMAND",
            "it takes the place of one service, and nothing says of which",
            `pick it with --only: ${which}`,
          ),
        ]
      : []),
    ...(isCommandGiven && new Set(only).size > 1
      ? [wrong("COMMAND", `it takes the place of one service, and --only names ${new Set(only).size}`)]
      : []),
    ...(flags.some(isBuildOfOne) && only.length === 0
      ? [
          wrong(
            "--build",
            "it builds one service, and nothing says which",
            `pick it with --only: ${which}; --build.cmd sets what builds for all`,
          ),
        ]
      : []),
  ];
}

/** `-b CMD`, which is for what `--only` picks; `--build.cmd CMD` is the build of the top. */
const isBuildOfOne = ({ name, spelled }: GivenFlag): boolean => name === "build.cmd" && spelled !== "--build.cmd";

/** The flags, with `-b` as one of each service that `--only` names. */
export const forEachService = (flags: readonly GivenFlag[], only: readonly string[]): GivenFlag[] =>
  flags.flatMap((flag) =>
    isBuildOfOne(flag) ? [...new Set(only)].map((name) => ({ ...flag, name: ofService(name, flag.name) })) : [flag],
  );
