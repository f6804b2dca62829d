import { type Address, type DomainName, domainOf } from '../../lib/address.ts'
import { readHeader } from '../../lib/mime/header.ts'
import type { DkimKeys, SigningKey } from '../../ports/dkim-keys.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import { authorDomains } from './author.ts'
import { signAgain } from './sign-again.ts'
import { signaturesOf } from './signature/sign-message.ts'

export interface SignerParts {
  readonly keys: Pick<DkimKeys, 'signing' | 'all'>
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Headers beyond this are no letter's. */
const mostHeaderOctets = 1024 * 1024

/** Signs as the domain of the one author, where that domain is ours and the envelope is of it too, or of nobody. Mailu's rule. */
export function createSigner({ keys, bytes, clock, log, meter }: SignerParts): MailSigner {
  async function fields(message: MessageRef, sender: Address | undefined): Promise<string> {
    const to = Math.min(message.index.headerBytes, mostHeaderOctets)
    const header = readHeader(await bytes.read(message, { from: 0, to }))
    const signing = await signingKeys(keys, authorDomains(header), sender)
    return signaturesOf(signing, { message, header }, { bytes, clock })
  }
  return {
    async sign(message, sender) {
      try {
        const header = await fields(message, sender)
        meter.count('dkim_signed_total', { outcome: header === '' ? 'unsigned' : 'signed' })
        return { header }
      } catch (cause) {
        // A key file that cannot be read any more: mail without a signature is better than no mail.
        log.error('dkim.not-signed', cause, { from: sender ?? '<>' })
        meter.count('dkim_signed_total', { outcome: 'failed' })
        return { header: '' }
      }
    },
    signAgain: (before, after) => signAgain({ before, after }, { keys, clock }),
  }
}

/** Our own mail is from the name of this host, which is below a domain of ours: DMARC is content with its parent. RFC 9989 §5.1. */
async function signingKeys(
  keys: SignerParts['keys'],
  authors: readonly DomainName[] | undefined,
  sender: Address | undefined,
): Promise<readonly SigningKey[]> {
  const [author, ...others] = authors ?? []
  if (author === undefined || others.length > 0) return []
  if (sender !== undefined) return domainOf(sender) === author ? keys.signing(author) : []
  for (let domain: string = author; domain.includes('.'); domain = domain.slice(domain.indexOf('.') + 1)) {
    const found = await keys.signing(domain as DomainName)
    if (found.length > 0) return found
  }
  return []
}
