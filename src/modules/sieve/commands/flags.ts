import { type Checked, type Family, isGiven } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'
import { checkMatching, valueMatcher } from './matching.ts'

const variableFirst = [
  { name: 'variable name', type: 'string', optional: true } as const,
  { name: 'list of flags', type: 'strings' } as const,
]

/** RFC 5232. */
export const imapFlags: Family<Machine> = {
  extensions: ['imap4flags'],
  commands: [
    {
      name: 'setflag',
      extension: 'imap4flags',
      arguments: variableFirst,
      check: checkVariable,
      run: (node, machine) => change(node, machine, (_, given) => given),
    },
    {
      name: 'addflag',
      extension: 'imap4flags',
      arguments: variableFirst,
      check: checkVariable,
      run: (node, machine) => change(node, machine, (have, given) => unique([...have, ...given])),
    },
    {
      name: 'removeflag',
      extension: 'imap4flags',
      arguments: variableFirst,
      check: checkVariable,
      run: (node, machine) => {
        return change(node, machine, (have, given) => {
          const gone = new Set(given.map((flag) => flag.toLowerCase()))
          return have.filter((flag) => !gone.has(flag.toLowerCase()))
        })
      },
    },
  ],
  tests: [
    {
      name: 'hasflag',
      extension: 'imap4flags',
      arguments: [
        { name: 'variable list', type: 'strings', optional: true },
        { name: 'list of flags', type: 'strings' },
      ],
      check: (node, checking) => {
        checkMatching(1)(node, checking)
        checkVariable(node, checking)
      },
      run: hasFlag,
    },
  ],
}

function checkVariable(node: Checked, checking: Parameters<ReturnType<typeof checkMatching>>[1]): void {
  if (isGiven(node.values[0]) && !checking.has('variables')) {
    checking.error(node.at, `a variable for ${node.name} needs require "variables"`)
  }
}

/** Flags of texts in which several may stand with blanks between; those that are no flags are left out. RFC 5232 §2. */
export function flagWords(texts: readonly string[]): string[] {
  return unique(texts.flatMap((text) => text.split(/\s+/)).filter((word) => isFlag(word)))
}

/** RFC 9051 §9 flag; \Recent is the server's own. */
function isFlag(word: string): boolean {
  if (word.startsWith('\\')) return /^\\(?:answered|flagged|deleted|seen|draft)$/i.test(word)
  return /^[^\0-\x20\x7f-\uffff(){}%*"\\\]]{1,128}$/.test(word)
}

function unique(flags: readonly string[]): string[] {
  const byFold = new Map<string, string>()
  for (const flag of flags) if (!byFold.has(flag.toLowerCase())) byFold.set(flag.toLowerCase(), flag)
  return [...byFold.values()]
}

function change(
  node: Checked,
  machine: Machine,
  combine: (have: readonly string[], given: readonly string[]) => readonly string[],
): undefined {
  const given = flagWords(machine.texts(node.values[1]))
  const name = machine.string(node.values[0])
  if (name === undefined) machine.flags = combine(machine.flags, given)
  else machine.setVariable(name, combine(flagWords([machine.variable(name)]), given).join(' '))
}

/** RFC 5232 §4: each flag for itself; `:count` counts them. */
function hasFlag(node: Checked, machine: Machine): boolean {
  const names = isGiven(node.values[0]) ? machine.texts(node.values[0]) : undefined
  const have =
    names === undefined ? machine.flags : names.flatMap((name) => flagWords([machine.variable(name)]))
  const type = node.options['match']?.tag
  const given = machine.texts(node.values[1])
  const keys =
    type === 'count' ? given : given.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '')
  return valueMatcher(node, machine, keys)(have)
}
