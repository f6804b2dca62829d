import type { Reply } from './reply.ts'
import type { Heard } from './talk.ts'

/** What became of one recipient. `later` and `never` say why, in words that a report can carry. */
export type Sent =
  | {
      readonly kind: 'done'
      readonly code: number
      readonly status: string
      readonly text: string
      /** RFC 3461 §4: it reports what we were asked to report. Otherwise "relayed" is all that is known. */
      readonly reportsDelivery: boolean
    }
  | ({ readonly kind: 'later' } & Failure)
  | ({ readonly kind: 'never' } & Failure)

export interface Failure {
  readonly why: FailureReason
  /** What we said or did when it went wrong: `connect`, `EHLO`, `RCPT TO` … */
  readonly step: string
  /** The reply code; undefined where nothing was said. */
  readonly code: number | undefined
  /** RFC 3463. */
  readonly status: string
  /** The server's words, or ours where it said nothing. */
  readonly text: string
  /** Who said so: RFC 3464 tells a remote diagnosis from our own. */
  readonly saidBy: 'them' | 'us'
}

export type FailureReason =
  /** No connection, or one that broke. */
  | 'network'
  | 'timeout'
  /** The server says "not now". */
  | 'temporary'
  | 'permanent'
  /** It does not want mail from us or of this kind: spam, reputation, authentication, rate. */
  | 'policy'
  /** Another transaction may carry these recipients at once: RFC 5321 §4.5.3.1.10. */
  | 'too-many-recipients'
  /** The connection is not as safe as it has to be. */
  | 'tls'
  /** It cannot do what the message needs: size, SMTPUTF8, REQUIRETLS. */
  | 'capability'
  /** It does not speak SMTP. */
  | 'protocol'
  /** Another way is known for it, and taken at once. */
  | 'another-way'
  /** Our login at a relay is refused. */
  | 'login'
  /** Everything was sent, the last reply did not come: it may have the message. RFC 1047. */
  | 'unconfirmed'

/** What a reply that is no success means. RFC 5321 §4.2.1, RFC 3463, RFC 7505. */
export function failureOf(reply: Reply, step: string): Failure & { readonly kind: 'later' | 'never' } {
  const kind = reply.code >= 500 ? 'never' : 'later'
  // A reply that is out of place, such as 250 for 354, says nothing about the failure.
  const said = reply.code >= 400 ? reply.status : undefined
  const status = said ?? `${kind === 'never' ? 5 : 4}.0.0`
  const { code, text } = reply
  return { kind, why: reasonOf(reply, kind), step, code, status, text, saidBy: 'them' }
}

export function ourFailure(why: FailureReason, step: string, status: string, text: string): Failure {
  return { why, step, code: undefined, status, text, saidBy: 'us' }
}

/** RFC 3463 §3.5: 4.4.2 is a bad connection. */
export function lostFailure({ why, text }: Extract<Heard, { kind: 'lost' }>, step: string): Failure {
  return ourFailure(why, step, why === 'protocol' ? '4.5.0' : '4.4.2', text)
}

// RFC 3463 §3.8: X.7.X is security or policy. Servers that give no status say it in words, with these names in them.
const policyWords =
  /\b(?:spam(?:haus|cop)?|block(?:ed|list|ing)|black-?list(?:ed)?|deny-?list(?:ed)?|rbl|dnsbl|reputation|policy|dmarc|spf|dkim|ptr|reverse dns|rate.?limit(?:ed)?|throttl\w+|unsolicited|grey-?list\w*|gr[ae]ylist\w*)\b/i

function reasonOf({ code, status, text }: Reply, kind: 'later' | 'never'): FailureReason {
  // RFC 5321 §4.5.3.1.10, RFC 3463 §3.6
  if (status?.endsWith('.5.3') === true) return 'too-many-recipients'
  if (status?.slice(1).startsWith('.7.') === true) return 'policy'
  if (
    (code === 450 || code === 451 || code === 421 || code === 550 || code === 554) &&
    policyWords.test(text)
  )
    return 'policy'
  return kind === 'later' ? 'temporary' : 'permanent'
}
