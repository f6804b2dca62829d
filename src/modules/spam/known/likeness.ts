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

const fuzzySigns = {
  white: { symbol: 'FUZZY_WHITE', most: -2.1, why: 'is nearly what was marked as wanted' },
  denied: { symbol: 'FUZZY_DENIED', most: 12, why: 'is nearly what was marked as spam' },
  probable: { symbol: 'FUZZY_PROB', most: 5, why: 'is nearly what somebody else marked as spam' },
} as const
const flags = [
  { flag: 13, sign: fuzzySigns.white },
  { flag: 11, sign: fuzzySigns.denied },
  { flag: 12, sign: fuzzySigns.probable },
] as const

function markedBy(near: readonly Alike[]): Hit | undefined {
  for (const { flag, sign } of flags) {
    const alike = near.filter(({ account }) => account === accountOfFlag(flag))
    if (alike.length > 0) return fuzzy(sign, alike)
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
  if (own.length > 0) return [fuzzy(fuzzySigns.denied, own)]
  if (new Set(others.map((one) => one.account)).size > 1) return [fuzzy(fuzzySigns.denied, others)]
  return others.length > 0 ? [fuzzy(fuzzySigns.probable, others)] : []
}

function fuzzy(
  { symbol, most, why }: (typeof fuzzySigns)[keyof typeof fuzzySigns],
  alike: readonly Alike[],
): Hit {
  const likeness = Math.max(...alike.map((one) => one.likeness))
  return { symbol, weight: most * likeness, why, parameters: [`${Math.round(likeness * 100)} %`] }
}
