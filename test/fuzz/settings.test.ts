import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/app/settings/read.ts'
import { settingNames } from '../../src/app/settings/table.ts'
import { cpuMs, timed } from '../support/cpu-time.ts'

/** Under `npm run fuzz` the clock decides. */
const often = process.env['FUZZ_SECONDS'] === undefined ? { numRuns: 300 } : {}

const name = fc.oneof(
  fc.constantFrom(...settingNames),
  fc.constantFrom(...settingNames).map((known) => `${known}_FILE`),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'SECRET_KEY', '_FILE', ''),
  fc.string(),
)
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('0', '-1', ',', '5/hour', '::/0', '__proto__'),
)
const values = fc.dictionary(name, value, { noNullPrototype: true })

const readFile = (path: string) => {
  if (path.length % 2 === 0) throw new Error('no such file')
  return path
}

test('whatever the sources hold, the answer is settings or mistakes, quickly', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      values,
      values,
      fc.string({ maxLength: 2000 }),
      (home, environment, inFile, text) => {
        const file = { name: 'x', values: { ...parseEnv(text), ...inFile } as Record<string, string> }
        const { result, ms } = timed(() => readSettings({ home, environment, file, readFile }))
        expect(ms).toBeLessThan(1000)
        if (result.kind === 'mistakes')
          expect(result.mistakes.every((line) => /^[A-Z_0-9]+: /.test(line))).toBe(true)
      },
    ),
    often,
  )
})

test('no single long value makes reading slow', () => {
  const long = [
    ' '.repeat(200_000),
    '1'.repeat(200_000),
    '1,'.repeat(100_000),
    '1.'.repeat(100_000),
    'a '.repeat(100_000),
  ]
  for (const text of long) {
    const environment = Object.fromEntries(settingNames.map((known) => [known, text]))
    const took = cpuMs(() => readSettings({ home: false, file: undefined, environment, readFile: () => '' }))
    expect(took).toBeLessThan(3000)
  }
})
