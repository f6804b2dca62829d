import type { RuleTrials } from '../../ports/rule-trials.ts'
import type { SieveScripts } from '../../ports/sieve-scripts.ts'

/** What the pages about somebody's mail work with. */
export interface AccountMail {
  readonly scripts: SieveScripts
  readonly trials: RuleTrials
}
