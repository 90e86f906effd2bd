/** File systems that tell nothing of changes made elsewhere: there only looking helps. */
import { statfsSync } from "node:fs";

/** By the magic number of statfs(2). */
const silent: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"], // also the drives of Windows in WSL 2
  [0x65735546, "FUSE"], // also virtiofs, and the shared folders of Docker Desktop
  [0x786f4256, "VirtualBox shared folder"],
  [0xbacbacbc, "VMware shared folder"],
  [0x53464846, "WSL drive"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
]);

/** The name of the file system at `path` if it has to be polled. */
export function silentFileSystem(path: string): string | undefined {
  try {
    return silent.get(statfsSync(path).type >>> 0);
  } catch {
    return undefined;
  }
}
