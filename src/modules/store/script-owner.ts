import type { ScriptOwner } from '../../ports/sieve-scripts.ts'

/** Accounts are positive. */
export const serverScripts = 0

export function ownerNumber(owner: ScriptOwner): number {
  return owner === 'server' ? serverScripts : owner
}
