import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Clock } from '../../ports/runtime.ts'

export interface HttpsMeans {
  readonly dns: DnsResolver
  readonly clock: Clock
  readonly families: readonly ('ipv4' | 'ipv6')[]
  /** Certificates to believe instead of the system's, PEM. */
  readonly trust: readonly string[] | undefined
}

export interface HttpsQuestion {
  readonly method: 'GET' | 'POST'
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly patienceMs: number
  /** Of the answer. */
  readonly mostOctets: number
}

export type HttpsAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  | { readonly kind: 'failed'; readonly why: 'no-address' | 'certificate' | 'network'; readonly text: string }

const mostAddresses = 4

/** Asks another server over HTTPS: no redirects, names by our own resolver, and a certificate that proves the name. */
export async function askHttps(question: HttpsQuestion, means: HttpsMeans): Promise<HttpsAnswer> {
  const { host } = question
  const addresses = await addressesOf(question, means)
  let last: HttpsAnswer = { kind: 'failed', why: 'no-address', text: `${host} has no address` }
  for (const address of addresses.slice(0, mostAddresses)) {
    last = await askAt(address, question, means.trust)
    if (last.kind === 'answer' || last.why === 'certificate') return last
  }
  return last
}

async function addressesOf(
  { host, patienceMs }: HttpsQuestion,
  { dns, clock, families }: HttpsMeans,
): Promise<readonly string[]> {
  const deadlineMs = clock.now() + patienceMs
  const types = families.map((family) => (family === 'ipv6' ? 'AAAA' : 'A'))
  const outcomes = await Promise.all(types.map((type) => dns.resolve({ name: host, type, deadlineMs })))
  return outcomes.flatMap((outcome) =>
    outcome.kind === 'records'
      ? outcome.records.flatMap((record) => ('address' in record ? [record.address] : []))
      : [],
  )
}

function askAt(
  address: string,
  { method, host, port, path, headers, body, patienceMs, mostOctets }: HttpsQuestion,
  trust: readonly string[] | undefined,
): Promise<HttpsAnswer> {
  const family = address.includes(':') ? 6 : 4
  const lookup: LookupFunction = (_name, { all }, done) =>
    all ? done(null, [{ address, family }]) : done(null, address, family)
  return new Promise((resolve) => {
    const end = (answer: HttpsAnswer) => {
      asking.destroy()
      resolve(answer)
    }
    const failed = (why: 'certificate' | 'network', text: string) => end({ kind: 'failed', why, text })
    const asking = request(
      {
        method,
        host,
        port,
        path,
        headers: { ...headers, ...(body && { 'content-length': body.length }) },
        lookup,
        agent: false,
        minVersion: 'TLSv1.2',
        signal: AbortSignal.timeout(patienceMs),
        ...(trust === undefined ? {} : { ca: [...trust] }),
      },
      (answer) => {
        const pieces: Buffer[] = []
        let octets = 0
        answer.on('data', (piece: Buffer) => {
          octets += piece.length
          pieces.push(piece)
          if (octets > mostOctets) failed('network', `the answer of ${host} is too long`)
        })
        // Who hangs up in the middle says no more.
        answer.on('error', (cause) => failed('network', `${host}: ${cause.message}`))
        answer.on('end', () =>
          end({
            kind: 'answer',
            status: answer.statusCode ?? 0,
            text: Buffer.concat(pieces).toString('utf8'),
          }),
        )
      },
    )
    asking.on('error', (cause: Error & { code?: string }) => {
      const isCertificate = /CERT|ALTNAME|SELF_SIGNED|ISSUER|VERIFY/.test(cause.code ?? '')
      failed(isCertificate ? 'certificate' : 'network', `${host}: ${cause.message}`)
    })
    asking.end(body)
  })
}
