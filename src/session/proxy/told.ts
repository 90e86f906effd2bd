/** What the proxy is told: read from the house and the ledger at every turn, whole, so that nothing can be lost or late. */
import { type House, heldOf, intakeOf, runsOf } from "../../core/house.ts";
import { stateOf } from "../../core/serving.ts";
import type { Plan, Service } from "../../core/types.ts";
import type { Served, ShownFailure, Upstream } from "../../proxy/served.ts";
import { problemLine } from "../../report/words.ts";
import type { Ledger } from "../control/ledger.ts";

/** Without what counts: the generation, and the versions of pages and of what is in them. */
export type State = Omit<Served, "generation" | "page" | "restyled">;

/** @param where where a run listens, if that is known */
export function stateFor(
  service: Service,
  { house, plan, ledger }: { readonly house: House; readonly plan: Plan; readonly ledger: Ledger },
  where: (run: number) => Upstream | undefined,
): State {
  const { current, beside } = runsOf(house, service);
  const { stage } = intakeOf(house, service);
  const state = stateOf(house, service, plan);
  // It has taken over; the one before is being stopped.
  const serving = beside.is === "ready" ? beside : current;
  const isServing = serving.is === "ready" || serving.is === "late";
  const isComing =
    house.life.is === "living" &&
    (state === "building" || state === "starting" || stage.is !== "resting" || current.is === "backingOff");
  return {
    upstream: isServing ? where(serving.run) : undefined,
    isComing,
    because: state,
    failures: [...refusedBy(ledger), ...failuresOf([service, ...plan.services.keys()], house, ledger)],
  };
}

const unread = "What it printed is in its terminal; keep = true under [log] shows it here as well.";

/** Files that the run has not read yet, because they are wrong. */
const heldBack = (house: House, service: Service): ShownFailure[] =>
  [...heldOf(house, service).values()].flatMap(({ problems }) =>
    problems.map((problem) => ({ service, stage: "check", message: problemLine(problem), output: problem.hint ?? "" })),
  );

const refusedBy = (ledger: Ledger): ShownFailure[] =>
  ledger.refused.map(({ message, place, hint }): ShownFailure => {
    const at = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
    return { service: "", stage: "config", message: `${at}${message}`, output: hint ?? "" };
  });

/** Of all services, since a page may need each of them: in the order given, and what they share once. */
function failuresOf(services: readonly Service[], house: House, ledger: Ledger): ShownFailure[] {
  const failures = new Map<string, ShownFailure>();
  for (const service of new Set(services))
    for (const one of [...failedOf(service, ledger), ...heldBack(house, service)]) {
      const key = JSON.stringify([one.stage, one.message, one.output]);
      if (!failures.has(key)) failures.set(key, one);
    }
  return [...failures.values()];
}

function failedOf(service: Service, ledger: Ledger): ShownFailure[] {
  const { failed } = ledger.of(service);
  if (failed === undefined) return [];
  const { stage, message, output } = failed;
  const isUnread = output === "" && (stage === "run" || stage === "ready");
  return [{ service, stage, message, output: isUnread ? unread : output }];
}
