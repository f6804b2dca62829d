import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { Clock } from '../../../ports/runtime.ts'

export interface StsFetching {
  readonly dns: DnsResolver
  readonly clock: Clock
  readonly families: readonly ('ipv4' | 'ipv6')[]
  /** 443, but in tests. */
  readonly port: number
  /** Certificates to believe instead of the system's, PEM. */
  readonly trust: readonly string[] | undefined
}

export type StsFetched =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'failed'
      readonly type: 'sts-policy-fetch-error' | 'sts-webpki-invalid'
      readonly text: string
    }

/** RFC 8461 §3.3: nobody waits for more than a minute; mail waits no longer than this. */
const patienceMs = 20_000
const mostOctets = 64 * 1024

/** Fetches the text of a policy over HTTPS: no redirects, no answer but 200, names by our own resolver. RFC 8461 §3.3. */
export async function fetchStsPolicy(domain: string, fetching: StsFetching): Promise<StsFetched> {
  const host = `mta-sts.${domain}`
  const addresses = await addressesOf(host, fetching)
  if (addresses.length === 0) return failed('sts-policy-fetch-error', `${host} has no address`)
  let last: StsFetched = failed('sts-policy-fetch-error', 'nothing was tried')
  for (const address of addresses.slice(0, 4)) {
    last = await fetchFrom(host, address, fetching)
    if (last.kind === 'text' || last.type === 'sts-webpki-invalid') return last
  }
  return last
}

async function addressesOf(host: string, { dns, clock, families }: StsFetching): Promise<readonly string[]> {
  const deadlineMs = clock.now() + patienceMs
  const types = families.map((family) => (family === 'ipv6' ? 'AAAA' : 'A'))
  const outcomes = await Promise.all(types.map((type) => dns.resolve({ name: host, type, deadlineMs })))
  return outcomes.flatMap((outcome) =>
    outcome.kind === 'records'
      ? outcome.records.flatMap((record) => ('address' in record ? [record.address] : []))
      : [],
  )
}

function fetchFrom(host: string, address: string, { port, trust }: StsFetching): Promise<StsFetched> {
  const family = address.includes(':') ? 6 : 4
  const lookup: LookupFunction = (_name, { all }, done) =>
    all ? done(null, [{ address, family }]) : done(null, address, family)
  return new Promise((resolve) => {
    const end = (fetched: StsFetched) => {
      asking.destroy()
      resolve(fetched)
    }
    const asking = request(
      {
        host,
        port,
        path: '/.well-known/mta-sts.txt',
        lookup,
        agent: false,
        minVersion: 'TLSv1.2',
        signal: AbortSignal.timeout(patienceMs),
        ...(trust === undefined ? {} : { ca: [...trust] }),
      },
      (answer) => {
        if (answer.statusCode !== 200)
          return end(failed('sts-policy-fetch-error', `${host} answers ${answer.statusCode}`))
        const pieces: Buffer[] = []
        let octets = 0
        answer.on('data', (piece: Buffer) => {
          octets += piece.length
          pieces.push(piece)
          if (octets > mostOctets) end(failed('sts-policy-fetch-error', `the policy of ${host} is too long`))
        })
        answer.on('end', () => end({ kind: 'text', text: Buffer.concat(pieces).toString('utf8') }))
      },
    )
    asking.on('error', (cause: Error & { code?: string }) => {
      const isCertificate = /CERT|ALTNAME|SELF_SIGNED|ISSUER|VERIFY/.test(cause.code ?? '')
      end(
        failed(isCertificate ? 'sts-webpki-invalid' : 'sts-policy-fetch-error', `${host}: ${cause.message}`),
      )
    })
    asking.end()
  })
}

function failed(type: Extract<StsFetched, { kind: 'failed' }>['type'], text: string): StsFetched {
  return { kind: 'failed', type, text }
}
