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
  /** DNS lists: of computers, and of names. */
  hosts: 12,
  names: 12.5,
  fuzzy: 12,
  reputation: 8,
} as const

type RuleGroup = keyof typeof groupCaps

/** One sign of spam, or against it. Names and weights are rspamd's where it knows the same sign. */
export interface Sign {
  readonly symbol: string
  readonly weight: number
  readonly group: RuleGroup
  /** One line for a person; translated by its symbol. */
  readonly why: string
  /** Decides alone, whatever else was found. */
  readonly forces?: Force
}

export interface Rule<Sight> extends Sign {
  /** Whether it holds; a list says also what was found, and holds where it is not empty. */
  readonly test: (sight: Sight) => boolean | readonly string[]
}

/** What a sign makes of a message by itself, and what its sender is told. */
export interface Force {
  readonly action: 'reject' | 'later'
  readonly text: string
}

/** A sign that was found: by a rule, or by whoever else was asked. */
export interface Hit {
  readonly symbol: string
  readonly weight: number
  readonly why: string
  readonly parameters?: readonly string[]
  readonly forces?: Force
}

/** A sign that holds, and in what it was found. */
interface Seen {
  readonly sign: Sign
  readonly parameters?: readonly string[]
}

/** Which rules hold, their weights cut to the caps of their groups. */
export function applyRules<Sight>(rules: readonly Rule<Sight>[], sight: Sight): Hit[] {
  return weighed(
    rules.flatMap((sign) => {
      const found = sign.test(sight)
      if (found === false || (found !== true && found.length === 0)) return []
      return found === true ? [{ sign }] : [{ sign, parameters: found }]
    }),
  )
}

export function weighed(seen: readonly Seen[]): Hit[] {
  const left: Record<RuleGroup, number> = { ...groupCaps }
  return seen.map(({ sign: { symbol, weight, group, why, forces }, parameters }) => {
    const counted = weight > 0 ? Math.min(weight, left[group]) : weight
    if (counted > 0) left[group] -= counted
    return {
      symbol,
      weight: counted,
      why,
      ...(parameters && { parameters: cut(parameters) }),
      ...(forces && { forces }),
    }
  })
}

/** Strangers wrote what was found, and it goes into the log. */
const mostParameters = 10
const longestParameter = 100

const cut = (found: readonly string[]): string[] =>
  found.slice(0, mostParameters).map((one) => one.slice(0, longestParameter))
