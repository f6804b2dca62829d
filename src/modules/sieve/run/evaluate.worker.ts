import { runErrands } from '../../../platform/errand-thread.ts'
import type { SieveOutcome } from '../../../ports/sieve.ts'
import { language } from '../language/table.ts'
import { evaluateSieve } from './evaluate.ts'
import type { EvaluateErrand } from './evaluate-aside.ts'

runErrands<EvaluateErrand, SieveOutcome>(({ script, facts }) => evaluateSieve(script, facts, language))
