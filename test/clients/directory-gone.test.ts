import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'
import { createMariadb, createPostgresql, type DatabaseServer } from './support/database-servers.ts'
import { imapClient, messagesOf, transport } from './support/mailbox.ts'

describe.each([createMariadb(), createPostgresql()])('a directory on $name', (database) => {
  let server: TestServer
  beforeAll(async () => {
    await database.start()
    server = await startServer({ env: settingsFor(database) })
    await server.addUsers('ann')
  })
  afterAll(async () => {
    await server.stop()
    await database.end()
  })

  /** `done`, or the reply code. */
  const send = async (n: number): Promise<number | 'done'> => {
    const mailer = transport(server, 'plain')
    try {
      const to = 'ann@example.test'
      await mailer.sendMail({ from: 's@example.org', to, subject: `${n}`, text: 'x' })
      return 'done'
    } catch (error) {
      return error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0
    }
  }

  test('that is killed under load defers mail and sign-ins, and both work again when it is back', async () => {
    const outcomes: (number | 'done')[] = []
    let isKilled = false
    let isBack = false
    const afterwards: (number | 'done')[] = []
    const load = async (from: number) => {
      for (let n = 0; afterwards.length < 20; n++) {
        const outcome = await send(from + n)
        if (isBack) afterwards.push(outcome)
        else if (isKilled) outcomes.push(outcome)
      }
    }
    const running = [load(0), load(10_000), load(20_000)]
    await until(async () => (await messagesOf(server, 'ann')).length > 20)

    await database.kill()
    isKilled = true
    await until(async () => outcomes.includes(451))
    expect(new Set(outcomes.filter((outcome) => outcome !== 'done'))).toEqual(new Set([451]))
    await until(async () => (await signIn(server)) === 'UNAVAILABLE')

    await database.start()
    await until(async () => (await send(30_000)) === 'done')
    isBack = true
    await Promise.all(running)
    expect(new Set(afterwards.slice(3))).toEqual(new Set(['done']))
    expect(await signIn(server)).toBe('OK')
    expect(server.process.exitCode).toBeNull()
  })
})

function settingsFor({ place }: DatabaseServer): Record<string, string> {
  return { DB_FLAVOR: place.flavor, DB_HOST: place.host, DB_NAME: place.database, DB_USER: place.user }
}

async function signIn(server: TestServer): Promise<string> {
  try {
    await (await imapClient(server, 'ann')).logout()
    return 'OK'
  } catch (error) {
    return error instanceof Error && 'serverResponseCode' in error
      ? String(error.serverResponseCode)
      : String(error)
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never came')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
