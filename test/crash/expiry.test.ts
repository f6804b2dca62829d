import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { account, appendTo, mail, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const messages = 3_000
const program = fileURLToPath(new URL('./expiry-child.ts', import.meta.url))

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'homepost-expiry-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const start = () => startStore({ dataDir, clock: { ...systemClock, advance: async () => undefined } })

async function trashOf({ store }: TestStore): Promise<number[]> {
  const id = (await store.mailbox(ann, 'Trash'))?.id ?? 0
  return [...((await store.image(ann, id))?.uids ?? [])]
}

test('killed while Trash empties itself, the store is sound, and the rest goes the next time', {
  timeout: 60_000,
}, async () => {
  let at = await start()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  for (let count = 0; count < messages; count += 500)
    await appendTo(at, ann, 'Trash', ...Array.from({ length: 500 }, () => mail()))
  await appendTo(at, ann, 'INBOX', mail())
  await at.stop()
  let left = messages
  for (let rounds = 0; left > 0 && rounds < 20; rounds++) {
    const told = await killedAfterFirstWord()
    at = await start()
    const uids = await trashOf(at)
    expect((await at.care.verify()).problems).toEqual([])
    expect(uids.filter((uid) => told.includes(uid))).toEqual([])
    expect((await at.store.mailbox(ann, 'INBOX'))?.messages).toBe(1)
    expect(uids.length).toBeLessThan(left)
    left = uids.length
    await at.stop()
  }
  expect(left).toBe(0)
})

/** The uids that the child said are gone. */
async function killedAfterFirstWord(): Promise<number[]> {
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    child.kill('SIGKILL')
  })
  await new Promise<void>((resolve) => child.on('close', () => resolve()))
  const lines = output.split('\n').slice(0, -1)
  return lines.flatMap((line) => line.replace('gone ', '').split(',').map(Number))
}
