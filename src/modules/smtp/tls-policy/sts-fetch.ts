import { askHttps, type HttpsMeans } from '../https.ts'

export interface StsFetching extends HttpsMeans {
  /** 443, but in tests. */
  readonly port: number
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

/** Fetches the text of a policy: no answer but 200 counts. RFC 8461 §3.3. */
export async function fetchStsPolicy(domain: string, { port, ...means }: StsFetching): Promise<StsFetched> {
  const host = `mta-sts.${domain}`
  const path = '/.well-known/mta-sts.txt'
  const answer = await askHttps({ method: 'GET', host, port, path, patienceMs, mostOctets }, means)
  if (answer.kind === 'failed') {
    const type = answer.why === 'certificate' ? 'sts-webpki-invalid' : 'sts-policy-fetch-error'
    return { kind: 'failed', type, text: answer.text }
  }
  if (answer.status === 200) return { kind: 'text', text: answer.text }
  return { kind: 'failed', type: 'sts-policy-fetch-error', text: `${host} answers ${answer.status}` }
}
