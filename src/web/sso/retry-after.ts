import type { Context } from 'hono'
import type { Throttled } from '../../ports/credentials.ts'
import type { Env } from '../site/visit.ts'

/** Says when to come again, and answers with the minutes until then. RFC 9110 §10.2.3 */
export function retryAfter(
  c: Context<Env>,
  { retryAfterSeconds }: Pick<Throttled, 'retryAfterSeconds'>,
): number {
  c.header('Retry-After', String(retryAfterSeconds))
  return Math.ceil(retryAfterSeconds / 60)
}
