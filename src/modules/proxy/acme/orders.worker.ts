import { runErrands } from '../../../platform/errand-thread.ts'
import type { Errand, ErrandOutcome } from './errand.ts'
import { runErrand } from './orders.ts'

runErrands<Errand, ErrandOutcome>(runErrand)
