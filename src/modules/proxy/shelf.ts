import type { X509Certificate } from 'node:crypto'
import type { SecureContext } from 'node:tls'
import type { CertificateSource, ShownCertificate } from '../../ports/certificate-care.ts'
import { completeChain, withoutRoots } from './chains.ts'
import { checkPair, type KeyPair, secureContext, type TlsProfile } from './tls-profile.ts'

/** Certificates of the same names: RSA beside ECDSA, or one alone. */
export type Offer = readonly KeyPair[]

/** How a listener shows its certificate. */
export interface Showing {
  readonly profile: TlsProfile
  /** RFC 7672 §3.1.2: who checks by the root's TLSA record has to be given that root. Only mail servers do. */
  readonly chain: 'as given' | 'complete'
}

interface Shown {
  readonly pairs: Offer
  readonly certificates: readonly X509Certificate[]
  readonly contexts: Map<string, SecureContext>
}

/** What serves now: the first offer to everybody, the others to who asks for one of their names. */
export class Shelf {
  readonly source: Exclude<CertificateSource, 'none'>
  readonly #main: Shown
  readonly #byName = new Map<string, Shown>()
  readonly #all: readonly Shown[]
  readonly #roots: readonly string[]
  readonly #leavesOutRoots: boolean

  /** Throws where a pair cannot serve. */
  constructor({
    source,
    offers,
    roots,
    leavesOutRoots,
  }: {
    readonly source: Exclude<CertificateSource, 'none'>
    readonly offers: readonly [Offer, ...Offer[]]
    /** PEM, of authorities whose chains a mail server completes. */
    readonly roots: readonly string[]
    /** LETSENCRYPT_SHORTCHAIN */
    readonly leavesOutRoots: boolean
  }) {
    this.source = source
    this.#roots = roots
    this.#leavesOutRoots = leavesOutRoots
    const [main, ...others] = offers
    this.#main = shownOf(main)
    this.#all = [this.#main, ...others.map(shownOf)]
    // The first that has a name keeps it.
    for (const shown of this.#all) {
      for (const name of shown.certificates.flatMap(dnsNamesOf)) {
        if (!this.#byName.has(name)) this.#byName.set(name, shown)
      }
    }
    this.context({ profile: 'intermediate', chain: 'as given' }) // what cannot serve is found out here
  }

  /** For `serverName`, or for everybody. Made when it is first asked for: of many names most are never. */
  context({ profile, chain }: Showing, serverName?: string): SecureContext {
    const shown = serverName === undefined ? this.#main : this.#of(serverName.toLowerCase())
    const how = `${profile}, ${chain}`
    const made = shown.contexts.get(how) ?? secureContext(profile, this.#chained(shown.pairs, chain))
    shown.contexts.set(how, made)
    return made
  }

  /** One name has no other certificate than another: nobody needs to be asked which he means. */
  get hasSeveral(): boolean {
    return this.#all.length > 1
  }

  /** UTC milliseconds, of those that everybody is shown. */
  get expiresAt(): number {
    return Math.min(...this.#main.certificates.map(({ validTo }) => Date.parse(validTo)))
  }

  /** What everybody is shown. */
  get pairs(): Offer {
    return this.#main.pairs
  }

  get certificates(): readonly X509Certificate[] {
    return this.#all.flatMap(({ certificates }) => certificates)
  }

  #of(name: string): Shown {
    const wildcard = `*${name.slice(name.indexOf('.'))}`
    return this.#byName.get(name) ?? this.#byName.get(wildcard) ?? this.#main
  }

  #chained(pairs: Offer, chain: Showing['chain']): Offer {
    return pairs.map(({ certificate, key }) => {
      if (chain === 'complete') return { certificate: completeChain(certificate, this.#roots), key }
      return { certificate: this.#leavesOutRoots ? withoutRoots(certificate) : certificate, key }
    })
  }
}

function shownOf(pairs: Offer): Shown {
  return { pairs, certificates: pairs.map(checkPair), contexts: new Map() }
}

/** A-labels in lower case, as clients ask for them. */
export function dnsNamesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:^|, )DNS:([^,"]+)/g)].map(([, name = '']) => name.toLowerCase())
}

export function describeCertificate(certificate: X509Certificate): Omit<ShownCertificate, 'nextTry'> {
  const kinds: Readonly<Record<string, ShownCertificate['key']>> = { rsa: 'RSA', ec: 'ECDSA' }
  return {
    names: dnsNamesOf(certificate),
    key: kinds[certificate.publicKey.asymmetricKeyType ?? ''] ?? 'other',
    issuer: /(?:^|\n)CN=(.*)/.exec(certificate.issuer)?.[1] ?? certificate.issuer.replaceAll('\n', ', '),
    until: Date.parse(certificate.validTo),
  }
}
