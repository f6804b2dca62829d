import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { Clock } from '../../../ports/runtime.ts'
import { matchDane, type TlsaRecord, usableRecords } from './dane.ts'

/** How safe a connection has to be before a message goes over it. */
export type TlsNeed =
  /** Never: a host that is known not to manage. */
  | { readonly kind: 'none' }
  /** Encrypted where that works, plain where it does not: it keeps out listeners, not impostors. RFC 7435. */
  | { readonly kind: 'may'; readonly wouldBear?: readonly string[] }
  /** `wouldBear`: names that are looked for in the certificate, and only told of where they are missing. */
  | { readonly kind: 'encrypt'; readonly wouldBear?: readonly string[] }
  /** The certificate bears one of the names and leads to a CA of the system. RFC 8461 §4.2. */
  | { readonly kind: 'verify'; readonly names: readonly string[] }
  /** The certificate answers the host's TLSA records, which DNSSEC vouches for. RFC 7672. */
  | { readonly kind: 'dane'; readonly records: readonly TlsaRecord[]; readonly names: readonly string[] }

/** RFC 8460 §4.3: what a report calls it. */
type TlsFailureType =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'

export interface TlsFacts {
  readonly protocol: string
  readonly cipher: string
  /** Who vouched for the other side. */
  readonly proof: 'none' | 'name' | 'dane'
  /** What would have failed if more had been asked. */
  readonly trouble: TlsTrouble | undefined
}

export interface TlsTrouble {
  readonly type: TlsFailureType
  readonly text: string
}

export type Secured =
  | { readonly kind: 'secured'; readonly stream: TLSSocket; readonly facts: TlsFacts }
  | { readonly kind: 'failed'; readonly failure: TlsFailureType; readonly text: string }

export interface Securing {
  readonly stream: Duplex
  readonly host: string
  readonly need: TlsNeed
  readonly limitMs: number
  /** Certificates to believe instead of the system's, PEM. */
  readonly trust: readonly string[] | undefined
}

/** The handshake, and the proof that `need` asks for. */
export async function secure(securing: Securing, clock: Clock): Promise<Secured> {
  const shaken = await handshake(securing, clock)
  if (shaken.kind === 'failed') return shaken
  const { stream } = shaken
  const proof = prove(stream, securing.need, clock.now())
  if (proof.kind === 'failed') {
    stream.destroy()
    return proof
  }
  const facts = {
    protocol: stream.getProtocol() ?? '',
    cipher: stream.getCipher().standardName,
    proof: proof.by,
    trouble: proof.trouble,
  }
  return { kind: 'secured', stream, facts }
}

type Shaken = { readonly kind: 'shaken'; readonly stream: TLSSocket } | Extract<Secured, { kind: 'failed' }>

function handshake({ stream, host, need, trust, limitMs }: Securing, clock: Clock): Promise<Shaken> {
  return new Promise((resolve) => {
    const over = new AbortController()
    const tls = connect({ socket: stream, ...optionsOf(need, host, trust) })
    const end = (shaken: Shaken) => {
      over.abort('over')
      tls.off('secureConnect', shook).off('error', failed).off('close', closed)
      if (shaken.kind === 'failed') tls.on('error', () => undefined).destroy()
      resolve(shaken)
    }
    const fail = (text: string) => end({ kind: 'failed', failure: 'validation-failure', text })
    const shook = () => end({ kind: 'shaken', stream: tls })
    const failed = (error: Error) => fail(`TLS failed: ${error.message}`)
    const closed = () => fail('The server closed the connection during the TLS handshake')
    tls.once('secureConnect', shook).once('error', failed).once('close', closed)
    void clock.sleep(limitMs, over.signal).then(() => {
      if (!over.signal.aborted) fail('The TLS handshake took too long')
    })
  })
}

function optionsOf(need: TlsNeed, host: string, trust: readonly string[] | undefined): ConnectionOptions {
  return {
    // RFC 7672 §8.1 asks for the name; an address is none (RFC 6066 §3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // Looked at below, by the rule that applies.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(trust === undefined ? {} : { ca: [...trust] }),
    // RFC 8996 forbids the old versions; where plain text is the other choice they are better than that.
    ...(need.kind === 'may'
      ? { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT:@SECLEVEL=0' }
      : { minVersion: 'TLSv1.2' as const }),
  }
}

type Proof =
  | { readonly kind: 'proven'; readonly by: TlsFacts['proof']; readonly trouble?: TlsTrouble }
  | Extract<Secured, { kind: 'failed' }>

function prove(stream: TLSSocket, need: TlsNeed, now: number): Proof {
  switch (need.kind) {
    case 'none':
      return { kind: 'proven', by: 'none' }
    case 'may':
    case 'encrypt':
      return need.wouldBear ? tryName(stream, need.wouldBear) : { kind: 'proven', by: 'none' }
    case 'verify':
      return proveName(stream, need.names)
    case 'dane':
      return proveDane(stream, need, now)
  }
}

/** As far as it goes: nothing fails here. */
function tryName(stream: TLSSocket, names: readonly string[]): Proof {
  const proof = proveName(stream, names)
  if (proof.kind === 'proven') return proof
  return { kind: 'proven', by: 'none', trouble: { type: proof.failure, text: proof.text } }
}

function proveName(stream: TLSSocket, names: readonly string[]): Proof {
  if (!stream.authorized) {
    const error = String(stream.authorizationError)
    const failure = error.includes('EXPIRED') ? 'certificate-expired' : 'certificate-not-trusted'
    return { kind: 'failed', failure, text: `The server's certificate is not trusted: ${error}` }
  }
  const own = stream.getPeerX509Certificate()
  // RFC 9525 §6.3: names of the extension alone, never the common name.
  if (own && names.some((name) => own.checkHost(name, { subject: 'never' }) !== undefined))
    return { kind: 'proven', by: 'name' }
  const text = `The server's certificate is not for ${names.join(' or ')}`
  return { kind: 'failed', failure: 'certificate-host-mismatch', text }
}

function proveDane(stream: TLSSocket, need: Extract<TlsNeed, { kind: 'dane' }>, now: number): Proof {
  const usable = usableRecords(need.records)
  if (usable.length === 0) return { kind: 'proven', by: 'none' }
  const verdict = matchDane(usable, chainOf(stream), need.names, now)
  if (verdict.kind === 'verified') return { kind: 'proven', by: 'dane' }
  return {
    kind: 'failed',
    failure: verdict.why,
    text: "The server's certificate does not answer its TLSA records",
  }
}

const longestChain = 20

function chainOf(stream: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let at = stream.getPeerX509Certificate()
  while (at !== undefined && chain.length < longestChain) {
    if (chain.some(({ fingerprint512 }) => fingerprint512 === at?.fingerprint512)) break
    chain.push(at)
    at = at.issuerCertificate
  }
  return chain
}
