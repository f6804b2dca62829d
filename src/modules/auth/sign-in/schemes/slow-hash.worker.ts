import { runErrands } from '../../../../platform/errand-thread.ts'
import { isRight, type SlowCheck } from './slow-hash.ts'

runErrands<SlowCheck, boolean>(({ hash, passwords }) => isRight(hash, passwords))
