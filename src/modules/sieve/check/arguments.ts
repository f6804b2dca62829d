import type { Argument, Position, StringArgument, TagArgument, TestNode } from '../grammar/ast.ts'
import type {
  ArgumentSpec,
  Checked,
  Checking,
  Option,
  TagSpec,
  Text,
  Value,
  ValueType,
} from '../language/spec.ts'
import { readText } from './text.ts'

interface Parts {
  readonly node: TestNode
  readonly spec: { readonly arguments?: readonly ArgumentSpec[] }
  /** `the header test` */
  readonly title: string
  readonly checking: Checking
  readonly tags: ReadonlyMap<string, readonly TagSpec[]> | undefined
}

type ReadArguments = Pick<Checked, 'options' | 'values'>

const kinds: Readonly<Record<ValueType, string>> = {
  number: 'a number',
  string: 'a string',
  strings: 'a string list',
}

const noNamespaces: ReadonlySet<string> = new Set()
const globalNamespace: ReadonlySet<string> = new Set(['global'])

/** Holds the arguments of one command or test against its row of the table. Reports the first thing that is wrong. */
export class ArgumentReader {
  readonly #parts: Parts
  readonly #options: Record<string, Option> = {}
  #at = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  read(): ReadArguments | undefined {
    const { node } = this.#parts
    for (
      let argument = node.arguments[this.#at];
      argument?.kind === 'tag';
      argument = node.arguments[this.#at]
    ) {
      if (!this.#tag(argument)) return undefined
    }
    const values = this.#positional(node.arguments.slice(this.#at))
    return values === undefined ? undefined : { options: this.#options, values }
  }

  #error(at: Position, message: string): undefined {
    this.#parts.checking.error(at, message)
    return undefined
  }

  #tag(argument: TagArgument): boolean {
    const { node, title } = this.#parts
    const spec = this.#tagSpec(argument)
    if (spec === undefined) return false
    const key = spec.group ?? spec.tag
    const earlier = this.#options[key]
    if (earlier !== undefined) {
      const what =
        earlier.tag === spec.tag ? 'is given twice' : `excludes ':${earlier.tag}', which is also given`
      this.#error(argument.at, `tagged argument ':${spec.tag}' of ${title} ${what}`)
      return false
    }
    this.#at++
    const value =
      spec.value === undefined ? undefined : this.#tagValue(spec, node.arguments[this.#at], argument.at)
    if (spec.value !== undefined && value === undefined) return false
    this.#options[key] = { tag: spec.tag, at: argument.at, value }
    return true
  }

  #tagSpec({ name, at }: TagArgument): TagSpec | undefined {
    const { tags, title, checking } = this.#parts
    const specs = tags?.get(name) ?? []
    const spec = specs.find(({ extension }) => isThere(extension, checking))
    if (spec !== undefined) return spec
    const needs = specs[0]?.extension
    const hint =
      needs === undefined ? '(it may belong to an extension)' : `(it needs require "${[needs].flat()[0]}")`
    return this.#error(at, `unknown tagged argument ':${name}' for ${title} ${hint}`)
  }

  #tagValue(spec: TagSpec, argument: Argument | undefined, at: Position): Value | undefined {
    const { title } = this.#parts
    if (argument === undefined || spec.value === undefined || !fits(argument, spec.value)) {
      return this.#error(
        at,
        `the ':${spec.tag}' tag of ${title} needs ${kinds[spec.value ?? 'string']} after it`,
      )
    }
    this.#at++
    return this.#value(argument, `the ':${spec.tag}' tag of ${title}`, spec)
  }

  /** RFC 5228 §2.6.1; where an optional one is left out is decided by their number. */
  #positional(given: readonly Argument[]): (Value | undefined)[] | undefined {
    const { spec, title, node } = this.#parts
    const specs = spec.arguments ?? []
    const required = specs.filter(({ optional }) => optional !== true).length
    const tag = given.find((argument) => argument.kind === 'tag')
    if (tag !== undefined && this.#tagSpec(tag) === undefined) return undefined
    if (tag !== undefined)
      return this.#error(tag.at, `unexpected tagged argument ':${tag.name}' for ${title}: tags come first`)
    const positions = withoutOptional(specs, specs.length - given.length)
    const wrong = given.findIndex((argument, index) => {
      const wanted = positions[index]
      return wanted !== undefined && !fits(argument, wanted.type)
    })
    if (wrong >= 0) return this.#wrongType(given[wrong], positions[wrong], wrong + 1)
    if (given.length < required || given.length > specs.length) {
      const count = `${given.length} ${given.length === 1 ? 'is' : 'are'} specified`
      const plural = required === 1 ? '' : 's'
      return this.#error(node.at, `${title} requires ${required} positional argument${plural}, but ${count}`)
    }
    return this.#values(specs, positions, given)
  }

  #values(specs: readonly ArgumentSpec[], positions: readonly ArgumentSpec[], given: readonly Argument[]) {
    const { title } = this.#parts
    const values: (Value | undefined)[] = []
    for (const spec of specs) {
      const index = positions.indexOf(spec)
      const argument = index < 0 ? undefined : given[index]
      const value =
        argument === undefined ? undefined : this.#value(argument, `${spec.name} of ${title}`, spec)
      if (argument !== undefined && value === undefined) return undefined
      values.push(value)
    }
    return values
  }

  #wrongType(argument: Argument | undefined, spec: ArgumentSpec | undefined, number: number): undefined {
    const { title, node } = this.#parts
    const wanted = kinds[spec?.type ?? 'string']
    const found = argument === undefined ? 'nothing' : foundKinds[argument.kind]
    return this.#error(
      argument?.at ?? node.at,
      `${title} expects ${wanted} as argument ${number} (${spec?.name ?? ''}), but ${found} was found`,
    )
  }

  #value(
    argument: Argument,
    title: string,
    rules: Pick<ArgumentSpec, 'constant' | 'check'>,
  ): Value | undefined {
    if (argument.kind === 'number') return { kind: 'number', number: argument.value }
    if (argument.kind === 'tag') return undefined
    const items = argument.kind === 'string' ? [argument] : argument.items
    const texts: Text[] = []
    for (const item of items) {
      const text = this.#text(item, title, rules)
      if (text === undefined) return undefined
      texts.push(text)
    }
    return { kind: 'texts', texts }
  }

  #text(
    { text: raw, at }: StringArgument,
    title: string,
    { constant, check }: Pick<ArgumentSpec, 'constant' | 'check'>,
  ): Text | undefined {
    const { checking } = this.#parts
    const read = readText(raw, {
      encodedCharacter: checking.has('encoded-character'),
      variables: checking.has('variables'),
      namespaces: checking.has('include') ? globalNamespace : noNamespaces,
    })
    if ('error' in read) return this.#error(at, read.error)
    if (typeof read.text !== 'string') {
      return constant === true ? this.#error(at, `${title} must be constant, without variables`) : read.text
    }
    const wrong = check?.(read.text)
    return wrong === undefined ? read.text : this.#error(at, wrong)
  }
}

const foundKinds: Readonly<Record<Argument['kind'], string>> = {
  tag: 'a tag',
  number: 'a number',
  string: 'a string',
  strings: 'a string list',
}

/** A single string stands for a list of one (RFC 5228 §2.4.2.1). */
function fits({ kind }: Argument, type: ValueType): boolean {
  return kind === type || (type === 'strings' && kind === 'string')
}

function withoutOptional(specs: readonly ArgumentSpec[], missing: number): readonly ArgumentSpec[] {
  let left = missing
  return specs.filter(({ optional }) => {
    if (optional !== true || left <= 0) return true
    left--
    return false
  })
}

function isThere(extension: TagSpec['extension'], checking: Checking): boolean {
  if (extension === undefined) return true
  return typeof extension === 'string' ? checking.has(extension) : extension.some((one) => checking.has(one))
}
