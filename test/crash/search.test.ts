import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { needleOf } from '../../src/lib/search/fold.ts'
import { account, startStore, type TestStore } from '../support/store.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 3)
/** Messages before anything is killed. */
const fewest = 5
const ann = account(1)
const program = fileURLToPath(new URL('./search-child.ts', import.meta.url))

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'homepost-crash-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test(`after ${rounds} kills in the middle of indexing no search misses a message`, {
  timeout: 60_000 + rounds * 30_000,
}, async () => {
  let kept = 0
  for (let round = 0; round < rounds; round++) {
    kept += await runAndKill(round)
    const at = await startStore({ dataDir, textIndex: { documents: true } })
    try {
      expect(await missed(at)).toEqual([])
      await at.searchCare.catchUp()
      expect(await missed(at)).toEqual([])
      expect(await at.searchCare.status()).toMatchObject({ waiting: 0, unread: 0 })
    } finally {
      await at.stop()
    }
  }
  expect(kept).toBeGreaterThan(rounds * fewest)
})

/** Messages that the index denies, and those that it finds for others. */
async function missed(at: TestStore): Promise<string[]> {
  const inbox = (await at.store.mailbox(ann, 'INBOX'))?.id ?? 0
  const uids = [...((await at.store.image(ann, inbox))?.uids ?? [])]
  const wrong: string[] = []
  const look = async (text: string): Promise<{ sure: readonly number[]; open: readonly number[] }> => {
    const said = await at.search.find(ann, inbox, { where: 'body', needle: needleOf(text) })
    return said.kind === 'found' ? said : { sure: [], open: uids }
  }
  const everywhere = await look('verywher')
  if (everywhere.sure.length + everywhere.open.length !== uids.length) wrong.push('everywhere')
  for (let from = 0; from < uids.length; from += 200) {
    for (const row of await at.store.rows(ann, inbox, uids.slice(from, from + 200), ['preview'])) {
      const [id = ''] = /^\S+/.exec(row.preview ?? '') ?? []
      const { sure, open } = await look(id)
      if (sure.filter((uid) => uid !== row.uid).length > 0) wrong.push(`${id} found for another`)
      if (!sure.includes(row.uid) && !open.includes(row.uid)) wrong.push(`${id} missed`)
    }
  }
  return wrong
}

async function runAndKill(round: number): Promise<number> {
  const child = spawn(process.execPath, [program, dataDir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const kept = () => output.split('\n').length - 1
  const speaking = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (kept() > fewest) resolve()
    })
  })
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  await Promise.race([speaking, closed])
  await pause(500 + Math.random() * 1500)
  child.kill('SIGKILL')
  await closed
  return kept()
}
