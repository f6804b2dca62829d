import type { Address } from '../../lib/address.ts'
import type { Origin, Refused } from '../../ports/intake.ts'
import type { DeadEnd, Expansion } from './resolve.ts'

/** Every no of the intake, as SMTP says it. Status codes: RFC 3463, RFC 5248. */
export const refusals = {
  unknown: (address: Address) => refused(550, '5.1.1', `<${address}>: no such address here`),
  disabled: (address: Address) => refused(550, '5.2.1', `<${address}>: this address takes no mail`),
  loop: (address: Address) => refused(550, '5.4.6', `<${address}>: the alias leads back to itself`),
  tooMany: (address: Address) => refused(550, '5.1.0', `<${address}>: leads to too many addresses`),
  relay: (address: Address) =>
    refused(554, '5.7.1', `<${address}>: relay access denied; sign in on port 465 or 587 to send there`),
  full: (address: Address) => refused(452, '4.2.2', `<${address}>: mailbox full, try again later`),
  byRule: (address: Address, reason: string) => refused(550, '5.7.1', `<${address}>: ${reason}`),
  spam: refused(550, '5.7.1', 'Message refused as spam; if it is not, ask its recipient by other means'),
  virus: (where: string, name: string) =>
    refused(550, '5.7.1', `Message refused: ${where} contains a virus (${name})`),
  macro: (where: string, why: string) =>
    refused(
      550,
      '5.7.1',
      `Message refused: ${where} contains a dangerous macro (${why}); send it without macros, or as PDF`,
    ),
  unscanned: refused(451, '4.7.1', 'The virus scanner is not ready, try again later'),
  judgedLater: refused(451, '4.7.1', 'Message not accepted yet, try again later'),
  allowance: (retryAfterSeconds: number) =>
    refused(
      450,
      '4.2.1',
      `You have sent as many messages as you may for now, try again in ${inWords(retryAfterSeconds)}`,
    ),
  newcomers: refused(
    450,
    '4.7.1',
    'You have written to as many people you never wrote to before as you may for now; try again in some hours',
  ),
  changed: refused(451, '4.3.0', 'A recipient has just changed, please send again'),
} as const

/** Why an expansion takes no mail; undefined where it does. */
export function refusalOf(expansion: Expansion, origin: Origin): Refused | undefined {
  const { recipient, mailboxes, outside, dead, isForeign } = expansion
  // Never an open relay: strangers address our own people, and domains that we pass mail on for.
  if (isForeign && origin.kind === 'arrived') return refusals.relay(recipient)
  if (mailboxes.length > 0 || outside.length > 0) return undefined
  const [end] = dead
  return end ? deadEnd(end, recipient) : refusals.unknown(recipient)
}

function deadEnd({ why }: DeadEnd, recipient: Address): Refused {
  switch (why) {
    case 'unknown':
      return refusals.unknown(recipient)
    case 'disabled':
      return refusals.disabled(recipient)
    case 'loop':
      return refusals.loop(recipient)
    case 'too-many':
      return refusals.tooMany(recipient)
  }
}

function refused(code: number, status: string, text: string): Refused {
  return { kind: 'refused', code, status, text }
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3_600)} hours`
}
