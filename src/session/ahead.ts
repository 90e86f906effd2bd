/**
 * What is loaded by the time watching has begun, so that nothing of ours is missing when the package is replaced while we run (`npm ci`,
 * an upgrade): all that an edit, an end or a mistake may need. It comes after the first start, which it does not delay. Optional parts
 * that are not in use (another source of hints, the commands) are not here: where they are missing, a message says so.
 */
import { hasProc } from "../adapters/system/proc.ts";

/** What is in use. */
interface InUse {
  readonly builds: boolean;
  readonly proxy: boolean;
}

export async function loadAhead({ builds, proxy }: InUse): Promise<void> {
  await import("../config/check/complain.ts");
  await import("../config/text/locate.ts");
  await import("toml-eslint-parser");
  await import("../config/layers/env-files.ts");
  await import("../config/projects/detect.ts");
  await import("../config/check/sockets.ts");
  await import("../config/projects/kinds.ts");
  await import("../config/projects/embeds.ts");
  await import("../config/projects/own-file.ts");
  await import("../config/projects/scripts/unwrap.ts");
  await import("../config/air/flags.ts");
  await import("../config/air/godotenv.ts");
  await import("../adapters/port.ts");
  await import("../config/services/gather.ts");
  await import("../config/services/views.ts");
  await import("./prefixed.ts");
  await import("./rules-above.ts");
  await import("./patterns.ts");
  await import("./checks.ts");
  await import("../adapters/system/notify.ts");
  await import("./trees.ts");
  await import("./control/control.ts");
  await import("./control/logs.ts");
  if (builds) await import("execa");
  if (proxy) await import("../proxy/tls.ts");
  if (process.platform === "win32") {
    await import("../adapters/process/taskkill.ts");
    await import("tree-kill");
  } else if (!hasProc) await import("../adapters/process/family.ts");
}
