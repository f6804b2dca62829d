import { type Rights, readRights } from '../access/rights.ts'
import type { Decoder } from './decoder.ts'

/** Whom rights are given to, or taken from whatever else gives them. RFC 4314 §2. */
export interface Identifier {
  /** As the client wrote it. */
  readonly text: string
  /** The same without the `-` of negative rights. */
  readonly name: string
  readonly negative: boolean
}

/** ` mailbox identifier` */
export function mailboxAndIdentifier(d: Decoder): { mailbox: string; identifier: Identifier } {
  return { mailbox: d.sp().mailbox(), identifier: identifier(d.sp()) }
}

/** ` mailbox identifier +lrs`; without a sign the rights replace those that were there. RFC 4314 §3.1. */
export function setAclArguments(d: Decoder): {
  mailbox: string
  identifier: Identifier
  change: { mode: 'replace' | 'add' | 'remove'; rights: Rights }
} {
  return { ...mailboxAndIdentifier(d), change: modRights(d.sp()) }
}

function identifier(d: Decoder): Identifier {
  const at = d.offset
  const text = d.astring()
  const negative = text.startsWith('-')
  const name = negative ? text.slice(1) : text
  return name === '' || name.length > 320 ? d.fail('identifier', at) : { text, name, negative }
}

function modRights(d: Decoder): { mode: 'replace' | 'add' | 'remove'; rights: Rights } {
  const at = d.offset
  const text = d.astring()
  const mode = ({ '+': 'add', '-': 'remove' } as const)[text[0] ?? ''] ?? 'replace'
  const letters = mode === 'replace' ? text : text.slice(1)
  return { mode, rights: readRights(letters) ?? d.fail('rights', at) }
}
