/** Rules of one group together weigh at most this much. Rspamd's caps, where it has them. */
export const groupCaps = {
  headers: 8,
  people: 8,
  subject: 6,
  mime: 10,
  text: 8,
  links: 10,
  attachments: 10,
  arrival: 8,
  policies: 8,
} as const

type RuleGroup = keyof typeof groupCaps

/** One sign of spam, or against it. Names and weights are rspamd's where it knows the same sign. */
export interface Rule<Sight> {
  readonly symbol: string
  readonly weight: number
  readonly group: RuleGroup
  /** One line for a person; translated by its symbol. */
  readonly why: string
  readonly test: (sight: Sight) => boolean
}

export interface Hit {
  readonly symbol: string
  readonly weight: number
  readonly why: string
}

/** Which rules hold, their weights cut to the caps of their groups. */
export function applyRules<Sight>(rules: readonly Rule<Sight>[], sight: Sight): Hit[] {
  const left: Record<RuleGroup, number> = { ...groupCaps }
  const hits: Hit[] = []
  for (const { symbol, weight, group, why, test } of rules) {
    if (!test(sight)) continue
    const counted = weight > 0 ? Math.min(weight, left[group]) : weight
    if (counted > 0) left[group] -= counted
    hits.push({ symbol, weight: counted, why })
  }
  return hits
}
