import { runErrands } from '../../../platform/errand-thread.ts'
import type { SieveCompiled } from '../../../ports/sieve.ts'
import { language } from '../language/table.ts'
import { compileSieve } from './compile.ts'
import { type CompileErrand, withoutProgram } from './compile-aside.ts'

runErrands<CompileErrand, SieveCompiled>(({ source, forCheck }) => {
  const compiled = compileSieve(source, language)
  return forCheck ? withoutProgram(compiled) : compiled
})
