import type { Address } from '../../lib/address.ts'
import type { BesideMessage, Delivery } from '../../ports/mail-store.ts'
import type { Decision } from '../../ports/remembered.ts'
import type { SieveVersion } from '../../ports/sieve.ts'

/** A message of a plan: the one that came, what rules made of it, or one that they wrote. */
export type Content =
  | { readonly kind: 'arrival' }
  /** Undefined is as it came. */
  | { readonly kind: 'edited'; readonly header: Uint8Array; readonly body: Uint8Array | undefined }
  | { readonly kind: 'written'; readonly bytes: Uint8Array }

/** A message of the plan beside the one that came, before it is octets of its own. */
export interface MadeMessage extends Omit<BesideMessage, 'message'> {
  readonly content: Content
  /** Who wrote it, where it is to be signed. */
  readonly author: Address | undefined
}

/** A delivery whose other messages are not octets yet. */
export interface PlannedDelivery extends Omit<Delivery, 'beside'> {
  readonly made: readonly MadeMessage[]
  readonly decisions: readonly Decision[]
}

export const arrivalContent: Content = { kind: 'arrival' }

export function contentOf(version: SieveVersion | undefined): Content {
  if (version?.header === undefined) return arrivalContent
  return { kind: 'edited', header: version.header, body: version.body }
}

/** The header of an edited message as it goes on to others: how it came into this mailbox is not theirs. */
export function goingOn(content: Content): Content {
  if (content.kind !== 'edited') return content
  return { ...content, header: withoutReturnPath(content.header) }
}

export function withoutReturnPath(header: Uint8Array): Buffer {
  const text = Buffer.from(header)
    .toString('latin1')
    .replace(/^Return-Path:[^\n]*\n/i, '')
  return Buffer.from(text, 'latin1')
}
