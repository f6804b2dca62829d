import { ErrandThread } from '../../../platform/errand-thread.ts'
import type { CompiledSieve, SieveFacts, SieveOutcome } from '../../../ports/sieve.ts'
import { language } from '../language/table.ts'
import { evaluateSieve } from './evaluate.ts'
import { stopped } from './stopped.ts'

export interface EvaluateErrand {
  readonly script: CompiledSieve
  readonly facts: SieveFacts
}

/** Some milliseconds of work: a script of a hundred rules stays below. What takes more is begun anew on a thread of its own. */
const quickSteps = 5_000
/** Decoding what is larger takes long before the first step is counted. */
const quickBodyOctets = 131_072

/** Evaluates; what would keep everybody else waiting, on another thread. */
export class Evaluator {
  readonly #aside = new ErrandThread<EvaluateErrand, SieveOutcome>(
    new URL('./evaluate.worker.ts', import.meta.url),
    'sieve-evaluator',
  )

  async evaluate(script: CompiledSieve, facts: SieveFacts): Promise<SieveOutcome> {
    const { limits } = facts.settings
    if (script.needsBody && facts.message.bytes.length > quickBodyOctets)
      return this.#slowly({ script, facts })
    if (limits.steps <= quickSteps) return evaluateSieve(script, facts, language)
    const outcome = evaluateSieve(script, withSteps(facts, quickSteps), language)
    return outcome.steps > quickSteps ? this.#slowly({ script, facts }) : outcome
  }

  /** Whatever becomes of the thread, the message is kept: RFC 5228 §2.10.6. */
  async #slowly(errand: EvaluateErrand): Promise<SieveOutcome> {
    try {
      return await this.#aside.run(errand)
    } catch {
      return stopped({
        script: errand.script.name,
        line: 1,
        column: 1,
        message: 'the script takes too much memory',
      })
    }
  }
}

function withSteps(facts: SieveFacts, steps: number): SieveFacts {
  const { settings } = facts
  return { ...facts, settings: { ...settings, limits: { ...settings.limits, steps } } }
}
