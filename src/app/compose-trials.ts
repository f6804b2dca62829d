import { createRuleTrials } from '../modules/delivery/index.ts'
import type { RuleTrials } from '../ports/rule-trials.ts'
import type { DataGround } from './compose-data.ts'
import type { Container } from './container.ts'
import { deliveryPart } from './settings/outgoing-parts.ts'
import * as t from './tokens.ts'

/** Rules are tried on what the data folder holds. */
export function composeTrials(get: Container['get'], { settings, ambient }: DataGround): RuleTrials {
  return createRuleTrials({
    accounts: get(t.auth).accounts,
    scripts: get(t.sieveScripts),
    engine: get(t.sieveEngine),
    store: get(t.mailStore),
    clock: ambient.clock,
    rules: deliveryPart(settings),
  })
}
