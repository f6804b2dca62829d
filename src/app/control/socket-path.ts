import { openSync } from 'node:fs'
import { join } from 'node:path'

/** The kernel takes no longer name for a Unix socket (108 with its end). unix(7). */
const longestPath = 107

/**
 * Name of the control socket that can be bound and connected to, however deep the data folder lies: a longer one is reached
 * through an open handle of its folder, which stays open as long as the process.
 */
export function controlSocketPath(dataDir: string): string {
  const path = join(dataDir, 'run', 'control.sock')
  if (Buffer.byteLength(path) <= longestPath) return path
  return `/proc/self/fd/${openSync(join(dataDir, 'run'), 'r')}/control.sock`
}
