import type { Complaint } from "./decode.ts";
import type { Path } from "./locate.ts";
import type { Table } from "./toml.ts";
export interface AirReading {
  readonly workingDirectory: string;
  readonly settings: readonly { readonly name: string; readonly raw: unknown; readonly path: Path | undefined }[];
  readonly complaints: readonly Complaint[];
  readonly anchoredExcludes: readonly string[];
}
export function isAirFile(_table: Table, _path: string): boolean {
  return false;
}
export function translateAir(_table: Table, { workingDirectory }: { workingDirectory: string }): AirReading {
  return { workingDirectory, settings: [], complaints: [], anchoredExcludes: [] };
}
