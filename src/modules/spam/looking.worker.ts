import { runErrands } from '../../platform/errand-thread.ts'
import { fileFromEnds } from './files/attached.ts'
import { type FileFacts, inspect } from './files/inspect.ts'
import { type Looked, type LookingErrand, look } from './looking.ts'

runErrands<LookingErrand, Looked | FileFacts[]>((errand) => {
  switch (errand.kind) {
    case 'look':
      return look(errand.sight)
    case 'ends':
      return errand.files.map(({ part, head, tail }) => inspect(fileFromEnds(part, head, tail)))
  }
})
