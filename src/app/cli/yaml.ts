import {
  type Alias,
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  Scalar,
  visit,
  type Node as YamlNode,
} from 'yaml'
import type { Entry, Node } from '../directory/file/node.ts'

export type ReadYaml =
  | { readonly kind: 'node'; readonly node: Node }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

/** More than that is no configuration; the server takes no longer request. */
const mostLength = 12 * 1024 * 1024
const mostMistakes = 20

/** Reads YAML or JSON, which is YAML as well. Never throws; what it is not sure of is a mistake. */
export function readYaml(text: string): ReadYaml {
  if (text.length > mostLength) {
    return wrong([
      `the file has more than ${mostLength} characters; split it, and import the parts with --update`,
    ])
  }
  try {
    const lines = new LineCounter()
    // Every scalar stays a text here: what it means depends on where it stands. Keys are compared below, in linear time.
    const document = parseDocument(text, {
      schema: 'failsafe',
      version: '1.2',
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
    })
    const troubles = [...document.errors, ...document.warnings]
    if (troubles.length > 0) {
      return wrong(
        troubles.map(({ pos, message }) => `line ${lines.linePos(pos[0]).line}: ${plainly(message)}`),
      )
    }
    return new Reader(lines).read(document)
  } catch (cause) {
    // Collections within collections beyond what the stack holds.
    if (cause instanceof RangeError) return wrong([tooDeep])
    throw cause
  }
}

const tooDeep = 'it is nested too deeply'
const plainly = (message: string) => (message.includes('call stack') ? tooDeep : message)

const wrong = (mistakes: readonly string[]): ReadYaml => ({
  kind: 'mistakes',
  mistakes: mistakes.slice(0, mostMistakes),
})

class Reader {
  readonly #lines: LineCounter
  readonly #mistakes: string[] = []

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  read(document: Document.Parsed<ParsedNode>): ReadYaml {
    const node = this.#node(document.contents, 0)
    return this.#mistakes.length > 0 ? wrong(this.#mistakes) : { kind: 'node', node }
  }

  #node(node: YamlNode | Alias | null | undefined, before: number): Node {
    const offset = node?.range?.[0] ?? before
    const line = this.#lineAt(offset)
    if (isAlias(node)) {
      // A few of them can stand for more text than there is memory.
      this.#mistakes.push(
        `line ${line}: aliases (*${node.source.slice(0, 50)}) are not read here; write the value out`,
      )
    } else if (isMap(node)) {
      const pairs = node.items as Pair<YamlNode | null, YamlNode | null>[]
      return { kind: 'map', line, entries: pairs.map((pair) => this.#entry(pair, offset)) }
    } else if (isSeq(node)) {
      const items = node.items as (YamlNode | null)[]
      return { kind: 'list', line, items: items.map((item) => this.#node(item, offset)) }
    } else if (isScalar(node)) {
      const kind = node.type === Scalar.PLAIN ? 'plain' : 'quoted'
      return { kind, line, text: typeof node.value === 'string' ? node.value : '' }
    }
    return { kind: 'plain', line, text: '' }
  }

  #entry({ key, value }: Pair<YamlNode | null, YamlNode | null>, before: number): Entry {
    const offset = key?.range?.[0] ?? before
    const line = this.#lineAt(offset)
    if (!isScalar(key) || typeof key.value !== 'string') {
      this.#mistakes.push(`line ${line}: expected the name of an attribute`)
    }
    const name = isScalar(key) && typeof key.value === 'string' ? key.value : ''
    return { key: name, line, value: this.#node(value, offset) }
  }

  #lineAt(offset: number): number {
    return this.#lines.linePos(offset).line
  }
}

/**
 * Writes sections of objects as Mailu does: lists indented, a blank line between the sections. What an older YAML takes for
 * something else than a text (`yes`, `12:30`, a date) is quoted.
 */
export function writeYaml(sections: Readonly<Record<string, unknown>>): string {
  const document = new Document(sections, { version: '1.1', aliasDuplicateObjects: false })
  const map = document.contents
  if (isMap(map)) {
    for (const { key } of map.items.slice(1)) if (isScalar(key)) key.spaceBefore = true
  }
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && /[\p{C}\u2028\u2029]/u.test(scalar.value)) {
        scalar.type = isClean(scalar.value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE
      }
    },
  })
  return document.toString({ lineWidth: 0, singleQuote: true, indentSeq: true })
}

/** Lines that a reader can see as they are: nothing but text, no blanks at their ends; a line may be empty between others. */
const isClean = (text: string) => {
  const lines = text.split('\n')
  const last = lines.pop()
  const isSeen = (line: string) => line === line.trim() && !/[\p{C}\u2028\u2029]/u.test(line)
  return last === '' && lines.every(isSeen) && lines[0] !== '' && lines.at(-1) !== ''
}
