import { ErrandThread } from '../../../platform/errand-thread.ts'
import type { SieveCompiled, SieveSource } from '../../../ports/sieve.ts'
import { language } from '../language/table.ts'
import { compileSieve } from './compile.ts'

export interface CompileErrand {
  readonly source: SieveSource
  /** The program is of no use, and costs more to hand over than to make. */
  readonly forCheck: boolean
}

/** Compiling costs some 0.3 ms for a KiB: what is larger than this goes to a thread of its own. */
const smallCharacters = 16 * 1024

/** Compiles; what would keep everybody else waiting, on another thread. */
export class Compiler {
  readonly #aside = new ErrandThread<CompileErrand, SieveCompiled>(
    new URL('./compile.worker.ts', import.meta.url),
    'sieve-compiler',
  )

  compile(source: SieveSource): Promise<SieveCompiled> {
    return this.#run({ source: reached(source), forCheck: false })
  }

  /** What is wrong with it. Where nothing is, the program may be left away. */
  check(source: SieveSource): Promise<SieveCompiled> {
    return this.#run({ source: reached(source), forCheck: true })
  }

  async #run(errand: CompileErrand): Promise<SieveCompiled> {
    const { text, library } = errand.source
    const characters = library.reduce((sum, script) => sum + script.text.length, text.length)
    return characters <= smallCharacters
      ? compileSieve(errand.source, language)
      : await this.#aside.run(errand)
  }
}

/** Without the scripts that it cannot include. */
function reached(source: SieveSource): SieveSource {
  return /include/i.test(source.text) ? source : { ...source, library: [] }
}

export function withoutProgram(compiled: SieveCompiled): SieveCompiled {
  return compiled.kind === 'refused'
    ? compiled
    : { ...compiled, script: { ...compiled.script, program: undefined } }
}
