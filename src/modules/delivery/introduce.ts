import type { Arrival, Refused } from '../../ports/intake.ts'
import type { AuthReport } from '../../ports/mail-authentication.ts'
import type { MailFilter } from '../../ports/mail-filter.ts'
import type { MessageRef } from '../../ports/message.ts'
import type { TryLater } from '../../ports/runtime.ts'
import { rewrite } from './rewrite.ts'
import { type Vouching, vouch } from './vouch.ts'

interface Introducing extends Vouching {
  /** Undefined: nobody else is asked. */
  readonly filter?: MailFilter | undefined
}

type Introduced =
  | {
      readonly kind: 'introduced'
      readonly arrival: Arrival
      readonly report: AuthReport
      /** It came from anywhere, and another filter wants somebody to look at it first. */
      readonly isSuspect: boolean
    }
  | Refused
  | TryLater

/**
 * The first step of the road: who is it from, and what do other filters say? What came from anywhere is checked as it came; what goes out is signed
 * as it goes. `held` always has the message that is to be released: where it is changed, the one before was.
 */
export async function introduce(
  parts: Introducing,
  received: Arrival,
  held: { message: MessageRef },
): Promise<Introduced> {
  const keep = (arrival: Arrival) => {
    held.message = arrival.message
    return arrival
  }
  if (received.origin.kind === 'fetched') {
    const vouched = await vouch(parts, received)
    return vouched.kind === 'later' ? vouched : { ...vouched, kind: 'introduced', isSuspect: false }
  }
  if (received.origin.kind === 'arrived') {
    const vouched = await vouch(parts, received)
    if (vouched.kind === 'later') return vouched
    const { report } = vouched
    const filtered = await ask(parts, keep(vouched.arrival), report.checks?.iprev.name || undefined)
    if (filtered.kind !== 'filtered') return filtered
    return { ...filtered, kind: 'introduced', arrival: keep(filtered.arrival), report }
  }
  const filtered = await ask(parts, received, undefined)
  if (filtered.kind !== 'filtered') return filtered
  const vouched = await vouch(parts, keep(filtered.arrival))
  if (vouched.kind === 'later') return vouched
  return { ...vouched, kind: 'introduced', isSuspect: false }
}

type Asked =
  | { readonly kind: 'filtered'; readonly arrival: Arrival; readonly isSuspect: boolean }
  | Refused
  | TryLater

async function ask(
  { filter, bytes }: Introducing,
  arrival: Arrival,
  clientName: string | undefined,
): Promise<Asked> {
  if (!filter) return { kind: 'filtered', arrival, isSuspect: false }
  const said = await filter.ask({ arrival, clientName })
  if (said.kind === 'refused') return said
  const { added, edits, isSuspect } = said
  const trace = added + arrival.trace
  // What leaves waits in the queue until somebody has looked.
  const suspect = { ...arrival, trace, ...(isSuspect && { isBraked: true }) }
  if (edits.length === 0) return { kind: 'filtered', arrival: suspect, isSuspect }
  const changed = await rewrite(bytes, arrival.message, edits)
  if (changed.kind === 'later') return changed
  await bytes.release(arrival.message)
  return { kind: 'filtered', arrival: { ...suspect, message: changed.ref }, isSuspect }
}
