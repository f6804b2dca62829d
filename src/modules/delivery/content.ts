import type { SieveVersion } from '../../ports/sieve.ts'

/** A message of a plan: the one that came, what rules made of it, or one that they wrote. */
export type Content =
  | { readonly kind: 'arrival' }
  /** Undefined is as it came. */
  | { readonly kind: 'edited'; readonly header: Uint8Array; readonly body: Uint8Array | undefined }
  | { readonly kind: 'written'; readonly bytes: Uint8Array }

export const arrivalContent: Content = { kind: 'arrival' }

export function contentOf(version: SieveVersion | undefined): Content {
  if (version?.header === undefined) return arrivalContent
  return { kind: 'edited', header: version.header, body: version.body }
}

/** The header of an edited message as it goes on to others: how it came into this mailbox is not theirs. */
export function goingOn(content: Content): Content {
  if (content.kind !== 'edited') return content
  const header = Buffer.from(content.header)
    .toString('latin1')
    .replace(/^Return-Path:[^\n]*\n/i, '')
  return { ...content, header: Buffer.from(header, 'latin1') }
}
