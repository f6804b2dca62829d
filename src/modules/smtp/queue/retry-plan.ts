/** When what was put off is tried again. RFC 5321 §4.5.4.1. */
export interface RetryRules {
  readonly firstMs: number
  readonly longestMs: number
}

const minute = 60_000

/** The first steps are short: greylisting lasts five minutes. */
const standardRetry: RetryRules = { firstMs: 5 * minute, longestMs: 2 * 60 * minute }

/** Who waits for more recipients than fit into one transaction goes on at once: RFC 5321 §4.5.3.1.10. */
const nextTransactionMs = 1_000

/** What a retry spreads over, so that a server that was down is not met by everybody at once. */
const jitter = 0.2

export interface Put {
  readonly why: string
  /** Attempts before this one. */
  readonly attempts: number
  /** Below 1. */
  readonly random: number
}

/** Milliseconds from now: doubling from `firstMs` to `longestMs`, give or take a fifth. */
export function retryAfterMs({ why, attempts, random }: Put, rules: RetryRules = standardRetry): number {
  if (why === 'too-many-recipients' || why === 'another-way') return nextTransactionMs
  const doubled = Math.min(rules.firstMs * 2 ** Math.min(attempts, 30), rules.longestMs)
  return Math.round(doubled * (1 - jitter + 2 * jitter * random))
}
