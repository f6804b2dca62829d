import { userInfo } from 'node:os'
import type { VerbPorts } from './verb.ts'

/** Carries the name over the control socket. */
export const personHeader = 'homepost-person'

/** Who sits at the command line, as the system knows him; with sudo, who he was before. */
export function thisPerson(): string {
  try {
    return process.env['SUDO_USER'] || userInfo().username
  } catch {
    // A container's user may have no name.
    return String(process.getuid?.() ?? '')
  }
}

/**
 * The same ports, of which the audit says who used them: `command line (ann)`. The name is only told, never a right: whoever
 * reaches the socket may do everything.
 */
export function usedBy(ports: VerbPorts, person: string | undefined): VerbPorts {
  const name = person?.replaceAll(/[^\w.@-]/g, '').slice(0, 64)
  if (!name) return ports
  const by = (actor: string) => `${actor} (${name})`
  const { admin } = ports
  return {
    ...ports,
    admin: {
      ...admin,
      add: (on, row, actor) => admin.add(on, row, by(actor)),
      set: (on, key, to, actor) => admin.set(on, key, to, by(actor)),
      delete: (on, key, actor) => admin.delete(on, key, by(actor)),
      apply: (changes, how) => admin.apply(changes, { ...how, actor: by(how.actor) }),
    },
  }
}
