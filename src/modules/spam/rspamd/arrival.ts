import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { parseAddress } from '../../../lib/address.ts'
import type { Arrival, EnvelopeRecipient } from '../../../ports/intake.ts'
import type { MessageRef } from '../../../ports/message.ts'

/**
 * What rspamd's fields say of how a message came: `From` and `Rcpt` of the envelope, `IP`, `Helo`, `User`. Who says no address means
 * this machine, of which nobody's SPF speaks.
 */
export function arrivalOf(headers: Headers, message: MessageRef, now: number): Arrival {
  const id = `rspamc-${randomBytes(6).toString('hex')}`
  const ip = headers.get('ip') ?? ''
  return {
    id,
    connection: id,
    origin: { kind: headers.has('user') ? 'trusted' : 'arrived' },
    sender: parseAddress(bare(headers.get('from') ?? '')),
    recipients: recipientsIn(headers.get('rcpt') ?? headers.get('deliver-to') ?? ''),
    message,
    trace: '',
    client: {
      ip: isIP(ip) === 0 ? '127.0.0.1' : ip,
      helo: headers.get('helo') ?? '',
      tls: headers.has('tls-cipher'),
    },
    requireTls: false,
    smtpUtf8: false,
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: now,
  }
}

export function recipientsIn(list: string): EnvelopeRecipient[] {
  const addresses = new Set(list.split(',').flatMap((one) => parseAddress(bare(one)) ?? []))
  return [...addresses].map((address) => ({ address, notify: undefined, originalRecipient: undefined }))
}

const bare = (text: string): string => text.trim().replace(/^<(.*)>$/, '$1')
