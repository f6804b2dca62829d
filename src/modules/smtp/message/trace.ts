import { domainToASCII } from 'node:url'
import { formatMessageDate } from '../../../lib/mime/date.ts'
import type { TlsFacts } from '../../../ports/connection.ts'

export interface TraceFacts {
  readonly hostname: string
  readonly id: string
  /** `ESMTPS`, as `protocolName` says it. */
  readonly protocol: string
  readonly tls: TlsFacts | undefined
  /** Undefined where the client stays unnamed: who signs in shows neither machine nor place. */
  readonly client: { readonly helo: string; readonly ip: string } | undefined
  /** Named only where it is the only one, so that no copy tells of the others. */
  readonly onlyRecipient: string | undefined
  readonly at: number
}

/** Our Received field, CRLF-ended. RFC 5321 §4.4. */
export function receivedField(facts: TraceFacts): string {
  const { client, tls } = facts
  const from = client
    ? `${printable(client.helo)} (${ipLiteral(client.ip)})`
    : `${facts.hostname} (submission)`
  const secured = tls ? `\r\n\t(${tls.protocol} ${tls.cipher})` : ''
  const recipient = facts.onlyRecipient === undefined ? '' : `\r\n\tfor <${facts.onlyRecipient}>`
  return (
    `Received: from ${from}\r\n\tby ${facts.hostname} with ${facts.protocol} id ${facts.id}` +
    `${secured}${recipient};\r\n\t${formatMessageDate(facts.at)}\r\n`
  )
}

/** RFC 5321 §4.1.3. */
function ipLiteral(ip: string): string {
  return ip.includes(':') ? `[IPv6:${ip}]` : `[${ip}]`
}

// RFC 5321 §4.4: the field stays ASCII whatever the client called itself.
function printable(helo: string): string {
  if (/^[!-~]+$/.test(helo)) return helo
  return domainToASCII(helo) || helo.replace(/[^!-~]/g, '?')
}
