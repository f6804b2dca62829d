import { expect, test } from 'vitest'
import { sieveFacts, sieveSettings } from '../../../../test/support/sieve-facts.ts'
import { createSieve } from '../index.ts'
import { language } from '../language/table.ts'
import { evaluateSieve } from './evaluate.ts'

const engine = createSieve()
const long = `Subject: ${'a'.repeat(100_000)}\n\n${'lorem ipsum dolor\n'.repeat(20_000)}`

const many = (rule: (n: number) => string, count: number) =>
  Array.from({ length: count }, (_, n) => rule(n)).join('\n')

async function compiled(text: string) {
  const answer = await engine.compile({ name: 'main', text, library: [] })
  if (answer.kind === 'refused') throw new Error(answer.errors[0]?.message)
  return answer.script
}

test.each([
  [
    'expressions over a long text',
    'require "regex";',
    () => 'if header :regex "subject" "(a*)*(a*)*(a|aa)+$b" { keep; }',
    20,
  ],
  [
    'wildcards over a long text',
    '',
    () => `if header :matches "subject" "${'*a?'.repeat(50)}b" { keep; }`,
    20,
  ],
  [
    'a body that is read again and again',
    'require "body";',
    (n: number) => `if body :contains "x${n}" { keep; }`,
    500,
  ],
  [
    'thousands of rules',
    'require "fileinto";',
    (n: number) => `if address :is ["from", "to"] "a${n}@b.test" { fileinto "F"; }`,
    5_000,
  ],
] as const)(
  '%s: the same outcome as on one thread, and nobody waits for it',
  async (_, head, rule, count) => {
    const script = await compiled(`${head}${many(rule, count)}`)
    const facts = sieveFacts(long)
    const before = process.threadCpuUsage()
    const outcome = await engine.evaluate(script, facts)
    const { user, system } = process.threadCpuUsage(before)
    expect(JSON.stringify(outcome)).toBe(JSON.stringify(evaluateSieve(script, facts, language)))
    expect((user + system) / 1_000).toBeLessThan(150)
  },
)

test('a short script is not sent anywhere', async () => {
  const script = await compiled('keep;')
  const facts = { ...sieveFacts('Subject: x\n\n'), settings: sieveSettings }
  const outcome = await engine.evaluate(script, facts)
  expect(outcome).toEqual(evaluateSieve(script, facts, language))
})
