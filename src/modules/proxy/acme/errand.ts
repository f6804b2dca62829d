/** The conversation with the authority as plain data: its package is large and runs on a thread of its own. RFC 8555. */

export type ChallengeKind = 'http-01' | 'tls-alpn-01' | 'dns-01'

/** Who we are to the authority. */
export interface Account {
  readonly directory: string
  readonly key: string
  readonly contact: string
  /** RFC 8555 §7.3.4 */
  readonly binding: { readonly kid: string; readonly hmacKey: string } | undefined
}

export type Errand =
  | {
      readonly kind: 'order'
      readonly account: Account
      readonly names: readonly string[]
      /** RFC 9773 §5: the certificate that the new one takes the place of. */
      readonly replaces: string | undefined
      readonly challenge: ChallengeKind
    }
  | { readonly kind: 'prove'; readonly account: Account; readonly order: Order }
  | { readonly kind: 'finish'; readonly account: Account; readonly order: Order; readonly key: string }

export type ErrandOutcome =
  | { readonly kind: 'ordered'; readonly order: Order }
  | { readonly kind: 'proven'; readonly failed: readonly FailedName[] }
  | { readonly kind: 'issued'; readonly chain: string }
  | { readonly kind: 'failed'; readonly problem: Problem }

export interface Order {
  readonly url: string
  readonly finalize: string
  readonly names: readonly string[]
  /** What the authority wants to see, name by name. Those it knows already are not among them. */
  readonly tasks: readonly Task[]
}

export interface Task {
  readonly name: string
  readonly authorization: string
  readonly challenge: string
  readonly kind: ChallengeKind
  readonly token: string
  /** For dns-01 the text of the record. RFC 8555 §8.1 */
  readonly proof: string
  /** RFC 8737 §3: for tls-alpn-01. */
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined
}

export interface FailedName {
  readonly name: string
  readonly problem: Problem
}

/** RFC 8555 §6.7, RFC 9457. */
export interface Problem {
  /** Without its prefix: `dns`, `rateLimited`. Empty where the authority did not say, or was not reached. */
  readonly type: string
  readonly text: string
  readonly retryAfterMs: number | undefined
}
