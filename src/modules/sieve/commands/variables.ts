import { type Checked, type Checking, constantOf, type Family } from '../language/spec.ts'
import { octetLength } from '../match/octets.ts'
import type { Machine } from '../run/machine.ts'
import { truncate } from '../run/variables.ts'
import { checkMatching, matches } from './matching.ts'

const withModifiers = ['set', 'extracttext']

/** RFC 5229 §4.1: the group of a modifier is its precedence, and only one of each may be given. */
const modifierPrecedence: Readonly<Record<string, number>> = {
  lower: 40,
  upper: 40,
  lowerfirst: 30,
  upperfirst: 30,
  quotewildcard: 20,
  quoteregex: 20,
  encodeurl: 15,
  length: 10,
}

const extensionOf: Readonly<Record<string, string>> = { quoteregex: 'regex', encodeurl: 'enotify' }

/** RFC 5229. */
export const variables: Family<Machine> = {
  extensions: ['variables'],
  tags: Object.entries(modifierPrecedence).map(([tag, precedence]) => ({
    tag,
    group: `modifier-${precedence}`,
    extension: extensionOf[tag] ?? 'variables',
    on: withModifiers,
  })),
  commands: [
    {
      name: 'set',
      extension: 'variables',
      arguments: [
        { name: 'name', type: 'string', constant: true },
        { name: 'value', type: 'string' },
      ],
      check: (node, checking) => checkVariableName(node, 0, checking),
      run: (node, machine) => {
        const value = machine.string(node.values[1]) ?? ''
        machine.setVariable(constantOf(node.values[0]) ?? '', modified(node, machine, value))
        return undefined
      },
    },
  ],
  tests: [
    {
      name: 'string',
      extension: 'variables',
      arguments: [
        { name: 'source', type: 'strings' },
        { name: 'key list', type: 'strings' },
      ],
      check: checkMatching(1),
      run: (node, machine) => {
        const source = machine.texts(node.values[0])
        const isCount = node.options['match']?.tag === 'count'
        // RFC 5229 §5: empty strings do not count
        const values = isCount ? source.filter((text) => text !== '') : source
        return matches(node, machine, values, machine.texts(node.values[1]))
      },
    },
  ],
}

const plainName = /^[a-z_][a-z0-9_]*$/i
const globalName = /^global\.[a-z_][a-z0-9_]*$/i

/** A name that a script may set. */
export function checkVariableName(node: Checked, place: number, checking: Checking): void {
  const name = constantOf(node.values[place]) ?? ''
  if (plainName.test(name) || (checking.has('include') && globalName.test(name))) return
  checking.error(node.at, `invalid variable name '${name}'`)
}

/** Modifiers from the highest precedence to the lowest. */
export function modified(node: Checked, machine: Machine, value: string): string {
  const limit = machine.facts.settings.limits.variableOctets
  let text = value
  for (const precedence of [40, 30, 20, 15, 10]) {
    const modifier = modifiers[node.options[`modifier-${precedence}`]?.tag ?? '']
    if (modifier === undefined) continue
    machine.spendOn(text)
    text = modifier(text, limit)
  }
  return text
}

const modifiers: Readonly<Record<string, (text: string, limit: number) => string>> = {
  // RFC 5229 §4.1.1: letters of ASCII; others stay as they are
  lower: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  upper: (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  lowerfirst: (text) => text.replace(/^[A-Z]/, (letter) => letter.toLowerCase()),
  upperfirst: (text) => text.replace(/^[a-z]/, (letter) => letter.toUpperCase()),
  quotewildcard: (text, limit) => quoted(text, /[*?\\]/, limit),
  quoteregex: (text, limit) => quoted(text, /[*+?{}[\]().|^$\\]/, limit),
  encodeurl: encodeUrl,
  length: (text) => String(Array.from(text).length),
}

/** A quote is not parted from what it quotes where the limit cuts. */
function quoted(text: string, special: RegExp, limit: number): string {
  return fitting(text, limit, (character) => (special.test(character) ? `\\${character}` : character))
}

/** RFC 5435 §6: all but what RFC 3986 §2.3 calls unreserved. */
function encodeUrl(text: string, limit: number): string {
  return fitting(text, limit, (character) =>
    /[A-Za-z0-9\-._~]/.test(character) ? character : [...Buffer.from(character)].map(percent).join(''),
  )
}

const percent = (octet: number) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`

/** As many characters as fit, each whole in its new form. */
function fitting(text: string, limit: number, write: (character: string) => string): string {
  let out = ''
  let size = 0
  for (const character of truncate(text, limit)) {
    const piece = write(character)
    size += octetLength(piece)
    if (size > limit) break
    out += piece
  }
  return out
}
