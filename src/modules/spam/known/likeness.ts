import type { AccountId } from '../../../ports/accounts.ts'
import type { Hit } from '../rules/rule.ts'

/** Somebody moved to Junk what is like a message: so much of it, from 0 to 1. */
export interface Alike {
  readonly account: number
  readonly likeness: number
}

/** Rspamd's flags, as Mailu has them: denied, probable, white. Administrators set them. */
export type FuzzyFlag = 11 | 12 | 13

/** Under it stands what bears the flag, among what people moved. */
export const accountOfFlag = (flag: FuzzyFlag): number => -flag

const flags = [
  {
    flag: 13,
    symbol: 'FUZZY_WHITE',
    most: -2.1,
    why: 'is nearly what an administrator has marked as wanted',
  },
  { flag: 11, symbol: 'FUZZY_DENIED', most: 12, why: 'is nearly what an administrator has marked as spam' },
  {
    flag: 12,
    symbol: 'FUZZY_PROB',
    most: 5,
    why: 'is nearly what an administrator has marked as probably spam',
  },
] as const

function markedBy(near: readonly Alike[]): Hit | undefined {
  for (const { flag, symbol, most, why } of flags) {
    const alike = near.filter(({ account }) => account === accountOfFlag(flag))
    if (alike.length > 0) return fuzzy(symbol, most, alike, why)
  }
  return undefined
}

/** Of two texts that have nothing to do with each other hardly a hash is the same. */
const leastLikeness = 0.6

/** Rspamd's weights. One person's word about another's mail is worth less than one's own, or that of two. */
export function ofLikeness(alike: readonly Alike[], account: AccountId | undefined): Hit[] {
  const near = alike.filter(({ likeness }) => likeness >= leastLikeness)
  const marked = markedBy(near)
  if (marked) return [marked]
  const own = near.filter((one) => one.account === account)
  const others = near.filter((one) => one.account !== account && one.account >= 0)
  if (own.length > 0) return [fuzzy('FUZZY_DENIED', 12, own, 'is nearly what its reader moved to Junk')]
  if (new Set(others.map((one) => one.account)).size > 1)
    return [fuzzy('FUZZY_DENIED', 12, others, 'is nearly what several people moved to Junk')]
  return others.length > 0 ? [fuzzy('FUZZY_PROB', 5, others, 'is nearly what somebody moved to Junk')] : []
}

function fuzzy(symbol: string, most: number, alike: readonly Alike[], why: string): Hit {
  const likeness = Math.max(...alike.map((one) => one.likeness))
  return { symbol, weight: most * likeness, why, parameters: [`${Math.round(likeness * 100)} %`] }
}
