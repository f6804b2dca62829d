import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { playing, scriptedServer } from '../support/scripted-server.ts'
import { startStore } from '../support/store.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 3)
/** Messages before anything is killed. */
const fewest = 5
const program = fileURLToPath(new URL('./queue-child.ts', import.meta.url))

test(`after ${rounds} kills at random moments everything accepted was sent, and nothing again that was written down`, {
  timeout: 60_000 + rounds * 5_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-crash-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  const heard = { lines: [] as string[], messages: [] as string[] }
  const port = await scriptedServer(playing(['PIPELINING'], {}, heard))
  const arrivals = () => {
    const counts = new Map<string, number>()
    for (const text of heard.messages) {
      const [, id = ''] = /^Subject: (\S+)\r$/m.exec(text) ?? []
      if (id !== '') counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    return counts
  }
  const kept = new Set<string>()
  const written = new Map<string, number>()
  for (let round = 0; round <= rounds; round++) {
    const said = await run(dataDir, port, round < rounds ? String(round) : 'last')
    for (const line of said) {
      const [word, id = ''] = line.split(' ')
      if (word === 'kept') kept.add(id)
      else written.set(id, arrivals().get(id) ?? 0)
    }
    const at = await startStore({ dataDir })
    await expect.poll(async () => (await at.care.verify()).problems).toEqual([])
    await at.stop()
  }
  const arrived = arrivals()
  expect([...kept].filter((id) => !arrived.has(id))).toEqual([])
  expect([...written].filter(([id, count]) => count === 0 || arrived.get(id) !== count)).toEqual([])
  expect(kept.size).toBeGreaterThan(rounds * fewest)
})

/** Every complete line that the child wrote until it was killed; the last one is left to end by itself. */
async function run(dataDir: string, port: number, round: string): Promise<string[]> {
  const child = spawn(process.execPath, [program, dataDir, String(port), round], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const speaking = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if ((output.match(/^kept .*\n/gm)?.length ?? 0) > fewest) resolve()
    })
  })
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  if (round !== 'last') {
    await Promise.race([speaking, closed])
    await pause(Math.random() * 700)
    child.kill('SIGKILL')
  }
  await closed
  return output.split('\n').slice(0, -1)
}
