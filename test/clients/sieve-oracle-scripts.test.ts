import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSieve } from '../../src/modules/sieve/index.ts'
import type { SieveAction } from '../../src/ports/sieve.ts'
import { sieveFacts, sieveMessage } from '../support/sieve-facts.ts'
import { oracleMails } from './support/sieve-oracle-mails.ts'
import { explainedScripts, oracleScripts } from './support/sieve-oracle-scripts.ts'
import { sieveTestFolder } from './support/sieve-test-folder.ts'

const folder = sieveTestFolder()
const engine = createSieve()
const now = Date.UTC(2025, 1, 13, 10, 0, 0)

beforeAll(() =>
  folder.prepare(['recipient_delimiter = +', 'plugin {', '  sieve_extensions = +editheader', '}']),
)
afterAll(() => folder.remove())

/** What a script comes to, a line each, sorted. */
type Told = readonly string[]

async function theirs(script: string, message: Uint8Array): Promise<Told> {
  writeFileSync(join(folder.path, 'script.sieve'), script)
  writeFileSync(join(folder.path, 'message.eml'), message)
  const args = ['-c', 'dovecot.conf', '-f', 'sender@example.com', '-r', 'nico@home.test']
  const output = await new Promise<string>((resolve) => {
    execFile(
      '/usr/bin/sieve-test',
      [...args, 'script.sieve', 'message.eml'],
      { cwd: folder.path, env: folder.env },
      // It ends with a code where the script failed.
      (_, stdout, stderr) => resolve(stdout + stderr),
    )
  })
  if (/validation failed|parse failed/.test(output)) return ['refused']
  if (output.includes('resolved with successful implicit keep')) return ['failed', 'file INBOX']
  return output
    .split(/^ \* /m)
    .slice(1)
    .map(readAction)
    .filter((line) => line !== 'track duplicate')
    .sort()
}

function readAction(text: string): string {
  const [, folderName] = /^store message in folder: (.*)/.exec(text) ?? []
  if (folderName !== undefined) {
    const flags = /\+ add IMAP flags: (.*)/.exec(text)?.[1]?.trim().toLowerCase().split(' ').sort() ?? []
    return fileLine(folderName, flags, text.includes('create mailbox'))
  }
  const [, to] = /^redirect message to: <(.*)>/.exec(text) ?? []
  if (to !== undefined) return `redirect ${to}`
  if (text.startsWith('send vacation')) return `vacation ${/seconds : (\d+)/.exec(text)?.[1]}`
  const [, reason] = /^reject message with reason: (.*)/.exec(text) ?? []
  if (reason !== undefined) return `reject ${reason}`
  if (text.startsWith('send notification')) {
    const people = [...text.matchAll(/^ *\+ (?:To|Cc): (.*)$/gm)].map(([, address]) => address)
    return `notify ${people.join(' ')}`
  }
  return text.split('\n')[0]?.trim() ?? ''
}

const fileLine = (name: string, flags: readonly string[], create: boolean) =>
  `file ${name}${create ? ' create' : ''}${flags.length > 0 ? ` [${flags.join(' ')}]` : ''}`

async function ours(script: string, message: Uint8Array): Promise<Told> {
  const compiled = await engine.compile({ name: 'script', text: script, library: [] })
  if (compiled.kind === 'refused') return ['refused']
  const facts = { ...sieveFacts(''), message: sieveMessage(message) }
  const { kind, actions } = await engine.evaluate(compiled.script, facts)
  return [...(kind === 'failed' ? ['failed'] : []), ...actions.map(writeAction).sort()]
}

function writeAction(action: SieveAction): string {
  switch (action.kind) {
    case 'file':
      return fileLine(
        action.mailbox ?? 'INBOX',
        action.flags.map((flag) => flag.toLowerCase()).sort(),
        action.create,
      )
    case 'discard':
      return 'discard'
    case 'redirect':
      return `redirect ${action.to}`
    case 'reject':
      return `reject ${action.reason}`
    case 'send':
      return action.purpose === 'vacation'
        ? `vacation ${((action.once?.until ?? now) - now) / 1000}`
        : `notify ${action.to.join(' ')}`
  }
}

/** As it stands in the list. */
const shown = (script: string) => script.slice(script.indexOf('\n') + 1)

describe('Debian’s sieve-test does the same', { timeout: 300_000 }, () => {
  const different = new Set<string>()

  /** sieve-test shows a reply before it looks whether one is due: to this message it is. */
  const answered = oracleMails['a plain message']

  test.each(Object.entries(oracleMails))('with %s', async (_, message) => {
    const unexplained: unknown[] = []
    for (const script of oracleScripts) {
      if (shown(script).includes('vacation') && message !== answered) continue
      const [one, other] = [await ours(script, message), await theirs(script, message)]
      if (JSON.stringify(one) === JSON.stringify(other)) continue
      different.add(shown(script))
      if (explainedScripts[shown(script)] === undefined)
        unexplained.push({ script: shown(script), ours: one, theirs: other })
    }
    expect(unexplained).toEqual([])
  })

  test('none but a few of the scripts is refused', async () => {
    const [message = Buffer.alloc(0)] = Object.values(oracleMails)
    const told = await Promise.all(oracleScripts.map((script) => ours(script, message)))
    expect(told.filter(([line]) => line === 'refused').length).toBeLessThan(4)
  })

  test('every difference that is explained is one', () => {
    expect(Object.keys(explainedScripts).filter((text) => !different.has(text))).toEqual([])
  })
})
