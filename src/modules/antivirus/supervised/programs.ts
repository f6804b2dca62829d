import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian puts daemons where normal users do not look. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...folders]
  return places.map((folder) => join(folder, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path.startsWith('/')
  } catch {
    return false
  }
}

/**
 * With what a program is to be started: it gets no new rights, none of root's but to what is root's own, and dies with us whatever happens to us.
 * Where util-linux is not installed, it starts as it is.
 */
export function withFewRights(command: readonly string[]): readonly string[] {
  const setpriv = findProgram('setpriv')
  if (setpriv === undefined) return command
  const asRoot = process.getuid?.() === 0 ? ['--bounding-set=-all', '--inh-caps=-all'] : []
  return [setpriv, '--pdeathsig', 'TERM', '--no-new-privs', ...asRoot, ...command]
}
