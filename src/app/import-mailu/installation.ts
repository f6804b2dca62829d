import type { Address, DomainName } from '../../lib/address.ts'
import type { Kind, Kinds } from '../../ports/directory-writer.ts'

/** What a Mailu installation has on disk, in our words: plain data, as it goes to the server. */
export interface Installation {
  /** Where it was read. */
  readonly file: string
  /** Of `alembic_version`; empty where there is none. */
  readonly revision: string
  readonly rows: MailuRows
  readonly dkimKeys: readonly DkimKeyFile[]
  readonly scripts: readonly ScriptFile[]
  /** Of `mailu.env`, if it lies there. */
  readonly environment: Environment
  readonly findings: readonly Finding[]
}

/** Settings by name; instead of a secret one something to compare it by. */
export type Environment = Readonly<Record<string, string>>

type RowOf<K extends Kind> = Kinds[K]['row']

/** As Mailu has it, whether or not anybody can check it. */
interface Hashed {
  readonly passwordHash: string
}

export interface MailuRows {
  readonly domain: readonly RowOf<'domain'>[]
  readonly relay: readonly RowOf<'relay'>[]
  readonly user: readonly (RowOf<'user'> & Hashed)[]
  readonly alias: readonly RowOf<'alias'>[]
  readonly token: readonly (RowOf<'token'> & Hashed & { readonly id: number })[]
  readonly fetch: readonly (RowOf<'fetch'> & { readonly id: number })[]
  readonly manager: readonly RowOf<'manager'>[]
  readonly access: readonly RowOf<'access'>[]
  readonly setting: readonly RowOf<'setting'>[]
}

export interface DkimKeyFile {
  readonly domain: DomainName
  readonly selector: string
  /** PKCS #8. */
  readonly pem: string
}

/** A Sieve script. */
export interface ScriptFile {
  readonly user: Address
  readonly name: string
  readonly text: string
  readonly active: boolean
}

/** Something that people must know of, or put right. */
export interface Finding {
  readonly what: FindingKind
  /** Whose: an address, a domain, a row. */
  readonly on: string
  readonly text: string
}

/** `stop`: nothing is imported before it is put right. `left out`: the rest is. `look`: it is imported, and somebody should look. */
type Weight = 'stop' | 'left out' | 'look'

interface FindingMeaning {
  readonly weight: Weight
  readonly title: string
}

/** Everything that can be found. Read this first. */
export const findingKinds = {
  'wrong value': {
    weight: 'stop',
    title: 'Values that cannot be read',
  },
  'invalid address': {
    weight: 'stop',
    title: 'Names that are no mail address or domain',
  },
  'two spellings': {
    weight: 'stop',
    title: 'The same name in two spellings. Delete or rename one of both in Mailu',
  },
  'two owners': {
    weight: 'stop',
    title: 'One name for two things. Delete or rename one of both in Mailu',
  },
  'missing domain': {
    weight: 'stop',
    title: 'Addresses in a domain that is not there. Add it (homepost domain add), or delete them in Mailu',
  },
  'wrong target': {
    weight: 'stop',
    title: 'Relayed domains with a target that cannot be understood',
  },
  'different here': {
    weight: 'stop',
    title: 'These are here already and differ. Say --update to make them as they are in Mailu',
  },
  'taken here': {
    weight: 'stop',
    title: 'Here these names or numbers belong to something else. Delete one of both',
  },
  'refused here': {
    weight: 'stop',
    title: 'What the directory does not take',
  },
  'owner missing': {
    weight: 'left out',
    title: 'Leftovers of something that was deleted',
  },
  'leads nowhere': {
    weight: 'left out',
    title: 'Aliases and forwards, or some of their destinations, that lead to no address at all',
  },
  'token unusable': {
    weight: 'left out',
    title: 'App tokens stored in a way that cannot be checked; make new ones',
  },
  'key unreadable': {
    weight: 'left out',
    title: 'DKIM keys that cannot be used; make a new one and publish it',
  },
  'key of nobody': {
    weight: 'left out',
    title: 'DKIM keys of domains that are not there, and second keys of a domain',
  },
  'script unreadable': {
    weight: 'left out',
    title: 'Sieve scripts that cannot be read',
  },
  'script refused': {
    weight: 'left out',
    title:
      'Sieve scripts with mistakes, or with what this server does not know. The files stay in Mailu’s folder',
  },
  'not known': {
    weight: 'look',
    title: 'A Mailu that is newer than this import, or changed',
  },
  'new password needed': {
    weight: 'look',
    title: 'Passwords stored in a way that cannot be checked: these people need a new one',
  },
  'no such target': {
    weight: 'look',
    title: 'Aliases that lead to an address of ours that does not exist',
  },
  'odd pattern': {
    weight: 'look',
    title: 'Wildcard aliases that may not mean what they say',
  },
  'relay by MX': {
    weight: 'look',
    title: 'Relayed domains without a target: their mail goes to the hosts that DNS names (MX)',
  },
  'no postmaster': {
    weight: 'look',
    title: 'Nobody reads what is sent to the postmaster. Add a user or an alias',
  },
  'other setting': {
    weight: 'look',
    title: 'Settings that are not as in mailu.env',
  },
  override: {
    weight: 'look',
    title: 'Files that change the programs Mailu is made of. They stay behind; this says the same here',
  },
  selector: {
    weight: 'look',
    title: 'DKIM keys under another selector than DKIM_SELECTOR: what is published in DNS must agree',
  },
} as const satisfies Readonly<Record<string, FindingMeaning>>

export type FindingKind = keyof typeof findingKinds

export const weightOf = ({ what }: Finding): Weight => findingKinds[what].weight
