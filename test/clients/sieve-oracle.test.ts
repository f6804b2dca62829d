import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSieve } from '../../src/modules/sieve/index.ts'
import { sieveFacts, sieveMessage } from '../support/sieve-facts.ts'
import { oracleMails } from './support/sieve-oracle-mails.ts'
import { explained, oracleExtensions, oracleTests } from './support/sieve-oracle-tests.ts'
import { sieveTestFolder } from './support/sieve-test-folder.ts'

const run = promisify(execFile)
const folder = sieveTestFolder()
const engine = createSieve()

/** Which tests hold is told by the flags of the kept message. */
const script = [
  `require [${oracleExtensions.map((name) => JSON.stringify(name)).join(', ')}];`,
  ...oracleTests.map((text, index) => `if ${text} { addflag "t${index}"; }`),
  'keep;',
].join('\n')

beforeAll(async () => {
  await folder.prepare()
  writeFileSync(join(folder.path, 'script.sieve'), script)
})
afterAll(() => folder.remove())

async function theirs(message: Uint8Array): Promise<string[]> {
  writeFileSync(join(folder.path, 'message.eml'), message)
  const args = [
    '-c',
    'dovecot.conf',
    '-f',
    'sender@example.com',
    '-r',
    'nico@home.test',
    'script.sieve',
    'message.eml',
  ]
  const { stdout } = await run('sieve-test', args, {
    cwd: folder.path,
    env: folder.env,
  })
  return holding(/\+ add IMAP flags: (.*)/.exec(stdout)?.[1]?.split(' ') ?? [])
}

async function ours(message: Uint8Array): Promise<string[]> {
  const compiled = await engine.compile({ name: 'script', text: script, library: [] })
  if (compiled.kind === 'refused') throw new Error(compiled.errors[0]?.message)
  const facts = { ...sieveFacts(''), message: sieveMessage(message) }
  const { error, flags } = await engine.evaluate(compiled.script, facts)
  if (error !== undefined) throw new Error(error.message)
  return holding(flags)
}

const holding = (flags: readonly string[]) => oracleTests.filter((_, index) => flags.includes(`t${index}`))

describe('Debian’s sieve-test finds the same', () => {
  const different = new Set<string>()

  test.each(Object.entries(oracleMails))('in %s', async (_, message) => {
    const [one, other] = [await ours(message), await theirs(message)]
    const alone = [
      ...one.filter((text) => !other.includes(text)),
      ...other.filter((text) => !one.includes(text)),
    ]
    for (const text of alone) different.add(text)
    expect(alone.filter((text) => explained[text] === undefined)).toEqual([])
  })

  test('every difference that is explained is one', () => {
    expect(Object.keys(explained).filter((text) => !different.has(text))).toEqual([])
  })
})
