import { createRuleTrials } from '../modules/delivery/index.ts'
import type { RuleTrials } from '../ports/rule-trials.ts'
import type { Clock } from '../ports/runtime.ts'
import type { Container } from './container.ts'
import { deliveryPart } from './settings/outgoing-parts.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

/** Rules are tried on what the data folder holds. */
export function composeTrials(get: Container['get'], settings: Settings, clock: Clock): RuleTrials {
  return createRuleTrials({
    accounts: get(t.auth).accounts,
    scripts: get(t.sieveScripts),
    engine: get(t.sieveEngine),
    store: get(t.mailStore),
    notes: get(t.store).notes,
    clock,
    rules: deliveryPart(settings),
  })
}
