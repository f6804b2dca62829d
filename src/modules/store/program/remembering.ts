import type { Decision, DeliveryGuard, RememberedKey } from '../../../ports/remembered.ts'
import type { AcceptArgs } from '../operations.ts'
import type { RuleSql } from './rule-sql.ts'

/** Of one account. Each row has the sentences of one message, so this is some hundred KiB. */
const mostDecisions = 1_000
const trimmedEvery = 50

/** Guards that do not hold: what they name is known already. */
export function knownKeys(
  rules: RuleSql,
  guards: readonly DeliveryGuard[],
  now: number,
): readonly RememberedKey[] {
  const known = guards.filter(
    ({ account, key, renews }) => !renews && rules.isRemembered.get(account, key, now) === 1,
  )
  return known.map(({ account, key }) => ({ account, key }))
}

export function rememberAll(rules: RuleSql, guards: readonly DeliveryGuard[]): void {
  for (const { account, key, until } of guards) rules.remember.run(account, key, until)
}

/** True where the key is new, or there is none; it is known afterwards. */
export function isFirst(rules: RuleSql, once: AcceptArgs['beside'][number]['once'], now: number): boolean {
  if (once === undefined) return true
  if (rules.isRemembered.get(once.account, once.key, now) === 1) return false
  rules.remember.run(once.account, once.key, once.until)
  return true
}

export function keepDecisions(
  rules: RuleSql,
  decisions: readonly Decision[],
  { now, arrival, sender }: Pick<AcceptArgs, 'now' | 'arrival' | 'sender'>,
): void {
  for (const { account, recipient, steps } of decisions) {
    const { lastInsertRowid } = rules.insertDecision.run(
      account,
      now,
      arrival,
      sender,
      recipient,
      JSON.stringify(steps),
    )
    // Finding the oldest is a walk along all of them.
    if (Number(lastInsertRowid) % trimmedEvery === 0) rules.trimDecisions.run(account, account, mostDecisions)
  }
}
