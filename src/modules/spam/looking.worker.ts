import { runErrands } from '../../platform/errand-thread.ts'
import { type Looked, look, type Sight } from './looking.ts'

runErrands<Sight, Looked>(look)
