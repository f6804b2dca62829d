import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadSyntax } from '../../src/lib/bad-syntax.ts'
import { compileSieve } from '../../src/modules/sieve/check/compile.ts'
import type { Argument, CommandNode, Script, TestNode } from '../../src/modules/sieve/grammar/ast.ts'
import { parseScript, readScript } from '../../src/modules/sieve/grammar/parser.ts'
import { printScript } from '../../src/modules/sieve/grammar/print.ts'
import type {
  ArgumentSpec,
  CommandSpec,
  TagSpec,
  TestSpec,
  ValueType,
} from '../../src/modules/sieve/language/spec.ts'
import { language } from '../../src/modules/sieve/language/table.ts'
import { matchGlob } from '../../src/modules/sieve/match/glob.ts'
import { fromOctets, toOctets } from '../../src/modules/sieve/match/octets.ts'
import { matchRegex } from '../../src/modules/sieve/match/regex.ts'
import { parseRegex } from '../../src/modules/sieve/match/regex-parser.ts'
import { evaluateSieve } from '../../src/modules/sieve/run/evaluate.ts'
import type { Machine } from '../../src/modules/sieve/run/machine.ts'
import { sieveFacts, sieveSettings } from '../support/sieve-facts.ts'

/** The cheap properties run more often; under `npm run fuzz` the clock decides. */
const often = process.env['FUZZ_SECONDS'] === undefined ? { numRuns: 1000 } : {}

const extensions = [...language.extensions].map((name) => JSON.stringify(name)).join(', ')
const names = [...language.commands.keys(), ...language.tests.keys(), 'frop']
const tags = [...new Set([...language.tags.values()].flatMap((byTag) => [...byTag.keys()]))]

const piece = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ',',
    ';',
    '\n',
    ' ',
    '"',
    '\\',
    '/*',
    '*/',
    '#',
    'text:\n',
    '.\n',
    ':',
    '\0',
  ),
  fc.constantFrom(
    'if',
    'elsif',
    'else',
    'require',
    'anyof',
    'keep;',
    '"a"',
    '12K',
    ':is',
    `\${hex:`,
    `\${x}`,
  ),
  fc.constantFrom(...names),
  fc.string({ maxLength: 6 }),
)
const rubbish = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(' '))

const at = { line: 0, column: 0 }
const name = fc.constantFrom(...names)
const text = fc.oneof(
  fc.constantFrom(
    'subject',
    'from',
    'a@b.test',
    '*',
    `\${x}`,
    `\${1}`,
    `\${hex:41}`,
    '\\Seen',
    'x',
    '(a|b)*c',
    'INBOX',
    '',
  ),
  fc
    .string({ maxLength: 8, unit: 'binary' })
    .map((value) => value.replace(/\r?\n/g, '\r\n').replace(/\0/g, '')),
)
const argument: fc.Arbitrary<Argument> = fc.oneof(
  fc.constantFrom(...tags).map((tag): Argument => ({ kind: 'tag', name: tag, at })),
  fc.nat(5000).map((value): Argument => ({ kind: 'number', value, at })),
  text.map((value): Argument => ({ kind: 'string', text: value, at })),
  fc.array(text, { minLength: 1, maxLength: 3 }).map(
    (items): Argument => ({
      kind: 'strings',
      items: items.map((item) => ({ kind: 'string', text: item, at })),
      at,
    }),
  ),
)
const argumentList = fc.array(argument, { maxLength: 4 })

const { test: anyTest, command } = fc.letrec<{ test: TestNode; command: CommandNode }>((tie) => {
  const tests = fc.oneof(
    { maxDepth: 3 },
    fc.constant({ tests: [] as TestNode[], isTestList: false }),
    tie('test').map((one) => ({ tests: [one], isTestList: false })),
    fc.array(tie('test'), { minLength: 1, maxLength: 3 }).map((list) => ({ tests: list, isTestList: true })),
  )
  return {
    test: fc
      .record({ name, arguments: argumentList, tests })
      .map(({ tests: inner, ...rest }) => ({ ...rest, ...inner, at })),
    command: fc
      .record({
        name,
        arguments: argumentList,
        tests,
        block: fc.oneof({ maxDepth: 3 }, fc.constant(undefined), fc.array(tie('command'), { maxLength: 3 })),
      })
      .map(({ tests: inner, ...rest }) => ({ ...rest, ...inner, at, rule: undefined })),
  }
})
const script: fc.Arbitrary<Script> = fc.record({ commands: fc.array(command, { maxLength: 6 }) })

const usual = fc.constantFrom(
  'subject',
  'from',
  'a@b.test',
  'INBOX',
  'x',
  `\${x}`,
  '*',
  'year',
  '\\\\Seen',
  '/private/x',
  'mailto:a@b.test',
)
const given = (spec: ArgumentSpec | TagSpec, type: ValueType) => {
  if (type === 'number') return fc.nat(9).map(String)
  return 'tag' in spec ? tagValue(spec) : usual.map((one) => `"${one}"`)
}

function tagValue({ tag }: TagSpec) {
  if (tag === 'comparator') return fc.constantFrom('"i;octet"', '"i;ascii-numeric"', '"i;unicode-casemap"')
  if (tag === 'count' || tag === 'value') return fc.constantFrom('"ge"', '"eq"', '"lt"')
  return usual.map((one) => `"${one}"`)
}

/** A command or test with the arguments that its row of the table wants. */
function row(spec: CommandSpec<Machine> | TestSpec<Machine>, inner: fc.Arbitrary<string>) {
  const own = [...(language.tags.get(spec.name)?.values() ?? [])].flat()
  const tagged = fc
    .subarray(own, { maxLength: Math.min(3, own.length) })
    .chain((some) =>
      fc.tuple(
        ...some.map((one) =>
          one.value === undefined
            ? fc.constant(`:${one.tag}`)
            : given(one, one.value).map((value) => `:${one.tag} ${value}`),
        ),
      ),
    )
  const positional = fc.tuple(...(spec.arguments ?? []).map((one) => given(one, one.type)))
  const tests =
    spec.tests === undefined
      ? fc.constant('')
      : inner.map((one) => (spec.tests === 'one' ? one : `(${one}, ${one})`))
  return fc
    .tuple(tagged, positional, tests)
    .map(([some, values, nested]) => [spec.name, ...some, ...values, nested].join(' '))
}

const { someTest, someCommand } = fc.letrec<{ someTest: string; someCommand: string }>((tie) => ({
  someTest: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'test' },
    fc.constantFrom('true', 'false'),
    fc.constantFrom(...language.tests.values()).chain((spec) => row(spec, tie('someTest'))),
  ),
  someCommand: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'command' },
    fc.constantFrom('keep;', 'set "x" "subject";', 'addflag "a";'),
    fc
      .constantFrom(
        ...[...language.commands.values()].filter(
          ({ name }) => name !== 'require' && !name.startsWith('els'),
        ),
      )
      .chain((spec) =>
        fc
          .tuple(row(spec, tie('someTest')), fc.array(tie('someCommand'), { maxLength: 3 }))
          .map(([head, block]) => (spec.block === true ? `${head} { ${block.join(' ')} }` : `${head};`)),
      ),
  ),
}))
/** Scripts most of which pass the checker. */
const sensible = fc.oneof(
  someCommand,
  someTest.map((one) => `if ${one} { keep; }`),
)

/** The same script without its places. */
const shape = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner) => (key === 'at' ? undefined : inner)))

test('the grammar throws only BadSyntax, with a place inside the text', () => {
  fc.assert(
    fc.property(rubbish, (input) => {
      try {
        parseScript(input)
      } catch (error) {
        expect(error).toBeInstanceOf(BadSyntax)
        expect(error instanceof BadSyntax && error.offset <= input.length).toBe(true)
      }
    }),
    often,
  )
})

test('reading goes on behind each mistake, and ends', () => {
  fc.assert(
    fc.property(rubbish, (input) => {
      const { problems } = readScript(input)
      for (const { at: place } of problems) expect(place.line).toBeGreaterThan(0)
    }),
    often,
  )
})

test('a printed script reads as the same script', () => {
  fc.assert(
    fc.property(script, (one) => {
      expect(shape(parseScript(printScript(one)))).toEqual(shape(one))
    }),
    {
      ...often,
      examples: [
        [
          {
            commands: [
              {
                name: 'keep',
                arguments: [],
                tests: [],
                isTestList: false,
                block: undefined,
                rule: undefined,
                at,
              },
            ],
          },
        ],
      ],
    },
  )
})

test('any script is refused with reasons, or runs within its limits and keeps or disposes of the message', () => {
  const limits = { ...sieveSettings.limits, steps: 20_000 }
  const facts = sieveFacts(
    'From: a@b.test\nTo: c@d.test\nSubject: hello\nDate: Thu, 13 Feb 2025 10:00:00 +0000\n\nbody\n',
    {
      settings: { ...sieveSettings, limits },
    },
  )
  fc.assert(
    fc.property(fc.oneof(script.map(printScript), sensible, sensible, rubbish), (input) => {
      const compiled = compileSieve(
        { name: 'x', text: `require [${extensions}];\n${input}`, library: [] },
        language,
      )
      if (compiled.kind === 'refused') {
        expect(compiled.errors.length).toBeGreaterThan(0)
        return
      }
      const outcome = evaluateSieve(compiled.script, facts, language)
      expect(outcome.actions.length).toBeGreaterThan(0)
      expect(outcome.steps).toBeLessThan(limits.steps * 2)
      expect(JSON.stringify(evaluateSieve(compiled.script, facts, language))).toBe(JSON.stringify(outcome))
    }),
    often,
  )
})

test('octets pass through text and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
      expect([...toOctets(fromOctets(octets))]).toEqual([...octets])
    }),
    often,
  )
})

test('wildcards match as a slow and simple matcher does', () => {
  const slow = (value: string, pattern: string): boolean => {
    if (pattern === '') return value === ''
    if (pattern.startsWith('*'))
      return slow(value, pattern.slice(1)) || (value !== '' && slow(value.slice(1), pattern))
    return (
      value !== '' &&
      (pattern[0] === '?' || pattern[0] === value[0]) &&
      slow(value.slice(1), pattern.slice(1))
    )
  }
  const letters = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b') })
  const patterns = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', '*', '?') })
  fc.assert(
    fc.property(letters, patterns, (value, pattern) => {
      const captures = matchGlob(value, pattern)
      expect(captures !== undefined).toBe(slow(value, pattern))
      if (captures === undefined) return
      let index = 1
      const rebuilt = Array.from(pattern).map((one) =>
        one === '*' || one === '?' ? (captures[index++] ?? '') : one,
      )
      expect(rebuilt.join('')).toBe(value)
    }),
    often,
  )
})

test('expressions match as the one of the language does, leftmost and longest', () => {
  const pattern = fc
    .array(
      fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|ab)', '(b|)', 'a*', 'b+', 'a?', 'a{1,2}', '^', '$'),
      { maxLength: 6 },
    )
    .map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(pattern, fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b') }), (source, value) => {
      const regex = parseRegex(source)
      if (regex.kind === 'wrong') throw new Error(regex.message)
      const match = matchRegex(regex, value, { fold: false, spend: () => undefined })
      const native = new RegExp(source).exec(value)
      expect(match !== undefined).toBe(native !== null)
      expect(native === null || (match?.[0] ?? '').length >= (native[0] ?? '').length).toBe(true)
    }),
    often,
  )
})

test('an expression takes no more steps than its size times the text', () => {
  const evil = ['(a*)*b', '(a|a)*b', '(a|aa)+$', '((a{1,20}){1,10})b', '(.*)(.*)(.*)(.*)x']
  for (const source of evil) {
    const regex = parseRegex(source)
    if (regex.kind === 'wrong') throw new Error(regex.message)
    let steps = 0
    matchRegex(regex, 'a'.repeat(1000), { fold: true, spend: (count) => (steps += count) })
    expect(steps).toBeLessThan(1002 * (regex.program.length + 1))
  }
})

test('what is found in any test is never a crash', () => {
  fc.assert(
    fc.property(anyTest, fc.string({ unit: 'binary', maxLength: 80 }), (one, message) => {
      const printed = printScript({
        commands: [
          { ...one, name: 'if', arguments: [], tests: [one], isTestList: false, block: [], rule: undefined },
        ],
      })
      const compiled = compileSieve(
        { name: 'x', text: `require [${extensions}];\n${printed}`, library: [] },
        language,
      )
      if (compiled.kind === 'compiled') evaluateSieve(compiled.script, sieveFacts(message), language)
    }),
    often,
  )
})
