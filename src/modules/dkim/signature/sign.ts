import { sign as cryptoSign, hash, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { headerInput, type IndexedHeader } from './header-input.ts'

export interface Signer {
  readonly domain: string
  readonly selector: string
  readonly key: KeyObject
}

/**
 * Fields that say what a message is. A field that stands in the message is named once more than it does, so that nobody can add
 * another (RFC 6376 §8.15); From always. What lists add (List-*, Sender) is signed where it is, and may be added.
 */
const sealed = [
  'from',
  'reply-to',
  'subject',
  'date',
  'to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
]
const plain = [
  'sender',
  'content-id',
  'content-description',
  'resent-from',
  'resent-to',
  'resent-cc',
  'resent-date',
  'resent-message-id',
  'list-id',
  'list-help',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-subscribe',
  'list-post',
  'list-owner',
  'list-archive',
  'auto-submitted',
  'openpgp',
  'autocrypt',
  'require-recipient-valid-since',
]

/** A message that has more fields of one name than this is not signed field by field. */
const mostOfOneName = 20

export function namesToSign({ byName }: IndexedHeader): string[] {
  const names: string[] = []
  const add = (name: string, more: number) => {
    const count = Math.min(byName.get(name)?.length ?? 0, mostOfOneName)
    if (count > 0) names.push(...new Array<string>(count + more).fill(name))
  }
  for (const name of sealed) add(name, 1)
  for (const name of plain) add(name, 0)
  return names
}

/** What every signature of one message shares. */
export interface ToSign {
  readonly names: readonly string[]
  /** Those fields, relaxed. */
  readonly fields: string
  /** SHA-256 of the relaxed body. */
  readonly bodyHash: Buffer
  /** UTC milliseconds. */
  readonly at: number
}

/** A DKIM-Signature field, CRLF-ended. RFC 6376 §3.5, RFC 8463. */
export async function dkimField({ domain, selector, key }: Signer, toSign: ToSign): Promise<string> {
  const { names, fields, bodyHash, at } = toSign
  const algorithm = key.asymmetricKeyType === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256'
  const field = [
    `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed; d=${domain}; s=${selector};\r\n\t`,
    `t=${Math.floor(at / 1000)}; bh=${bodyHash.toString('base64')};\r\n\t`,
    `h=${folded(names.join(':'), /[^:]+:?/g)};\r\n\tb=`,
  ].join('')
  const signature = await signInput(headerInput(fields, field, 'relaxed'), key)
  return `${field}${folded(signature.toString('base64'), /.{1,70}/g)}\r\n`
}

const signAside = promisify(cryptoSign)

/** A quarter of a millisecond. Handing it to another thread costs half as much again; with larger keys that pays. */
const mostBitsHere = 2048

export async function signInput(input: Buffer, key: KeyObject): Promise<Buffer> {
  if (key.asymmetricKeyType !== 'rsa') return cryptoSign(null, hash('sha256', input, 'buffer'), key)
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  return modulusLength <= mostBitsHere ? cryptoSign('sha256', input, key) : signAside('sha256', input, key)
}

const lineOctets = 72

/** Lines of people's length: `pieces` are what must stay together. */
export function folded(text: string, pieces: RegExp, indent = '\t'): string {
  const lines = ['']
  for (const piece of text.match(pieces) ?? []) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + piece.length > lineOctets) lines.push(piece)
    else lines[lines.length - 1] = last + piece
  }
  return lines.join(`\r\n${indent}`)
}
