import { randomInt, type X509Certificate } from 'node:crypto'
import { get } from 'node:https'
import { gather } from '../../../lib/gather.ts'

/** When to renew, as the authority wants it; RFC 9773. */
export interface RenewalInfo {
  /** UTC milliseconds: some moment of its window. */
  readonly renewAt: number
  /** UTC milliseconds: when it may be asked again. */
  readonly askAgainAt: number
}

const hourMs = 3_600_000
const patienceMs = 15_000
const mostOctets = 64 * 1024

/** Undefined where the authority did not tell: then the certificate's own end counts. */
export async function askRenewalInfo(
  url: string,
  certificate: X509Certificate,
  now: number,
): Promise<RenewalInfo | undefined> {
  const id = certificateId(certificate)
  if (id === undefined) return undefined
  const answer = await getJson(`${url.replace(/\/$/, '')}/${id}`)
  const window = windowIn(answer?.body)
  return window && { renewAt: momentIn(window), askAgainAt: now + pauseOf(answer?.retryAfter) }
}

/** RFC 9773 §4.3.2: hours, but neither minutes nor days. */
function pauseOf(retryAfter: string | undefined): number {
  const wanted = Number(retryAfter) * 1000 || 6 * hourMs
  return Math.min(Math.max(wanted, hourMs), 24 * hourMs)
}

/** RFC 9773 §4.2: any moment in it, so that not everybody comes at once. */
function momentIn({ start, end }: { readonly start: number; readonly end: number }): number {
  return start + Math.floor((randomInt(2 ** 32) / 2 ** 32) * (end - start))
}

function windowIn(body: unknown): { start: number; end: number } | undefined {
  const { suggestedWindow } = (body ?? {}) as { suggestedWindow?: { start?: unknown; end?: unknown } }
  const start = Date.parse(String(suggestedWindow?.start))
  const end = Date.parse(String(suggestedWindow?.end))
  return end > start ? { start, end } : undefined
}

/** RFC 9773 §4.1: the issuer's key identifier and the serial number. */
export function certificateId({ raw }: X509Certificate): string | undefined {
  const [outer] = elements(raw)
  const [body] = elements(outer?.value)
  const fields = elements(body?.value)
  const serial = fields.find(({ tag }) => tag === 0x02)
  const [extensions] = elements(fields.find(({ tag }) => tag === 0xa3)?.value)
  const issuer = elements(extensions?.value)
    .map(({ value }) => elements(value))
    .find(([id]) => id?.value.toString('hex') === '551d23') // RFC 5280 §4.2.1.1
  const [identifier] = elements(issuer?.at(-1)?.value)
  const key = elements(identifier?.value).find(({ tag }) => tag === 0x80)
  if (key === undefined || serial === undefined) return undefined
  return `${key.value.toString('base64url')}.${serial.value.toString('base64url')}`
}

interface Element {
  readonly tag: number
  readonly value: Buffer
}

/** DER, one level of it; OpenSSL has read these octets before. */
function elements(octets: Buffer = Buffer.alloc(0)): Element[] {
  const found: Element[] = []
  for (let at = 0; at + 2 <= octets.length; ) {
    const short = octets.readUInt8(at + 1)
    const more = short < 0x80 ? 0 : short & 0x7f
    const length = more === 0 ? short : octets.readUIntBE(at + 2, more)
    const start = at + 2 + more
    found.push({ tag: octets.readUInt8(at), value: octets.subarray(start, start + length) })
    at = start + length
  }
  return found
}

/** Where an authority offers it. */
export async function renewalInfoUrl(directory: string): Promise<string | undefined> {
  const { renewalInfo } = ((await getJson(directory))?.body ?? {}) as { renewalInfo?: unknown }
  return typeof renewalInfo === 'string' ? renewalInfo : undefined
}

interface JsonAnswer {
  readonly body: unknown
  readonly retryAfter: string | undefined
}

/** Undefined for whatever is no good answer. */
function getJson(url: string): Promise<JsonAnswer | undefined> {
  return new Promise((resolve) => {
    const asking = get(
      url,
      { agent: false, headers: { 'user-agent': 'Homepost' }, signal: AbortSignal.timeout(patienceMs) },
      (answer) => {
        gather(answer, mostOctets)
          .then((octets) => {
            const good = octets && answer.statusCode === 200 ? parsed(octets) : undefined
            resolve(good && { body: good, retryAfter: answer.headers['retry-after'] })
          })
          .catch(() => resolve(undefined))
          .finally(() => asking.destroy())
      },
    )
    asking.on('error', () => resolve(undefined))
  })
}

function parsed(octets: Buffer): object | undefined {
  try {
    const read: unknown = JSON.parse(octets.toString('utf8'))
    return typeof read === 'object' && read !== null ? read : undefined
  } catch {
    return undefined
  }
}
