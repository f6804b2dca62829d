import { randomInt } from 'node:crypto'
import type { OAuthScope } from '../../../lib/oauth-scopes.ts'
import type { OAuthDevices } from '../../../ports/oauth.ts'
import { and, count, eq, gt, lte } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { oauthDevices } from '../directory/schema.ts'
import { orLater } from '../directory/trouble.ts'
import { clientRow, clientWith } from './clients.ts'
import {
  addGrant,
  dropGrant,
  grantWith,
  noteGrant,
  ownerOf,
  type Person,
  personAt,
  remember,
} from './grant-rows.ts'
import type { GrantNeeds } from './grants.ts'
import { held } from './held.ts'
import { signed, writeTokens } from './issue.ts'
import { digestOf, newSecret } from './secret-text.ts'

const lifeMs = 10 * 60_000
const intervalSeconds = 5
/** That wait at once. */
const mostWaiting = 2_000
/** RFC 8628 §6.1: letters that make no words and are not mistaken for each other. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ'
const codeLength = 8

type Stored = typeof oauthDevices.$inferSelect

/** RFC 8628. */
export function createOAuthDevices(needs: GrantNeeds): OAuthDevices {
  const { directory, keys } = needs
  return {
    begin: (client, scopes) => orLater(() => held(directory, (rows) => begin(rows, client, scopes))),

    asked: async (userCode) => {
      const device = await waitingWith(directory.repository, userCode)
      const client = device && (await clientWith(directory.database.db, device.client))
      return client
        ? { kind: 'asked', client: clientRow(client), scopes: device.scopes }
        : { kind: 'missing' }
    },

    answer: (asked) => orLater(() => held(directory, (rows) => answer(rows, asked, needs))),

    poll: (asked) =>
      orLater(async () => {
        const written = await held(directory, (rows) => poll(rows, asked, needs))
        return written.kind === 'written' ? signed(keys, written) : written
      }),
  }
}

async function begin(rows: Repository, client: string, scopes: readonly OAuthScope[]) {
  await rows.db.delete(oauthDevices).where(lte(oauthDevices.expiresAt, rows.now()))
  const [waiting] = await rows.db.select({ n: count() }).from(oauthDevices)
  if ((waiting?.n ?? 0) >= mostWaiting) return tooManyWait
  const deviceCode = `hpd_${newSecret()}`
  const userCode = newUserCode()
  await rows.db.insert(oauthDevices).values({
    id: digestOf(deviceCode),
    userCode: digestOf(userCode),
    client,
    scopes,
    state: 'waiting',
    grant: '',
    intervalSeconds,
    polledAt: 0,
    expiresAt: rows.now() + lifeMs,
  })
  const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`
  const times = { expiresInSeconds: lifeMs / 1000, intervalSeconds }
  return { kind: 'begun', deviceCode, userCode: shown, ...times } as const
}

const tooManyWait = {
  kind: 'later',
  reason: 'overloaded',
  text: 'Too many devices wait. Try again in some minutes.',
} as const

async function answer(
  rows: Repository,
  { userCode, session, allows }: Parameters<OAuthDevices['answer']>[0],
  { settings }: GrantNeeds,
) {
  const device = await waitingWith(rows, userCode)
  if (!device) return { kind: 'missing' } as const
  const found = await personAt(rows, session, settings)
  if (!found) return { kind: 'over' } as const
  const grant = allows ? await grantTo(rows, device, { ...found, session }) : ''
  await rows.db
    .update(oauthDevices)
    .set({ state: allows ? 'allowed' : 'denied', grant })
    .where(eq(oauthDevices.id, device.id))
  return { kind: 'answered' } as const
}

/** What the device takes when it asks next. */
async function grantTo(
  rows: Repository,
  { client, scopes, expiresAt }: Stored,
  {
    person,
    signedInAt,
    session,
  }: { readonly person: Person; readonly signedInAt: number; readonly session: string },
): Promise<string> {
  const { account, signInVersion, address } = person
  const isMore = await remember(rows, { account, client, scopes })
  if (isMore) await noteGrant(rows, { client, scopes, address, actor: address, did: 'created' })
  const asked = { account, client, scopes, signInVersion, session, signedInAt, expiresAt }
  return (await addGrant(rows, { ...asked, nonce: '', redirectUri: '', challenge: '' })).id
}

async function poll(
  rows: Repository,
  { client, deviceCode, ip }: Parameters<OAuthDevices['poll']>[0],
  { settings }: GrantNeeds,
) {
  const { db, now } = rows
  const isIt = eq(oauthDevices.id, digestOf(deviceCode))
  const [device] = await db.select().from(oauthDevices).where(isIt)
  if (!device || device.client !== client) return { kind: 'invalid' } as const
  if (device.expiresAt <= now()) return { kind: 'expired' } as const
  switch (device.state) {
    case 'waiting':
      return waiting(rows, device)
    case 'denied':
      await db.delete(oauthDevices).where(isIt)
      return { kind: 'denied' } as const
    case 'allowed': {
      // Good once.
      await db.delete(oauthDevices).where(isIt)
      const grant = await grantWith(db, device.grant)
      const person = grant && (await ownerOf(rows, grant, settings))
      if (person) return writeTokens(rows, { grant, person, ip })
      if (grant) await dropGrant(db, grant.id)
      return { kind: 'denied' } as const
    }
  }
}

/** RFC 8628 §3.5: who asks too often waits five seconds longer each time. */
async function waiting({ db, now }: Repository, { id, intervalSeconds: interval, polledAt }: Stored) {
  const isTooSoon = polledAt + (interval - 1) * 1000 > now()
  const next = isTooSoon ? Math.min(interval + 5, 60) : interval
  await db.update(oauthDevices).set({ polledAt: now(), intervalSeconds: next }).where(eq(oauthDevices.id, id))
  return { kind: isTooSoon ? 'slow-down' : 'pending' } as const
}

async function waitingWith(
  { db, now }: Pick<Repository, 'db' | 'now'>,
  userCode: string,
): Promise<Stored | undefined> {
  const code = userCode.toUpperCase().replaceAll(/[^A-Z]/g, '')
  if (code.length !== codeLength) return undefined
  const isIt = eq(oauthDevices.userCode, digestOf(code))
  const isWaiting = and(isIt, eq(oauthDevices.state, 'waiting'), gt(oauthDevices.expiresAt, now()))
  const [found] = await db.select().from(oauthDevices).where(isWaiting)
  return found
}

const newUserCode = () =>
  Array.from({ length: codeLength }, () => letters.charAt(randomInt(letters.length))).join('')
