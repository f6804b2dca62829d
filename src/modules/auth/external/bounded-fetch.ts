import { gather } from '../../../lib/gather.ts'

const patienceMs = 5_000
/** The keys of large providers have some 10 KB. */
const mostOctets = 512 * 1024

/** A provider that is slow, endless or leads elsewhere costs a sign-in, and nothing more. */
export async function boundedFetch(url: string, options: RequestInit = {}): Promise<Response> {
  const signals = [AbortSignal.timeout(patienceMs), ...(options.signal ? [options.signal] : [])]
  const answer = await fetch(url, { ...options, redirect: 'manual', signal: AbortSignal.any(signals) })
  const { status, headers } = answer
  if (!answer.body) return new Response(null, { status, headers })
  const body = await gather(answer.body, mostOctets)
  if (!body) throw new Error('the answer is too long')
  return new Response(new Uint8Array(body), { status, headers })
}
