import { describe, expect, test } from 'vitest'
import { cpuMs } from '../../../test/support/cpu-time.ts'
import { problemsOf, runSieve } from '../../../test/support/sieve-run.ts'
import { parseScript } from './grammar/parser.ts'

const subject = `Subject: ${'a'.repeat(100_000)}\n\nbody\n`
const failure = async (script: string, message = subject) =>
  (await runSieve(script, { message })).error?.message

describe('a script that means harm stops with a clear error', () => {
  test.each([
    [
      'repeated expressions over a long text',
      'if header :regex "subject" "(a*)*(a*)*(a|aa)+$b" { keep; }'.repeat(20),
      'the script takes too much work',
    ],
    [
      'repeated wildcards over a long text',
      `if header :matches "subject" "${'*a?'.repeat(50)}b" { keep; }`.repeat(20),
      'the script takes too much work',
    ],
    [
      'variables that double and double',
      `set "a" "${'x'.repeat(4000)}"; set "b" "${`\${a}`.repeat(100)}";`,
      'a text with variables grows too long',
    ],
    [
      'more variables than there is room for',
      `set "a" "${'x'.repeat(4000)}"; ${Array.from({ length: 300 }, (_, index) => `set "v${index}" "\${a}";`).join(' ')}`,
      'the variables take too much room',
    ],
    [
      'loops in loops by way of other scripts',
      'foreverypart { foreverypart { foreverypart { foreverypart { include "deep"; } } } }',
      'foreverypart loops are nested too deeply',
    ],
    [
      'more actions than a person needs',
      Array.from({ length: 40 }, (_, index) => `fileinto "${index}";`).join(' '),
      'the total number of actions exceeds policy limit (32)',
    ],
    [
      'a relay for the world',
      Array.from({ length: 10 }, (_, index) => `redirect "${index}@x.test";`).join(' '),
      'the number of redirect actions exceeds policy limit (4)',
    ],
    [
      'a message wrapped in itself again and again',
      'enclose "x"; '.repeat(3000),
      'the script takes too much work',
    ],
  ])('%s', async (_, script, error) => {
    const library = [
      { location: 'personal' as const, name: 'deep', text: 'require "foreverypart"; foreverypart { keep; }' },
    ]
    const parts = [0, 1, 2, 3, 4, 5].reduceRight(
      (inner, depth) =>
        `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${inner}\n--b${depth}--\n`,
      'x: y\n\nz\n',
    )
    const message = script.startsWith('foreverypart') ? parts : subject
    const outcome = await runSieve(script, { message, library })
    expect(outcome).toMatchObject({ kind: 'failed', error: { message: error } })
    expect(outcome.actions).toMatchObject([{ kind: 'file', implicit: true, version: 0 }])
  })

  test('expressions that are small to write and large to run are refused', async () => {
    const large = 'require "regex"; if header :regex "a" "((a{1,200}){1,200})" { keep; }'
    expect(await problemsOf(large)).toEqual([
      "1: invalid regular expression '((a{1,200}){1,200})': the expression is too large",
    ])
    const many = Array.from(
      { length: 200 },
      (_, index) => `if header :regex "a" "(b{1,90}){1,${40 + (index % 10)}}" { keep; }`,
    )
    expect(await problemsOf(`require "regex";\n${many.join('\n')}`)).toContain(
      '1: the regular expressions of the script are too large together',
    )
  })

  test('a variable cannot bring in what a constant must not be', async () => {
    const evil = 'set "x" "a@x.test\r\nBcc: b@x.test";'
    expect(await failure(`${evil} redirect "\${x}";`)).toContain('is invalid')
    expect(await failure(`set "x" "in\${hex:0}box"; fileinto "\${x}";`)).toContain('invalid folder name')
    expect(await failure(`set "x" "A: b\r\nC"; addheader "\${x}" "v";`)).toContain('is invalid')
  })

  test.each([
    ['a string', `redirect "${'a\\"'.repeat(300_000)}";`],
    ['white space', ' '.repeat(1_000_000)],
    ['comments', '# a\n'.repeat(250_000)],
    ['an open string', `redirect "${'a'.repeat(1_000_000)}`],
    ['brackets', '['.repeat(100_000)],
    ['braces', 'if true {'.repeat(100_000)],
    ['tests', `if ${'not '.repeat(100_000)}true {}`],
    ['mistakes', ';'.repeat(1_000_000)],
    ['mistakes in blocks', 'if true {;'.repeat(100_000)],
  ])('a megabyte of %s is read or refused at once', (_, text) => {
    const took = cpuMs(() => {
      try {
        parseScript(text)
      } catch (error) {
        expect(error).toMatchObject({ name: 'BadSyntax' })
      }
    })
    expect(took).toBeLessThan(2000)
  })

  test('a hundred thousand characters by their numbers are one string', async () => {
    const script = `require ["reject", "encoded-character"]; reject "\${unicode:${' 41'.repeat(200_000)}}";`
    const [action] = (await runSieve(script)).actions
    expect(action).toMatchObject({ reason: 'A'.repeat(200_000) })
  })
})
