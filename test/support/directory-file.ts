import { readYaml } from '../../src/app/cli/yaml.ts'
import { Mistakes } from '../../src/app/directory/file/mistakes.ts'
import { type Plan, plan } from '../../src/app/directory/file/plan.ts'
import type { Current } from '../../src/app/directory/file/planning.ts'
import { readFile } from '../../src/app/directory/file/read-file.ts'
import type { Mode } from '../../src/app/directory/file/read-object.ts'
import { type Address, parseAddress } from '../../src/lib/address.ts'
import type { Change } from '../../src/ports/directory-writer.ts'

interface Planned extends Pick<Plan, 'keys' | 'unnamed' | 'remarks'> {
  readonly changes: readonly Change[]
  readonly mistakes: readonly string[]
}

/** What a file comes to, where this is there already. */
export function planned(yaml: string, mode: Mode, there: Current): Planned {
  const read = readYaml(yaml)
  if (read.kind === 'mistakes')
    return { changes: [], keys: [], unnamed: [], remarks: [], mistakes: read.mistakes }
  const mistakes = new Mistakes()
  const reading = { mode, mistakes }
  const made = plan(readFile(read.node, reading), reading, there)
  return { ...made, changes: made.changes.map(({ change }) => change), mistakes: mistakes.texts() }
}

export function addressIn(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

const dates = { createdAt: 0, updatedAt: 0 }

export const userRow = (address: string, said: object = {}) => ({
  account: 1,
  quotaBytes: 1e9,
  enabled: true,
  globalAdmin: false,
  enableImap: true,
  enablePop: true,
  allowSpoofing: false,
  forwardEnabled: false,
  forwardDestination: [],
  forwardKeep: true,
  replyEnabled: false,
  replySubject: '',
  replyBody: '',
  replyStart: '1900-01-01',
  replyEnd: '2999-12-31',
  displayedName: '',
  spamEnabled: true,
  spamMarkAsRead: true,
  spamThreshold: 80,
  detailFiling: false,
  mustChangePassword: false,
  timeZone: '',
  messageRate: 'standard',
  oldServer: '',
  comment: '',
  ...said,
  address,
})

type Row = Readonly<Record<string, unknown>>

interface There {
  readonly domains?: readonly Row[]
  readonly relays?: readonly Row[]
  readonly users?: readonly Row[]
  readonly aliases?: readonly Row[]
  readonly tokens?: readonly (Row & { readonly id: number; readonly hash: string })[]
  readonly fetches?: readonly (Row & { readonly id: number; readonly password: string })[]
  readonly managers?: readonly Row[]
  readonly accesses?: readonly Row[]
  readonly passwords?: Readonly<Record<string, string>>
}

const standards = {
  domain: {
    maxUsers: -1,
    maxAliases: -1,
    maxQuotaBytes: 0,
    signupEnabled: false,
    oldServer: '',
    anonmailEnabled: false,
    alternatives: [],
    comment: '',
  },
  relay: { target: '', comment: '' },
  alias: { wildcard: false, disabled: false, owner: '', hostname: '', comment: '' },
  token: { networks: [], services: [], expires: 'never', comment: '', lastUsed: undefined },
  fetch: {
    protocol: 'imap',
    host: 'h',
    port: 993,
    tls: false,
    username: 'u',
    keep: false,
    scan: false,
    invisible: false,
    folders: [],
    enabled: true,
    comment: '',
    lastCheck: undefined,
    error: '',
    said: undefined,
  },
}

/** A directory, of which only what matters is said. */
export function current(there: There): Current {
  const rows = (standard: object, said: readonly Row[] = []) =>
    said.map((row) => ({ ...standard, ...dates, ...row }))
  const { tokens = [], fetches = [] } = there
  const everything = {
    domains: rows(standards.domain, there.domains),
    relays: rows(standards.relay, there.relays),
    users: rows({}, there.users),
    aliases: rows(standards.alias, there.aliases),
    tokens: rows(standards.token, tokens),
    fetches: rows(standards.fetch, fetches),
    managers: there.managers ?? [],
    accesses: there.accesses ?? [],
    settings: [],
  }
  return {
    rows: everything as unknown as Current['rows'],
    passwordHashes: new Map(
      Object.entries(there.passwords ?? {}).map(([user, hash]) => [addressIn(user), hash]),
    ),
    tokenHashes: new Map(tokens.map(({ id, hash }) => [id, hash])),
    fetchPasswords: new Map(fetches.map(({ id, password }) => [id, password])),
    dkimKeys: new Map(),
  }
}
