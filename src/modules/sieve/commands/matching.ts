import type { Checked, Checking, TagSpec } from '../language/spec.ts'
import { constantOf, constantsOf } from '../language/spec.ts'
import { type Comparator, comparators, defaultComparator } from '../match/comparators.ts'
import { matchGlob } from '../match/glob.ts'
import { matchRegex, readRegex } from '../match/regex.ts'
import type { Machine } from '../run/machine.ts'

/** What compares values with keys. */
const matching = [
  'header',
  'address',
  'envelope',
  'body',
  'string',
  'date',
  'currentdate',
  'environment',
  'hasflag',
  'spamtest',
  'virustest',
  'metadata',
  'servermetadata',
  'notify_method_capability',
  'deleteheader',
]

const relations = ['gt', 'ge', 'lt', 'le', 'eq', 'ne']
type Relation = (difference: number) => boolean

/** RFC 5231 §4. */
const holds: Readonly<Record<string, Relation>> = {
  gt: (difference) => difference > 0,
  ge: (difference) => difference >= 0,
  lt: (difference) => difference < 0,
  le: (difference) => difference <= 0,
  eq: (difference) => difference === 0,
  ne: (difference) => difference !== 0,
}

const checkRelation = (text: string) =>
  relations.includes(text.toLowerCase())
    ? undefined
    : `unknown relation '${text}': gt, ge, lt, le, eq and ne are known`
const checkComparator = (text: string) => (text in comparators ? undefined : `unknown comparator '${text}'`)

/** RFC 5228 §2.7.1, RFC 5231 §4, draft-ietf-sieve-regex §3, RFC 6134 §2.2. */
export const matchTags: readonly TagSpec[] = [
  { tag: 'comparator', on: matching, value: 'string', constant: true, check: checkComparator },
  { tag: 'is', group: 'match', on: matching },
  { tag: 'contains', group: 'match', on: matching },
  { tag: 'matches', group: 'match', on: matching },
  { tag: 'regex', group: 'match', extension: 'regex', on: matching },
  {
    tag: 'count',
    group: 'match',
    extension: 'relational',
    on: matching,
    value: 'string',
    constant: true,
    check: checkRelation,
  },
  {
    tag: 'value',
    group: 'match',
    extension: 'relational',
    on: matching,
    value: 'string',
    constant: true,
    check: checkRelation,
  },
  {
    tag: 'list',
    group: 'match',
    extension: 'extlists',
    on: ['header', 'address', 'envelope', 'string', 'date', 'currentdate', 'environment'],
  },
]

/** What comparators, relations and patterns can be told before the script runs; `keys` is the place of the key list. */
export function checkMatching(keys: number): (node: Checked, checking: Checking) => void {
  return (node, checking) => {
    const name = comparatorName(node)
    if (builtIn.every((known) => known !== name) && !checking.has(`comparator-${name}`)) {
      checking.error(node.at, `the comparator needs require "comparator-${name}"`)
    }
    const type = node.options['match']?.tag ?? 'is'
    const isSubstring = type === 'contains' || type === 'matches' || type === 'regex'
    if (isSubstring && comparators[name]?.hasSubstrings === false) {
      checking.error(node.at, `the comparator ${name} does not support ':${type}' matching`)
    }
    if (type === 'regex') checkPatterns(node, keys, checking)
    checkCount(node, checking)
  }
}

const builtIn = ['i;octet', 'i;ascii-casemap']

function checkPatterns(node: Checked, keys: number, checking: Checking): void {
  for (const pattern of constantsOf(node.values[keys])) {
    const regex = readRegex(pattern)
    checking.weigh(regex.kind === 'regex' ? regex.program.length : pattern.length)
    if (regex.kind === 'wrong')
      checking.error(node.at, `invalid regular expression '${pattern}': ${regex.message}`)
  }
}

/** A count compared as text says that 10 is less than 9. */
function checkCount(node: Checked, checking: Checking): void {
  const isCount = node.options['match']?.tag === 'count'
  if (isCount && comparatorName(node) !== 'i;ascii-numeric') {
    checking.warn(node.at, "':count' without the comparator i;ascii-numeric compares digits as text")
  }
}

function comparatorName(node: Checked): string {
  return constantOf(node.options['comparator']?.value) ?? defaultComparator
}

/** Whether a value fits a key as the test's tags say. */
export function matches(
  node: Checked,
  machine: Machine,
  values: readonly string[],
  keys: readonly string[],
): boolean {
  return valueMatcher(node, machine, keys)(values)
}

/** The same for several lots of values. */
export function valueMatcher(
  node: Checked,
  machine: Machine,
  keys: readonly string[],
): (values: readonly string[]) => boolean {
  const comparator = comparators[comparatorName(node)]
  if (comparator === undefined) return machine.fail('the comparator is not there any more')
  const type = node.options['match']
  const relation = holds[(constantOf(type?.value) ?? '').toLowerCase()]
  const fits = fitFor({ tag: type?.tag ?? 'is', machine, comparator, relation, keys })
  if (type?.tag === 'count') return (values) => fits(String(values.length))
  return (values) => values.some(fits)
}

interface Fit {
  readonly tag: string
  readonly machine: Machine
  readonly comparator: Comparator
  readonly relation: Relation | undefined
  readonly keys: readonly string[]
}

function fitFor(fit: Fit): (value: string) => boolean {
  const { machine, comparator, keys } = fit
  switch (fit.tag) {
    case 'contains': {
      const folds = keys.map((key) => comparator.fold(key))
      return (value) => {
        const folded = machine.folded(comparator, value)
        return folds.some((key) => {
          spendOnBoth(machine, value, key)
          return folded.includes(key)
        })
      }
    }
    case 'matches':
      return (value) => keys.some((key) => fitsGlob(fit, value, key))
    case 'regex':
      return (value) => keys.some((key) => fitsRegex(fit, value, key))
    case 'list':
      return (value) => isListed(machine, value, keys)
    case 'count':
    case 'value':
      return (value) =>
        keys.some((key) => {
          spendOnBoth(machine, value, key)
          return fit.relation?.(comparator.compare(value, key)) === true
        })
    default: {
      const folds = keys.map((key) => comparator.fold(key))
      return (value) => {
        const folded = machine.folded(comparator, value)
        machine.spend(1)
        machine.spendOn(value)
        return folds.includes(folded)
      }
    }
  }
}

function spendOnBoth(machine: Machine, value: string, key: string): void {
  machine.spendOn(value)
  machine.spendOn(key)
}

/** The captures are cut out of the value as it is, so that they keep its letters. */
function fitsGlob({ machine, comparator }: Fit, value: string, key: string): boolean {
  // wildcards can make it look at the value once for each of them
  machine.spend(1 + Math.ceil((value.length * (1 + countWildcards(key))) / 16))
  const folded = machine.folded(comparator, value)
  const captures = matchGlob(folded, comparator.fold(key))
  if (captures === undefined) return false
  machine.matches = folded.length === value.length ? asWritten(captures, value, key) : captures
  return true
}

function countWildcards(key: string): number {
  let count = 0
  for (let at = 0; at < key.length; at++) {
    const character = key.charAt(at)
    if (character === '*' || character === '?') count++
  }
  return count
}

/** Wildcards take the value apart in order, with what stands literally between them. */
function asWritten(captures: readonly string[], value: string, key: string): string[] {
  const literals = literalLengths(key)
  let at = literals[0] ?? 0
  return captures.map((capture, index) => {
    if (index === 0) return value
    const text = value.slice(at, at + capture.length)
    at += capture.length + (literals[index] ?? 0)
    return text
  })
}

/** Lengths of the literal texts before, between and after the wildcards. */
function literalLengths(key: string): number[] {
  const lengths = [0]
  for (let at = 0; at < key.length; at++) {
    const character = key.charAt(at)
    if (character === '*' || character === '?') lengths.push(0)
    else {
      if (character === '\\' && at + 1 < key.length) at++
      lengths[lengths.length - 1] = (lengths.at(-1) ?? 0) + 1
    }
  }
  return lengths
}

function fitsRegex({ machine, comparator }: Fit, value: string, key: string): boolean {
  const regex = readRegex(key)
  // a pattern that variables made wrong matches nothing
  if (regex.kind === 'wrong') {
    machine.warn(`invalid regular expression '${key}': ${regex.message}`)
    return false
  }
  // however often it is used: what it costs must not depend on what is remembered of it
  machine.spend(1 + (regex.program.length >> 3))
  const fold = comparator.fold('A') !== 'A'
  const captures = matchRegex(regex, value, { fold, spend: (steps) => machine.spend(steps) })
  if (captures === undefined) return false
  machine.matches = captures
  return true
}

/** RFC 6134 §2.2: the value is a member of one of the lists. */
function isListed(machine: Machine, value: string, names: readonly string[]): boolean {
  machine.spendOn(value)
  return names.some((name) => {
    const members = listNamed(machine.facts.lists, name)
    if (members === undefined) return false
    machine.spend(1 + (members.length >> 4))
    return members.some((member) => member.toLowerCase() === value.toLowerCase())
  })
}

/** RFC 6134: a colon stands for the namespace of Sieve, whose names ignore case; undefined where there is no such list. */
export function listNamed(lists: Machine['facts']['lists'], wanted: string): readonly string[] | undefined {
  const name = wholeName(wanted)
  return lists.find((list) => wholeName(list.name) === name)?.members
}

function wholeName(name: string): string {
  const whole = name.startsWith(':') ? `urn:ietf:params:sieve${name}` : name
  return /^urn:/i.test(whole) ? whole.toLowerCase() : whole
}
