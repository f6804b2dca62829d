import type { Session } from './session.ts'

/** Whether this client is not to have a capability that others have: some stumble over one. */
export function isSwitchedOff({ user, services }: Session, capability: string): boolean {
  const name = capability.toUpperCase()
  return services.settings.switchedOff.some(
    (off) => off.capability === name && (off.who === '*' || off.who === user?.address),
  )
}
