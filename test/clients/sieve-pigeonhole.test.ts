import { globSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchPigeonholeTests, type PigeonholeTests } from './support/pigeonhole.ts'
import { leftOutFiles, leftOutTests } from './support/sieve-left-out.ts'
import { runSuite } from './support/sieve-suite.ts'

let tests: PigeonholeTests
const outcomes: { readonly file: string; readonly name: string; readonly failure: string | undefined }[] = []

beforeAll(async () => {
  tests = await fetchPigeonholeTests()
  const isLeftOut = (file: string) => Object.keys(leftOutFiles).some((start) => file.startsWith(start))
  for (const file of globSync('**/*.svtest', { cwd: tests.folder }).sort()) {
    if (isLeftOut(file)) continue
    outcomes.push(...runSuite(join(tests.folder, file)).map((result) => ({ file, ...result })))
  }
})
afterAll(() => tests.remove())

const reasonOf = ({ file, name }: { file: string; name: string }) => leftOutTests[file]?.[name]

test('the test scripts were found and run', () => {
  expect(outcomes.length).toBeGreaterThan(550)
})

test('every test of Pigeonhole passes that is not left out with a reason', () => {
  const failed = outcomes.filter(
    (outcome) => outcome.failure !== undefined && reasonOf(outcome) === undefined,
  )
  expect(failed).toEqual([])
})

test('nothing is left out that would pass, or is not there', () => {
  const failing = new Set(
    outcomes.filter(({ failure }) => failure !== undefined).map(({ file, name }) => `${file}: ${name}`),
  )
  const named = Object.entries(leftOutTests).flatMap(([file, names]) =>
    Object.keys(names).map((name) => `${file}: ${name}`),
  )
  expect(named.filter((name) => !failing.has(name))).toEqual([])
})
