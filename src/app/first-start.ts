import { randomInt } from 'node:crypto'
import { type Address, type DomainName, domainOf, parseAddress } from '../lib/address.ts'
import type { DirectoryAdmin } from '../ports/directory-admin.ts'
import type { Log, Service } from '../ports/runtime.ts'
import type { Settings } from './settings/table.ts'

/** An account made at this start, to be told once. */
export interface NewAdmin {
  readonly address: Address
  readonly password: string
}

export interface FirstStart extends Service {
  /** The account made at this start, if any. */
  made(): NewAdmin | undefined
}

interface FirstStartOptions {
  readonly admin: DirectoryAdmin
  readonly settings: Settings
  /** `npm start`: somebody without an account must be able to begin. */
  readonly home: boolean
  readonly log: Log
}

/** Makes what a new data folder lacks: the main domain, and an administrator. */
export function createFirstStart({ admin, settings, home, log }: FirstStartOptions): FirstStart {
  let made: NewAdmin | undefined
  return {
    name: 'first-start',
    made: () => made,
    async start() {
      if ((await admin.domains()).length === 0) {
        await admin.add('domain', { name: settings.DOMAIN }, 'start')
        log.info('first-start.domain', { domain: settings.DOMAIN })
      }
      await initialAdmin(admin, settings)
      if (home && (await admin.users()).length === 0) {
        made = { address: addressOf('admin', settings.DOMAIN), password: readablePassword() }
        await addAdmin(admin, made, settings.DEFAULT_QUOTA)
      }
    },
    drain: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  }
}

/** Mailu's INITIAL_ADMIN_*: looked at at every start. */
async function initialAdmin(admin: DirectoryAdmin, settings: Settings): Promise<void> {
  const { INITIAL_ADMIN_ACCOUNT, INITIAL_ADMIN_DOMAIN, INITIAL_ADMIN_PW, INITIAL_ADMIN_MODE } = settings
  if (!INITIAL_ADMIN_ACCOUNT || !INITIAL_ADMIN_DOMAIN || !INITIAL_ADMIN_PW) return
  const wanted = {
    address: addressOf(INITIAL_ADMIN_ACCOUNT, INITIAL_ADMIN_DOMAIN),
    password: INITIAL_ADMIN_PW,
  }
  if ((await admin.user(wanted.address)) === undefined) {
    await addAdmin(admin, wanted, settings.DEFAULT_QUOTA)
    return
  }
  switch (INITIAL_ADMIN_MODE) {
    case 'ifmissing':
      return
    case 'update':
      await admin.set('user', wanted.address, { password: wanted.password }, 'start')
      return
    case 'create':
      throw new SettingsTrouble(
        `INITIAL_ADMIN_MODE=create, and ${wanted.address} exists: expected ifmissing or update`,
      )
  }
}

/** A setting that shows to be wrong only when the data is there. The process ends with exit code 2. */
class SettingsTrouble extends Error {
  override readonly name = 'SettingsTrouble'
}

async function addAdmin(
  admin: DirectoryAdmin,
  { address, password }: NewAdmin,
  quotaBytes: number,
): Promise<void> {
  const domain = domainOf(address)
  const known = (await admin.domains()).some(
    ({ name, alternatives }) => name === domain || alternatives.includes(domain),
  )
  if (!known) await admin.add('domain', { name: domain }, 'start')
  const added = await admin.add('user', { address, password, globalAdmin: true, quotaBytes }, 'start')
  if (added.kind !== 'added') throw new SettingsTrouble(`the administrator ${address}: ${added.text}`)
}

function addressOf(localPart: string, domain: DomainName): Address {
  const address = parseAddress(`${localPart}@${domain}`)
  if (address === undefined) throw new SettingsTrouble(`${localPart}@${domain} is no address`)
  return address
}

/** 100 bits, without letters that look alike. */
function readablePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}
