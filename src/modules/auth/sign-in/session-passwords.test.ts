import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addUsers, domainRow, newUser, startAuth, type TestAuth } from '../../../../test/support/auth.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { LoginAttempt } from '../../../ports/credentials.ts'

let auth: TestAuth
let ann: AccountId
const seen = { ip: '192.0.2.1', browser: 'B' }

beforeAll(async () => {
  auth = await startAuth()
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  await addUsers(auth.admin, [
    newUser('ann@example.com', { password: 'correct horse', enableImap: false }),
    newUser('bob@example.com', { password: 'correct horse' }),
  ])
  const verdict = await auth.credentials.verify(attempt('ann@example.com', 'correct horse', 'web'))
  if (verdict.kind !== 'accepted') throw new Error(verdict.kind)
  ann = verdict.account
})
afterAll(() => auth.end())

function attempt(login: string, password: string, service: LoginAttempt['service'] = 'imap'): LoginAttempt {
  return { login, password, service, ip: '127.0.0.1', connection: 'c-1' }
}

async function signedIn(): Promise<{ readonly id: string; readonly password: string }> {
  const verdict = await auth.credentials.verify(attempt('ann@example.com', 'correct horse', 'web'))
  const ticket = verdict.kind === 'accepted' ? (verdict.ticket ?? '') : ''
  const begun = await auth.sessions.begin(ticket, seen)
  const found = begun.kind === 'begun' && (await auth.sessions.find(begun.key, seen))
  if (found === false || found.kind !== 'found') throw new Error('no session')
  const { id } = found.session
  return { id, password: auth.sessionPasswords.of(id) }
}

describe('the password of a session', () => {
  test('is good on the ports for attached applications, also for who may not read by IMAP, and nowhere else', async () => {
    const { password } = await signedIn()
    expect(await auth.attached.verify(attempt('ann@example.com', password))).toMatchObject({
      kind: 'accepted',
      account: ann,
    })
    for (const service of ['imap', 'smtp', 'web', 'dav'] as const) {
      expect(await auth.credentials.verify(attempt('ann@example.com', password, service))).toMatchObject({
        kind: 'refused',
      })
    }
  })

  test('is its owner’s alone', async () => {
    const { password } = await signedIn()
    expect(await auth.attached.verify(attempt('bob@example.com', password))).toMatchObject({
      kind: 'refused',
    })
  })

  test('ends with the session', async () => {
    const { id, password } = await signedIn()
    await auth.sessions.end(ann, id)
    expect(await auth.attached.verify(attempt('ann@example.com', password))).toMatchObject({
      kind: 'refused',
    })
  })

  test('ends when the session was not used for long', async () => {
    const { password } = await signedIn()
    await auth.clock.advance(3_600_000)
    expect(await auth.attached.verify(attempt('ann@example.com', password))).toMatchObject({
      kind: 'refused',
    })
  })
})

test('no password is taken on the ports for attached applications', async () => {
  expect(await auth.attached.verify(attempt('bob@example.com', 'correct horse'))).toMatchObject({
    kind: 'refused',
  })
})
