import type { Address, DomainName } from '../lib/address.ts'
import type { Said } from '../lib/filled-text.ts'
import type { AccountId } from './accounts.ts'
import type { LoginAttempt } from './credentials.ts'

/**
 * What the directory holds, as plain data. Names are those of `homepost` and the API's code; `docs/lookups.md` has Mailu's beside
 * them. Where Mailu has NULL for a text, the text is empty; -1 and 0 mean "unlimited" where Mailu has them so.
 */
export interface Dated {
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly updatedAt: number
}

export interface DomainSettings {
  /** -1 is unlimited. */
  readonly maxUsers: number
  readonly maxAliases: number
  /** Ceiling a manager may give one user; 0 is none. */
  readonly maxQuotaBytes: number
  /** Anybody may make himself an account here. */
  readonly signupEnabled: boolean
  /** Every user of this domain may make anonymous aliases in it. */
  readonly anonmailEnabled: boolean
  /** Its other names. A change names all of them. */
  readonly alternatives: readonly DomainName[]
  /** The server that still has its people's mail, in the grammar of lib/old-server.ts. Empty: this one. */
  readonly oldServer: string
  readonly comment: string
}

export interface DomainRow extends DomainSettings, Dated {
  readonly name: DomainName
}

/** A domain that we take mail for without having it. */
export interface RelaySettings {
  /** Where its mail goes, in the grammar of lib/relay-target.ts: empty, `:port`, `host`, `mx:host:port`, `lmtp:host`, `[v6]`. */
  readonly target: string
  readonly comment: string
}

export interface RelayRow extends RelaySettings, Dated {
  readonly name: DomainName
}

export interface UserSettings {
  /** 0 is unlimited. */
  readonly quotaBytes: number
  readonly enabled: boolean
  readonly globalAdmin: boolean
  readonly enableImap: boolean
  readonly enablePop: boolean
  /** May use any sender of his own domain. */
  readonly allowSpoofing: boolean
  readonly forwardEnabled: boolean
  readonly forwardDestination: readonly Address[]
  /** Keeps a copy of what is forwarded. */
  readonly forwardKeep: boolean
  readonly replyEnabled: boolean
  /** Empty: "Auto: " and the subject of what is answered. */
  readonly replySubject: string
  readonly replyBody: string
  /** Both inclusive, in the user's own days. */
  readonly replyStart: Day
  readonly replyEnd: Day
  readonly displayedName: string
  /** Spam goes to Junk. */
  readonly spamEnabled: boolean
  readonly spamMarkAsRead: boolean
  /** Percent of the score at which mail is refused. */
  readonly spamThreshold: number
  /** Mail to `ann+news@` goes into the folder of that name, where there is one and no rule says otherwise. */
  readonly detailFiling: boolean
  readonly mustChangePassword: boolean
  /** IANA name, such as `Europe/Berlin`; empty: the server’s. */
  readonly timeZone: string
  readonly messageRate: MessageRate
  /** The server that still has his mail, as for a domain. Empty: what the domain says; `here`: this one, whatever it says. */
  readonly oldServer: string
  readonly comment: string
}

/** `YYYY-MM-DD`. */
export type Day = string

/** How many messages he may send. `standard` is what MESSAGE_RATELIMIT says. */
export type MessageRate = 'standard' | 'unlimited' | { readonly count: number; readonly seconds: number }

export interface UserRow extends UserSettings, Dated {
  readonly address: Address
  readonly account: AccountId
}

export interface AliasSettings {
  readonly destination: readonly Address[]
  /** The local part is an SQL LIKE pattern (`%@example.org` catches all). */
  readonly wildcard: boolean
  readonly disabled: boolean
  /** Whose anonymous alias it is; it goes with him. Empty: an ordinary alias. */
  readonly owner: Address | ''
  /** The web site that an anonymous alias was made for. */
  readonly hostname: string
  readonly comment: string
}

export interface AliasRow extends AliasSettings, Dated {
  /** `local@domain`, of which the local part may be a pattern. */
  readonly address: string
}

/** An app password. */
export interface TokenSettings {
  /** Addresses and networks it works from; empty is anywhere. */
  readonly networks: readonly string[]
  /** UTC milliseconds; `never` is Mailu's. */
  readonly expires: number | 'never'
  /** Protocols it works for; empty is all. */
  readonly services: readonly LoginAttempt['service'][]
  readonly comment: string
}

export interface TokenRow extends TokenSettings, Dated {
  readonly id: number
  readonly user: Address
  /** `by` is an IP address, `client` what the client said it is. Some minutes behind. */
  readonly lastUsed: { readonly at: number; readonly by: string; readonly client: string } | undefined
}

/** Mail that is collected from another server. */
export interface FetchSettings {
  readonly protocol: 'imap' | 'pop3'
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly username: string
  /** Leaves the messages where they are. */
  readonly keep: boolean
  /** Through all filters, as if it came over port 25. */
  readonly scan: boolean
  /** Leaves no trace in the header. */
  readonly invisible: boolean
  /** Empty is INBOX. */
  readonly folders: readonly string[]
  /** Otherwise it is visited only when somebody asks for it. */
  readonly enabled: boolean
  readonly comment: string
}

export interface FetchRow extends FetchSettings, Dated {
  readonly id: number
  readonly user: Address
  readonly lastCheck: number | undefined
  /** What went wrong at the last check; empty when nothing did. */
  readonly error: string
  /** The same by its key, for other languages; undefined where an older version wrote it. */
  readonly said: Said | undefined
}

/** Who may manage a domain (`manager`), or make anonymous aliases in it (`access`). */
export interface Grant {
  readonly domain: DomainName
  readonly user: Address
}

/** Somebody who is deleted with all his mail at `deleteAt` (UTC milliseconds). Until then nobody sees him, and he can be taken back. */
export interface Departure {
  readonly user: Address
  readonly deleteAt: number
}

/** Whatever else is to be kept: Mailu's `config`. `value` is JSON. */
export interface SettingRow extends Dated {
  readonly name: string
  readonly value: unknown
}

/** Something that somebody changed. */
export interface AuditRow {
  readonly id: number
  readonly at: number
  /** Who did it: an address, or `command line`, `import`, `start`, `clock`. */
  readonly actor: string
  readonly on: string
  readonly key: string
  readonly did: 'created' | 'modified' | 'deleted'
  readonly columns: readonly ColumnChange[]
}

/** Undefined where there was or is none. A secret is the column `password` and reads `<hidden>`. */
export interface ColumnChange {
  readonly column: string
  readonly from: unknown
  readonly to: unknown
}
