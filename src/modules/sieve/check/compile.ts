import type {
  CompiledSieve,
  SieveCompiled,
  SieveCompileLimits,
  SieveProblem,
  SieveSource,
} from '../../../ports/sieve.ts'
import type { Position, Problem } from '../grammar/ast.ts'
import { readScript } from '../grammar/parser.ts'
import { type Checked, constantOf, type Language } from '../language/spec.ts'
import { type ProgramScript, programFormat } from '../run/program.ts'
import { checkScript } from './checker.ts'

const defaultLimits: SieveCompileLimits = { scriptBytes: 1_048_576, includes: 255, includeDepth: 10 }

/** Reads and checks a script with all that it includes. */
export function compileSieve<M>(source: SieveSource, language: Language<M>): SieveCompiled {
  const compiler = new Compiler(source, language)
  compiler.add({ name: source.name, text: source.text, key: undefined, path: [] })
  const { errors, warnings } = compiler
  if (errors.length > 0) return { kind: 'refused', errors, warnings }
  return { kind: 'compiled', script: compiler.compiled(), warnings }
}

interface Wanted {
  readonly name: string
  readonly text: string
  /** `personal/name`; undefined for the script itself. */
  readonly key: string | undefined
  /** Keys of the scripts that led here. */
  readonly path: readonly string[]
}

class Compiler<M> {
  readonly errors: SieveProblem[] = []
  readonly warnings: SieveProblem[] = []
  readonly #source: SieveSource
  readonly #language: Language<M>
  readonly #limits: SieveCompileLimits
  readonly #scripts: (ProgramScript | undefined)[] = []
  readonly #places = new Map<string, number>()
  readonly #extensions = new Set<string>()

  constructor(source: SieveSource, language: Language<M>) {
    this.#source = source
    this.#language = language
    this.#limits = { ...defaultLimits, ...source.limits }
  }

  /** The place of the script in the program. */
  add({ name, text, key, path }: Wanted): number {
    const place = this.#scripts.push(undefined) - 1
    if (key !== undefined) this.#places.set(key, place)
    if (Buffer.byteLength(text) > this.#limits.scriptBytes) {
      this.#error(name, { line: 1, column: 1 }, `the script is larger than ${this.#limits.scriptBytes} bytes`)
      return place
    }
    const { script, problems } = readScript(text)
    this.errors.push(...problems.map((problem) => placed(name, problem)))
    if (problems.length > 0) return place
    const checked = checkScript(script, this.#language)
    this.errors.push(...checked.errors.map((problem) => placed(name, problem)))
    this.warnings.push(...checked.warnings.map((problem) => placed(name, problem)))
    for (const extension of checked.extensions) this.#extensions.add(extension)
    const targets = new Map(
      checked.includes.map(({ node }) => [positionKey(node.at), this.#include(node, name, path, key)]),
    )
    this.#scripts[place] = { name, block: checked.block.map((node) => withTargets(node, targets)) }
    return place
  }

  compiled(): CompiledSieve {
    const scripts = this.#scripts.filter((script) => script !== undefined)
    const extensions = [...this.#extensions].sort()
    return {
      format: programFormat,
      name: this.#source.name,
      extensions,
      needsBody: extensions.some((extension) => bodyExtensions.has(extension)),
      program: { scripts },
    }
  }

  /** The place of an included script; -1 where it is not there, which is told when it is met (RFC 6609 §3.2). */
  #include(node: Checked, from: string, path: readonly string[], fromKey: string | undefined): number {
    const name = constantOf(node.values[0]) ?? ''
    const location = node.options['location']?.tag === 'global' ? 'global' : 'personal'
    const key = `${location}/${name}`
    const way = fromKey === undefined ? path : [...path, fromKey]
    // RFC 6609 §3.2: a script must not include itself, however far around, but where it does so only once
    if (way.includes(key) && node.options['once'] === undefined)
      return this.#error(from, node.at, `circular include of '${name}'`)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const found = this.#source.library.find((script) => script.location === location && script.name === name)
    if (found === undefined) {
      if (node.options['optional'] === undefined) {
        this.warnings.push({
          script: from,
          ...node.at,
          message: `the included script '${name}' does not exist`,
        })
      }
      return -1
    }
    if (way.length >= this.#limits.includeDepth)
      return this.#error(from, node.at, 'scripts include each other too deeply')
    if (this.#places.size >= this.#limits.includes)
      return this.#error(from, node.at, 'too many scripts are included')
    return this.add({ name: `${name}`, text: found.text, key, path: way })
  }

  #error(script: string, at: Position, message: string): number {
    if (this.errors.length < 100) this.errors.push({ script, ...at, message })
    return -1
  }
}

/** Extensions that read or change the body. */
const bodyExtensions: ReadonlySet<string> = new Set([
  'body',
  'mime',
  'foreverypart',
  'extracttext',
  'replace',
  'enclose',
])

function placed(script: string, { at, message }: Problem): SieveProblem {
  return { script, ...at, message }
}

const positionKey = ({ line, column }: Position) => `${line}:${column}`

function withTargets(node: Checked, targets: ReadonlyMap<string, number>): Checked {
  if (targets.size === 0) return node
  const target = node.name === 'include' ? targets.get(positionKey(node.at)) : undefined
  const block = node.block?.map((one) => withTargets(one, targets))
  return { ...node, block, target }
}
