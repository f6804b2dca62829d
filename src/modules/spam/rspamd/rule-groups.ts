import { arrivalRules } from '../rules/arrival-rules.ts'
import { contentRules } from '../rules/rules.ts'
import { spoofRules } from '../rules/spoof-rules.ts'
import type { Tally } from './tally.ts'

/** Every rule that weighs something, by its group, and how often it held. */
export function ruleGroups(tally: Tally): object[] {
  const hits = new Map(tally.symbols.map((one) => [one.symbol, one.hits]))
  const rules = [...contentRules, ...arrivalRules, ...spoofRules]
  return [...Map.groupBy(rules, ({ group }) => group)].map(([group, members]) => ({
    group,
    rules: members.map(({ symbol, weight, why }) => ({
      symbol,
      weight,
      description: why,
      frequency: (hits.get(symbol) ?? 0) / Math.max(tally.scanned, 1),
      frequency_stddev: 0,
      time: 0,
    })),
  }))
}
