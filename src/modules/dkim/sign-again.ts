import { parseDomain } from '../../lib/address.ts'
import { keyText } from '../../lib/dkim-record.ts'
import { type Header, readHeader } from '../../lib/mime/header.ts'
import { indexMessage } from '../../lib/mime/indexer.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { SignedAgain } from '../../ports/mail-signing.ts'
import type { MessageRef } from '../../ports/message.ts'
import type { Clock } from '../../ports/runtime.ts'
import { hashBody } from './signature/body-hashes.ts'
import { bodyHashOf, type FoundSignature, findSignatures } from './signature/check.ts'
import { indexHeader } from './signature/header-input.ts'
import { signaturesOf } from './signature/sign-message.ts'
import { verifySignature } from './signature/verify.ts'

interface Versions {
  readonly before: Uint8Array
  readonly after: Uint8Array
}

interface Means {
  readonly keys: Pick<DkimKeys, 'signing' | 'all'>
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Signs anew what was rewritten. The signatures that the message begins with are ours, as they stand above our Received; that the
 * message is still the one that they signed is checked, since a filter may have changed it under another person's name.
 */
export async function signAgain({ before, after }: Versions, means: Means): Promise<SignedAgain | undefined> {
  const header = readHeader(before)
  const first = header.fields.findIndex(({ name }) => name !== field)
  const count = first < 0 ? header.fields.length : first
  const replaces = header.fields[count - 1]?.end ?? 0
  const found = findSignatures(indexHeader(header)).slice(0, count)
  for (const one of found) {
    const domain = one.read.kind === 'signature' ? parseDomain(one.read.signature.domain) : undefined
    if (domain === undefined || !(await holds(one, header, before, means))) continue
    const rest = after.subarray(replaces)
    const message = inMemory(rest)
    const whole = { message, header: readHeader(rest) }
    const signed = await signaturesOf(await means.keys.signing(domain), whole, { bytes, clock: means.clock })
    return { header: signed, replaces }
  }
  return undefined
}

const field = 'dkim-signature'

/** Whether one of our own keys made it, and of this very message. Nobody has to ask DNS for that. */
async function holds(
  { raw, read }: FoundSignature,
  header: Header,
  octets: Uint8Array,
  { keys, clock }: Means,
): Promise<boolean> {
  if (read.kind !== 'signature') return false
  const { signature } = read
  const domain = parseDomain(signature.domain)
  const own = domain === undefined ? [] : await keys.all(domain)
  const key = own.find(({ selector }) => selector === signature.selector)
  if (!key) return false
  const { result } = await verifySignature({
    signature,
    raw,
    indexed: indexHeader(header),
    body: hashBody(bytes, inMemory(octets), [bodyHashOf(signature)]),
    lookups: { texts: async () => [keyText(key.pem)] },
    now: clock.now(),
  })
  return result === 'pass'
}

function inMemory(octets: Uint8Array): MessageRef {
  return { kind: 'inline', size: octets.length, index: indexMessage(octets), bytes: octets }
}

const bytes = {
  read: async (message: MessageRef, { from, to }: { from: number; to: number }) =>
    message.kind === 'inline' ? message.bytes.subarray(from, to) : new Uint8Array(),
}
