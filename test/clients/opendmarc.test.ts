import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuthChecks } from '../../src/ports/mail-authentication.ts'
import { requireDebian } from './support/debian.ts'
import { opendmarcSays } from './support/opendmarc.ts'
import { type SketchStage, sketch, startSketches } from './support/sketches.ts'

let stage: SketchStage

beforeAll(async () => {
  await requireDebian('opendmarc', 'python3')
  stage = await startSketches()
})
afterAll(() => stage?.end())

test('of 1,000 messages opendmarc says the same of DMARC', { timeout: 300_000 }, async () => {
  const made = await Promise.all(Array.from({ length: 1000 }, (_, number) => sketch(number)))
  const checks: AuthChecks[] = []
  for (const one of made) checks.push(await stage.checks(one))
  const theirs = await opendmarcSays(
    stage.port,
    checks.map(({ spf, dkim, dmarc }) => ({ spf, dkim, author: dmarc.author })),
  )
  const differences = new Map<string, string[]>()
  const seen = new Set<string>()
  for (const [at, { dmarc }] of checks.entries()) {
    const ours = dmarc.result === 'fail' ? `fail ${dmarc.policy}` : dmarc.result
    seen.add(ours)
    if (ours === theirs[at]) continue
    const name = `ours ${ours}, opendmarc ${theirs[at]}`
    differences.set(name, [...(differences.get(name) ?? []), made[at]?.said ?? ''])
  }
  expect([...differences]).toEqual([])
  expect([...seen].sort()).toEqual(['fail none', 'fail quarantine', 'fail reject', 'none', 'pass'])
})
