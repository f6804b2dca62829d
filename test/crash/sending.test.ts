import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { mailZone, startMailInternet } from '../support/mail-internet.ts'
import { playing, scriptedServer } from '../support/scripted-server.ts'
import { startServer, type TestServer } from '../support/server.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 2)
/** Messages in each round before anything is killed. */
const fewest = 3

test(`after ${rounds} kills of the whole server every message that was accepted is sent, and none again whose delivery was logged`, {
  timeout: 60_000 + rounds * 15_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-crash-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const far = { lines: [] as string[], messages: [] as string[] }
  const port = await scriptedServer(playing(['PIPELINING'], {}, far))
  const net = await startMailInternet({ 'far.test': mailZone('far.test', '127.0.0.1') })
  const env = {
    ...net.env,
    OUTBOUND_PORT: String(port),
    OUTBOUND_BRAKE: 'none',
    OUTBOUND_NEW_RECIPIENTS: 'none',
  }
  const arrived = () => counted(far.messages.flatMap((text) => /^Subject: (\S+)\r$/m.exec(text)?.[1] ?? []))

  const accepted: string[] = []
  const logged = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    const server = await startServer({ dataDir, env })
    if (round === 0) await server.addUsers('ann')
    const sending = Promise.all([0, 1, 2].map((client) => load(server, `r${round}-c${client}`, accepted)))
    const before = accepted.length
    await expect.poll(() => accepted.length - before, { interval: 20 }).toBeGreaterThan(fewest)
    await pause(Math.random() * 700)
    await server.stop('SIGKILL')
    await sending
    for (const id of doneIn(server.output())) logged.set(id, arrived().get(id) ?? 0)
  }
  const last = await startServer({ dataDir, env })
  const waiting = async () =>
    JSON.parse((await last.homepost(['queue', 'list', '--json'])).stdout) as unknown[]
  // What was cut off in the middle waits for its second attempt.
  await last.homepost(['queue', 'retry', 'all'])
  await expect.poll(waiting, { timeout: 30_000, interval: 300 }).toEqual([])
  await last.stop()
  const counts = arrived()
  expect(accepted.length).toBeGreaterThan(rounds * fewest)
  expect(accepted.filter((id) => !counts.has(id))).toEqual([])
  expect([...logged].filter(([id, count]) => count === 0 || counts.get(id) !== count)).toEqual([])
})

/** Sends one message after the other until the server is gone. */
async function load({ ports }: TestServer, name: string, accepted: string[]): Promise<void> {
  const mailer = createTransport({
    host: '127.0.0.1',
    port: ports.submissions,
    secure: true,
    pool: true,
    maxConnections: 1,
    tls: { rejectUnauthorized: false },
    auth: { user: 'ann@example.test', pass: 'pw' },
  })
  try {
    for (let count = 0; ; count++) {
      const id = `${name}-${count}`
      await mailer.sendMail({ from: 'ann@example.test', to: `${id}@far.test`, subject: id, text: 'x' })
      accepted.push(id)
    }
  } catch {
    mailer.close()
  }
}

const doneIn = (output: string): readonly string[] =>
  output
    .split('\n')
    .flatMap((line) => (line.includes('"outgoing.done"') ? (/"to":"([^@"]+)@far/.exec(line)?.[1] ?? []) : []))

function counted(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
