import type { Reply } from './reply.ts'

/** What the far side can do, as its greeting says. RFC 5321 §4.1.1.1. */
export interface Capabilities {
  readonly pipelining: boolean
  readonly startTls: boolean
  readonly eightBitMime: boolean
  readonly smtpUtf8: boolean
  readonly chunking: boolean
  readonly dsn: boolean
  readonly requireTls: boolean
  /** Octets a message may have; 0: it takes any, undefined: it knows no SIZE. RFC 1870 §4. */
  readonly size: number | undefined
  /** Mechanisms in capitals. RFC 4954 §3. */
  readonly auth: readonly string[]
  /** Recipients one transaction may have. RFC 9422 §4.2. */
  readonly mostRecipients: number | undefined
  /** Messages one connection may carry. RFC 9422 §4.1. */
  readonly mostMessages: number | undefined
}

/** After HELO: nothing but the base. */
export const noCapabilities: Capabilities = readCapabilities([])

export function capabilitiesOf({ lines }: Reply): Capabilities {
  // The first line is the name of the server.
  return readCapabilities(lines.slice(1))
}

function readCapabilities(lines: readonly string[]): Capabilities {
  const words = new Map<string, string>()
  for (const line of lines) {
    // Old servers say AUTH=LOGIN as well as AUTH LOGIN.
    const [, keyword = '', rest = ''] = /^([A-Za-z0-9-]+)[ =]?(.*)$/.exec(line) ?? []
    const name = keyword.toUpperCase()
    words.set(name, `${words.get(name) ?? ''} ${rest.trim().toUpperCase()}`.trim())
  }
  return {
    pipelining: words.has('PIPELINING'),
    startTls: words.has('STARTTLS'),
    eightBitMime: words.has('8BITMIME'),
    smtpUtf8: words.has('SMTPUTF8'),
    chunking: words.has('CHUNKING'),
    dsn: words.has('DSN'),
    requireTls: words.has('REQUIRETLS'),
    size: words.has('SIZE') ? numberIn(words.get('SIZE')) : undefined,
    auth: (words.get('AUTH') ?? '').split(' ').filter((mechanism) => mechanism !== ''),
    mostRecipients: limitOf(words.get('LIMITS'), 'RCPTMAX'),
    mostMessages: limitOf(words.get('LIMITS'), 'MAILMAX'),
  }
}

function numberIn(text = ''): number {
  return /^\d{1,20}$/.test(text) ? Number(text) : 0
}

function limitOf(limits: string | undefined, name: string): number | undefined {
  const found = limits?.split(' ').find((limit) => limit.startsWith(`${name}=`))
  const limit = numberIn(found?.slice(name.length + 1))
  return limit > 0 ? limit : undefined
}
