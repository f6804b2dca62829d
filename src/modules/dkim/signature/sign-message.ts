import type { Header } from '../../../lib/mime/header.ts'
import type { SigningKey } from '../../../ports/dkim-keys.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { hashBody } from './body-hashes.ts'
import { indexHeader, signedFields } from './header-input.ts'
import { privateKeyOf } from './private-key.ts'
import { dkimField, namesToSign } from './sign.ts'

interface Whole {
  readonly message: MessageRef
  /** The fields to sign, as they stand in it. */
  readonly header: Header
}

interface Means {
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly clock: Pick<Clock, 'now'>
}

/** A DKIM-Signature field by each of the keys; '' without any. */
export async function signaturesOf(
  signing: readonly SigningKey[],
  { message, header }: Whole,
  { bytes, clock }: Means,
): Promise<string> {
  if (signing.length === 0) return ''
  const body = await hashBody(bytes, message, [{ canonical: 'relaxed', octets: undefined }])
  const found = body.of({ canonical: 'relaxed', octets: undefined })
  if (!found) return ''
  const indexed = indexHeader(header)
  const names = namesToSign(indexed)
  const toSign = {
    names,
    fields: signedFields(indexed, names, 'relaxed'),
    bodyHash: found.hash,
    at: clock.now(),
  }
  const made = await Promise.all(
    signing.map(({ domain, selector, pem }) =>
      dkimField({ domain, selector, key: privateKeyOf(pem) }, toSign),
    ),
  )
  return made.join('')
}
