import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import { afterAll, expect, test } from 'vitest'
import { runHomepost, startServer, type TestServer } from '../support/server.ts'
import { messagesOf } from './support/mailbox.ts'

/** 100 kills in all; a quick look may say fewer. Servers in several folders side by side, as each of them mostly waits. */
const folders = ['first', 'second', 'third', 'fourth']
const rounds = Math.ceil(Number(process.env['CRASH_ROUNDS'] ?? 100) / folders.length)
const base = mkdtempSync(join(tmpdir(), 'homepost-crash-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const users = ['ann', 'bob', 'cyd', 'dan']

/** Sends until the server dies; returns the Message-IDs that got their 250. */
async function load(server: TestServer, round: number, acknowledged: Set<string>): Promise<void> {
  const connections = Array.from({ length: 8 }, async (_, connection) => {
    const client = createTransport({
      host: '127.0.0.1',
      port: server.ports.smtp,
      ignoreTLS: true,
      pool: true,
      maxConnections: 1,
      maxMessages: 1_000_000,
    })
    for (let count = 0; ; count++) {
      const messageId = `<${round}.${connection}.${count}@crash.example.org>`
      const size = count % 7 === 6 ? 300_000 : 3_000
      const to = users[(connection + count) % users.length]
      try {
        await client.sendMail({
          from: 'c@example.org',
          to: `${to}@example.test`,
          messageId,
          subject: messageId,
          text: 'y'
            .repeat(70)
            .concat('\n')
            .repeat(size / 71),
        })
      } catch {
        client.close()
        return
      }
      acknowledged.add(messageId)
    }
  })
  await Promise.all(connections)
}

/** Counted in what was acknowledged, so that a busy machine meets the same moments. */
async function atARandomMoment(acknowledged: ReadonlySet<string>): Promise<void> {
  const enough = acknowledged.size + Math.random() * 50
  while (acknowledged.size < enough) await setTimeout(Math.random() * 50)
}

async function storedIds(server: TestServer): Promise<string[]> {
  const sources = await Promise.all(users.map((user) => messagesOf(server, user)))
  return sources
    .flat()
    .map((source) => /^Message-ID: (\S+)/im.exec(source.subarray(0, 4_000).toString())?.[1] ?? '?')
}

test.concurrent.each(folders)(
  `after each of ${rounds} kills at random moments, every acknowledged message is there exactly once: %s folder`,
  async (folder) => {
    const dataDir = join(base, folder)
    mkdirSync(dataDir)
    const acknowledged = new Set<string>()
    let server = await startServer({ dataDir })
    await server.addUsers(...users)
    for (let round = 0; round < rounds; round++) {
      const loading = load(server, round, acknowledged)
      await atARandomMoment(acknowledged)
      await server.stop('SIGKILL')
      await loading
      const verified = await runHomepost(['store', 'verify'], {
        PATH: process.env['PATH'] ?? '',
        DATA_DIR: dataDir,
        DOMAIN: 'example.test',
      })
      expect(verified.stdout + verified.stderr, `store verify after round ${round}`).not.toMatch(/problem:/i)
      expect(verified.code, `${verified.stdout}${verified.stderr}`).toBe(0)
      server = await startServer({ dataDir })
      if (round % 10 === 9 || round === rounds - 1) {
        const stored = await storedIds(server)
        expect(new Set(stored).size, 'no message twice').toBe(stored.length)
        expect(
          [...acknowledged].filter((id) => !stored.includes(id)),
          'no message lost',
        ).toEqual([])
      }
    }
    expect(acknowledged.size).toBeGreaterThan(rounds * 5)
    await server.stop()
  },
  3_000_000,
)
