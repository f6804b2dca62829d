import type { Address } from '../../../lib/address.ts'
import type { Refused } from '../../../ports/intake.ts'

const received = /^received:/gim
const deliveredTo = /^delivered-to:[ \t]*<?([^\s<>]+)>?[ \t]*$/gim

/**
 * Finds mail that goes in circles: too many servers had it, or we delivered it to the same recipient before. RFC 5321 §6.3.
 * Undefined where all is well.
 */
export function findLoop(header: string, recipients: readonly Address[], hops: number): Refused | undefined {
  if (count(header, received) > hops) return loop('Too many hops, this message loops')
  const meant: ReadonlySet<string> = new Set(recipients)
  for (const [, address = ''] of header.matchAll(deliveredTo)) {
    if (meant.has(address.toLowerCase())) {
      return loop(`Mail loop: delivered to ${address} before`)
    }
  }
  return undefined
}

function loop(text: string): Refused {
  return { kind: 'refused', code: 554, status: '5.4.6', text }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
