import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { account, startStore, type TestStore } from '../support/store.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 3)
const ann = account(1)
/** Messages before anything is killed. */
const fewest = 10
const program = fileURLToPath(new URL('./store-child.ts', import.meta.url))

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'homepost-crash-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test(`after ${rounds} kills at random moments everything promised holds, and the store is sound`, {
  timeout: 60_000 + rounds * 5_000,
}, async () => {
  const promises = new Map<string, Set<string>>()
  for (let round = 0; round < rounds; round++) {
    for (const line of await runAndKill(round)) {
      const [word = '', id = ''] = line.split(' ')
      promises.set(id, (promises.get(id) ?? new Set()).add(word))
    }
    const at = await startStore({ dataDir })
    try {
      // Files without a row are swept after the start, not before it.
      await expect.poll(async () => (await at.care.verify()).problems).toEqual([])
      expect(broken(promises, await idsIn(at, 'INBOX'), await idsIn(at, 'Archive'))).toEqual([])
    } finally {
      await at.stop()
    }
  }
  expect(promises.size).toBeGreaterThan(rounds * fewest)
})

/** Every complete line the child wrote before it died. */
async function runAndKill(round: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, dataDir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const speaking = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (new Set(output.split('\n').map((line) => line.split(' ')[1])).size > fewest + 1) resolve()
    })
  })
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  await Promise.race([speaking, closed])
  await pause(Math.random() * 700)
  child.kill('SIGKILL')
  await closed
  return output.split('\n').slice(0, -1)
}

async function idsIn({ store }: TestStore, name: string): Promise<string[]> {
  const mailbox = (await store.mailbox(ann, name))?.id ?? 0
  const uids = [...((await store.image(ann, mailbox))?.uids ?? [])]
  const ids: string[] = []
  for (let from = 0; from < uids.length; from += 1_000) {
    const rows = await store.rows(ann, mailbox, uids.slice(from, from + 1_000), ['search'])
    ids.push(...rows.map(({ search }) => search?.subject ?? ''))
  }
  return ids
}

/** The promises that do not hold. */
function broken(
  promises: ReadonlyMap<string, ReadonlySet<string>>,
  inbox: readonly string[],
  archive: readonly string[],
): string[] {
  const all = [...inbox, ...archive]
  const counts = new Map<string, number>()
  for (const id of all) counts.set(id, (counts.get(id) ?? 0) + 1)
  const archived = new Set(archive)
  const twice = [...counts].filter(([, count]) => count > 1).map(([id]) => `${id} is there twice`)
  const wrong = [...promises].flatMap(([id, words]) => {
    if (words.has('gone')) return counts.has(id) ? [`${id} came back`] : []
    if (words.has('moved') && !archived.has(id)) return [`${id} is not where it was moved`]
    return words.has('kept') && !words.has('about') && !counts.has(id) ? [`${id} is lost`] : []
  })
  return [...twice, ...wrong]
}
