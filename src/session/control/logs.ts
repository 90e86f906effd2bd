/** `reload logs`: what runs and builds printed, from the ring, and what comes. */
import type { FinalAnswer, Question } from "../../adapters/control/channel.ts";
import type { Ring, RingLine } from "../../adapters/ring/ring.ts";
import type { Service } from "../../core/types.ts";
import { nameOfShared } from "../../report/names.ts";
import { end, type View } from "./answers.ts";

export interface LogParts {
  readonly ring: Ring | undefined;
  readonly view: View;
}

const defaultLines = 100;

/** `api/run/3` or `run/3`. */
function jobOf(name: string): { readonly service: Service; readonly kind: string; readonly number: number } {
  const parts = name.split("/");
  return { service: parts.length > 2 ? (parts[0] ?? "") : "", kind: parts.at(-2) ?? "", number: Number(parts.at(-1)) };
}

export async function logs(
  { options }: Question,
  services: readonly Service[],
  { ring, view }: LogParts,
  part: (value: RingLine & { readonly service?: string }) => void,
  gone: AbortSignal,
): Promise<FinalAnswer> {
  if (ring === undefined) return end(2, "there is nowhere to keep what is printed");
  const isOfBuilds = options["build"] === true;
  const run = typeof options["run"] === "number" ? options["run"] : undefined;
  if (!isOfBuilds && !view.isRead) {
    return end(
      2,
      "what runs print goes to the terminal unread; [log] keep = true keeps it (builds: reload logs --build)",
    );
  }
  const isWanted = ({ job }: RingLine): boolean => {
    const { service, kind, number } = jobOf(job);
    // What several share is of each of them.
    if (isOfBuilds) return kind !== "run" && (service === "" || services.includes(service));
    if (!services.includes(service)) return false;
    // The current one, unless another is asked for; those that come are current, too.
    return kind === "run" && (run === undefined ? number >= (view.ledger.of(service).run ?? 0) : number === run);
  };
  /** Of several services, each line says whose it is. */
  const tell = (line: RingLine): void => {
    const { service, kind } = jobOf(line.job);
    part(services.length > 1 ? { ...line, service: service === "" ? nameOfShared(kind) : service } : line);
  };
  /** Told apart from what is printed: programs that read it see no line. */
  const nothingKept = (): FinalAnswer => {
    if (isOfBuilds) return end(0, "no build, rule or hook has printed anything");
    const newest = Math.max(0, ...services.map((service) => view.ledger.of(service).run ?? 0));
    if (run !== undefined && (run > newest || run < 1))
      return end(2, `there is no run ${run}: the newest is run ${newest}`);
    return end(
      0,
      newest === 0 ? "nothing has been started yet" : `run ${run ?? newest} has printed nothing that is kept`,
    );
  };
  const most = typeof options["lines"] === "number" ? options["lines"] : defaultLines;
  const kept = ring.lines().filter(isWanted);
  for (const line of most === 0 ? [] : kept.slice(-most)) tell(line);
  if (options["follow"] !== true) return kept.length > 0 || most === 0 ? end(0, "") : nothingKept();
  await new Promise<void>((resolve) => {
    const unfollow = ring.follow((line) => {
      if (isWanted(line)) tell(line);
    });
    gone.addEventListener("abort", () => {
      unfollow();
      resolve();
    });
  });
  return end(0, "");
}
