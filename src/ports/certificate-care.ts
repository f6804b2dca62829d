/** The certificates of this server, for those who look after it. */
export interface CertificateCare {
  /** What serves now; on a stopped server: what its files say. */
  status(): Promise<CertificateStatus>
  /** Asks the authority now, whatever was to be waited for. Resolves when that is over. */
  renew(): Promise<CertificateRenewal>
}

export interface CertificateStatus {
  readonly source: CertificateSource
  readonly shown: readonly ShownCertificate[]
  /** Names that somebody should have a certificate for, and what is in the way. */
  readonly troubles: readonly CertificateTrouble[]
}

/** `none`: TLS_FLAVOR=notls. */
export type CertificateSource = 'authority' | 'files' | 'traefik' | 'self-signed' | 'none'

export interface ShownCertificate {
  readonly names: readonly string[]
  readonly key: 'RSA' | 'ECDSA' | 'other'
  readonly issuer: string
  /** UTC milliseconds. */
  readonly until: number
  /** When the authority is asked for the next one; UTC milliseconds. */
  readonly nextTry: number | undefined
}

export interface CertificateTrouble {
  readonly names: readonly string[]
  /** UTC milliseconds. */
  readonly at: number
  /** A sentence for people: what went wrong. */
  readonly text: string
  /** And what to do about it. */
  readonly todo: string
  /** The same by its keys, for other languages; undefined where an older version noted it. */
  readonly said?: SaidTrouble
  /** UTC milliseconds. */
  readonly nextTry: number
}

export interface SaidTrouble {
  readonly what: string
  readonly todo: string
  readonly values: Readonly<Record<string, string>>
}

export type CertificateRenewal =
  | { readonly kind: 'done' }
  | { readonly kind: 'troubled' }
  /** TLS_FLAVOR asks no authority. */
  | { readonly kind: 'not-ours' }
  /** The authority looks at open ports: the server has to run. */
  | { readonly kind: 'stopped' }
