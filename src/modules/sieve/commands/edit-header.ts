import { encodeWords } from '../../../lib/mime/encoded-word.ts'
import { type Checked, type Checking, constantOf, type Family, isGiven, numberOf } from '../language/spec.ts'
import { hasStray } from '../match/octets.ts'
import type { Machine } from '../run/machine.ts'
import { checkMatching, valueMatcher } from './matching.ts'

/** RFC 5293 §5: what a script must not delete. */
const protectedAlways = ['received', 'auto-submitted']

/** RFC 5293. */
export const editHeader: Family<Machine> = {
  extensions: ['editheader'],
  tags: [
    { tag: 'last', extension: 'editheader', on: ['addheader', 'deleteheader'] },
    { tag: 'index', extension: 'editheader', value: 'number', on: ['deleteheader'] },
  ],
  commands: [
    {
      name: 'addheader',
      extension: 'editheader',
      arguments: [
        { name: 'field name', type: 'string', check: wrongName },
        { name: 'value', type: 'string', check: wrongValue },
      ],
      run: add,
    },
    {
      name: 'deleteheader',
      extension: 'editheader',
      arguments: [
        { name: 'field name', type: 'string', check: wrongName },
        { name: 'value patterns', type: 'strings', optional: true },
      ],
      check: checkDelete,
      run: remove,
    },
  ],
}

function wrongName(name: string): string | undefined {
  return /^[\x21-\x39\x3b-\x7e]{1,500}$/.test(name)
    ? undefined
    : `specified header field name '${name}' is invalid`
}

function wrongValue(value: string): string | undefined {
  return hasStray(value) || /\0/.test(value)
    ? `specified value '${value.slice(0, 60)}' is invalid for a header field`
    : undefined
}

function checkDelete(node: Checked, checking: Checking): void {
  checkMatching(1)(node, checking)
  if (node.options['last'] !== undefined && node.options['index'] === undefined) {
    checking.error(node.at, "the ':last' tag of the deleteheader command needs ':index'")
  }
  const name = constantOf(node.values[0])?.toLowerCase()
  if (name !== undefined && protectedAlways.includes(name)) {
    checking.warn(node.at, `the header field ${name} is protected and stays`)
  }
}

function add(node: Checked, machine: Machine): undefined {
  const { maxFieldOctets, forbidAdd } = machine.facts.settings.editHeader
  const name = machine.string(node.values[0]) ?? ''
  const given = machine.string(node.values[1]) ?? ''
  const wrong = wrongName(name) ?? wrongValue(given)
  if (wrong !== undefined) machine.fail(wrong)
  if (isNamed(name, forbidAdd)) {
    machine.warn(`the header field ${name} is protected and is not added`)
    return undefined
  }
  const value = encodeWords(given.replace(/\s+$/, '').replace(/\r?\n[ \t]*/g, ' ')).trim()
  if (Buffer.byteLength(value) > maxFieldOctets) machine.fail(`the value of header field ${name} is too long`)
  const where = node.options['last'] === undefined ? 'first' : 'last'
  machine.spendOn(value)
  machine.spend(machine.message.header.fields.length >> 2)
  machine.message.header = machine.message.header.with(folded(name, value), where)
}

/** RFC 5322 §2.1.1: lines of 78 characters where there are blanks to part them. */
function folded(name: string, value: string): string {
  const lines: string[] = []
  let line = `${name}:`
  for (const word of value.split(/ (?=[^ ])/)) {
    if (line.length + 1 + word.length > 78 && line !== `${name}:`) {
      lines.push(line)
      line = ''
    }
    line += ` ${word}`
  }
  return `${[...lines, line].join('\r\n')}\r\n`
}

function remove(node: Checked, machine: Machine): undefined {
  const name = (machine.string(node.values[0]) ?? '').toLowerCase()
  const wrong = wrongName(name)
  if (wrong !== undefined) machine.fail(wrong)
  const { forbidDelete } = machine.facts.settings.editHeader
  if (isNamed(name, [...protectedAlways, ...forbidDelete])) {
    machine.warn(`the header field ${name} is protected and is not deleted`)
    return undefined
  }
  const { header } = machine.message
  machine.spend(header.fields.length >> 2)
  const patterns = node.values[1]
  const index = numberOf(node.options['index']?.value)
  const all = header.named(name)
  const place = index === undefined || node.options['last'] === undefined ? index : all.length - index + 1
  const meant = place === undefined ? all : all.slice(Math.max(0, place - 1), Math.max(0, place))
  const fits = isGiven(patterns) ? valueMatcher(node, machine, machine.texts(patterns)) : () => true
  const decoded = header.decoded(name)
  const gone = meant.filter((field) => fits([decoded[all.indexOf(field)] ?? '']))
  if (gone.length > 0) machine.message.header = header.without(new Set(gone))
}

const isNamed = (name: string, list: readonly string[]) =>
  list.some((one) => one.toLowerCase() === name.toLowerCase())
