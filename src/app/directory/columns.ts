import type { Address, DomainName } from '../../lib/address.ts'
import { readableName, readableNames } from '../../lib/readable-name.ts'
import type {
  AliasSettings,
  DomainSettings,
  FetchSettings,
  RelaySettings,
  TokenSettings,
  UserSettings,
} from '../../ports/directory-rows.ts'
import { address, domain, type Kind, oneOf, size, text, wholeNumber, yesNo } from '../settings/kinds.ts'
import {
  day,
  filled,
  host,
  instantOrNever,
  list,
  messageRate,
  messageRateText,
  networkText,
  oldServer,
  oldServerOrHere,
  port,
  relayTarget,
  timeZone,
} from './kinds.ts'
import { countText, sizeText } from './size-text.ts'

/** One column of the directory, for everything that people and files say about it. */
export interface Column<T> {
  /** Option of the command line: `--max-users`. */
  readonly option: string
  /** Attribute of Mailu's files: `max_users`. */
  readonly mailu: string
  readonly kind: Kind<T>
  /** What a file means that does not say it, as in Mailu. Undefined: it has to say it, or the server does. */
  readonly standard: T | undefined
  /** Its standard value is a setting of the server. */
  readonly bySettings?: true
  readonly meaning: string
  /** Heading in lists; what has none is only shown one by one. */
  readonly heading?: string
  /** In lists, for people. */
  shown?(value: T): Cell
  /** In files; without it, the value itself. */
  written?(value: T): Plain
}

export type Cell = string | number | boolean
type Plain = string | number | boolean | null | readonly string[]

/** A column that is forgotten here does not compile. */
export type ColumnsOf<S> = { readonly [Name in keyof S]: Column<S[Name]> }
export type Columns = Readonly<Record<string, Column<unknown>>>

const count = wholeNumber(-1, 1_000_000_000)

const comment: Column<string> = {
  option: 'comment',
  mailu: 'comment',
  kind: text,
  standard: '',
  meaning: 'For you',
  heading: 'COMMENT',
}

type Flag = Omit<Column<boolean>, 'kind' | 'option' | 'meaning' | 'standard' | 'mailu'>

function flag(option: string, standard: boolean, meaning: string, more: Flag & { mailu?: string } = {}) {
  return { option, mailu: option.replaceAll('-', '_'), kind: yesNo, standard, meaning, ...more }
}

function words(option: string, meaning: string): Column<string> {
  return { option, mailu: option.replaceAll('-', '_'), kind: text, standard: '', meaning }
}

export const domainColumns: ColumnsOf<DomainSettings> = {
  maxUsers: {
    option: 'max-users',
    mailu: 'max_users',
    kind: count,
    standard: -1,
    meaning: 'Most users; -1 is unlimited',
    heading: 'MAX USERS',
    shown: countText,
  },
  maxAliases: {
    option: 'max-aliases',
    mailu: 'max_aliases',
    kind: count,
    standard: -1,
    meaning: 'Most aliases; -1 is unlimited',
    heading: 'MAX ALIASES',
    shown: countText,
  },
  maxQuotaBytes: {
    option: 'max-quota',
    mailu: 'max_quota_bytes',
    kind: size,
    standard: 0,
    meaning: 'Largest quota of one user; 0 is unlimited',
    heading: 'MAX QUOTA',
    shown: sizeText,
  },
  signupEnabled: flag('signup-enabled', false, 'Anybody may make an account here'),
  anonmailEnabled: flag('anonmail-enabled', false, 'Its users may make anonymous aliases in it'),
  alternatives: {
    option: 'alternatives',
    mailu: 'alternatives',
    kind: list<DomainName>(domain),
    standard: [],
    meaning: 'Other names of this domain, separated by commas',
    heading: 'ALTERNATIVES',
    written: readableNames,
  },
  oldServer: {
    option: 'old-server',
    mailu: 'old_server',
    kind: oldServer,
    standard: '',
    meaning: `The server that still has its people's mail: ${oldServer.expected}`,
  },
  comment,
}

export const relayColumns: ColumnsOf<RelaySettings> = {
  target: {
    option: 'target',
    mailu: 'smtp',
    kind: relayTarget,
    standard: '',
    meaning: `Where its mail goes: ${relayTarget.expected}`,
    heading: 'TARGET',
  },
  comment,
}

export const userColumns: ColumnsOf<UserSettings> = {
  displayedName: { ...words('displayed-name', 'Name in front of the address'), heading: 'NAME' },
  quotaBytes: {
    option: 'quota',
    mailu: 'quota_bytes',
    kind: size,
    standard: 1_000_000_000,
    meaning: 'Size of the mailbox, such as 2G; 0 is unlimited',
    heading: 'QUOTA',
    shown: sizeText,
  },
  enabled: flag('enabled', true, 'May sign in', { heading: 'ENABLED' }),
  globalAdmin: flag('global-admin', false, 'May administer everything', { heading: 'ADMIN' }),
  enableImap: flag('enable-imap', true, 'May use IMAP'),
  enablePop: flag('enable-pop', true, 'May use POP3'),
  allowSpoofing: flag('allow-spoofing', false, 'May send as any address of the same domain'),
  forwardEnabled: flag('forward-enabled', false, 'Mail is forwarded', { heading: 'FORWARDS' }),
  forwardDestination: {
    option: 'forward-to',
    mailu: 'forward_destination',
    kind: list<Address>(address),
    standard: [],
    meaning: 'Where mail is forwarded to, separated by commas; empty stops it',
    heading: 'FORWARDED TO',
    written: readableNames,
  },
  forwardKeep: flag('forward-keep', true, 'Keeps a copy of forwarded mail'),
  replyEnabled: flag('reply-enabled', false, 'Answers automatically'),
  replySubject: words('reply-subject', 'Subject of the answer; empty is "Auto:" and the subject answered'),
  replyBody: words('reply-body', 'Text of the answer'),
  replyStart: {
    option: 'reply-start',
    mailu: 'reply_startdate',
    kind: day,
    standard: '1900-01-01',
    meaning: 'First day of answering',
  },
  replyEnd: {
    option: 'reply-end',
    mailu: 'reply_enddate',
    kind: day,
    standard: '2999-12-31',
    meaning: 'Last day of answering',
  },
  spamEnabled: flag('spam-enabled', true, 'Spam goes to Junk'),
  spamMarkAsRead: flag('spam-mark-as-read', true, 'Spam is marked as read'),
  spamThreshold: {
    option: 'spam-threshold',
    mailu: 'spam_threshold',
    kind: wholeNumber(0, 100),
    standard: undefined,
    bySettings: true,
    meaning: 'From which share of the refusing score mail is spam, in percent',
  },
  detailFiling: flag(
    'detail-filing',
    false,
    'Mail to name+folder@ goes into that folder, where there is one',
  ),
  mustChangePassword: flag('must-change-password', false, 'Has to choose a password at the next sign-in', {
    mailu: 'change_pw_next_login',
  }),
  timeZone: {
    option: 'time-zone',
    mailu: 'time_zone',
    kind: timeZone,
    standard: '',
    meaning: 'Where the user lives, such as Europe/Berlin; empty is TZ',
  },
  messageRate: {
    option: 'message-rate',
    mailu: 'message_rate',
    kind: messageRate,
    standard: 'standard',
    meaning: `How many messages the user may send: ${messageRate.expected}`,
    written: messageRateText,
    shown: messageRateText,
  },
  oldServer: {
    option: 'old-server',
    mailu: 'old_server',
    kind: oldServerOrHere,
    standard: '',
    meaning: 'The server that still has the mail, as for a domain; here, or nothing for what the domain says',
  },
  comment,
}

export const aliasColumns: ColumnsOf<AliasSettings> = {
  destination: {
    option: 'destination',
    mailu: 'destination',
    kind: list<Address>(address),
    standard: [],
    meaning: 'Addresses it leads to, separated by commas',
    heading: 'DESTINATION',
    written: readableNames,
  },
  wildcard: flag(
    'wildcard',
    false,
    'The local part is a pattern: % stands for anything, _ for one character',
    {
      heading: 'WILDCARD',
    },
  ),
  disabled: flag('disabled', false, 'Refuses mail', { heading: 'DISABLED' }),
  owner: {
    option: 'owner',
    mailu: 'owner_email',
    kind: addressOrNothing(),
    standard: '',
    meaning: 'Whose anonymous alias it is; empty for an ordinary one',
    heading: 'OWNER',
    written: readableName,
  },
  hostname: words('hostname', 'The web site that an anonymous alias was made for'),
  comment,
}

export const tokenColumns: ColumnsOf<TokenSettings> = {
  networks: {
    option: 'networks',
    mailu: 'ip',
    kind: list(networkText),
    standard: [],
    meaning: 'Addresses and networks it works from, separated by commas; empty is anywhere',
    heading: 'NETWORKS',
  },
  services: {
    option: 'services',
    mailu: 'services',
    kind: list(
      oneOf({
        smtp: 'smtp',
        imap: 'imap',
        pop3: 'pop3',
        sieve: 'sieve',
        dav: 'dav',
        web: 'web',
        api: 'api',
      } as const),
    ),
    standard: [],
    meaning: 'Protocols it works for, separated by commas; empty is all',
    heading: 'SERVICES',
  },
  expires: {
    option: 'expires',
    mailu: 'expires',
    kind: instantOrNever,
    standard: 'never',
    meaning: 'When it ends',
    heading: 'EXPIRES',
    written: expiryText,
    shown: expiryText,
  },
  comment,
}

export const fetchColumns: ColumnsOf<FetchSettings> = {
  protocol: {
    option: 'protocol',
    mailu: 'protocol',
    kind: oneOf({ imap: 'imap', pop3: 'pop3' } as const),
    standard: undefined,
    meaning: 'imap or pop3',
    heading: 'PROTOCOL',
  },
  host: {
    option: 'host',
    mailu: 'host',
    kind: host,
    standard: undefined,
    meaning: 'The server that has the mail',
    heading: 'HOST',
  },
  port: {
    option: 'port',
    mailu: 'port',
    kind: port,
    standard: undefined,
    meaning: 'Its port',
    heading: 'PORT',
  },
  tls: flag('tls', false, 'TLS from the first byte', { heading: 'TLS' }),
  username: {
    option: 'username',
    mailu: 'username',
    kind: filled,
    standard: undefined,
    meaning: 'Login there',
    heading: 'USERNAME',
  },
  keep: flag('keep', false, 'Leaves the messages where they are', { heading: 'KEEP' }),
  scan: flag('scan', false, 'Takes them through the spam filter'),
  invisible: flag('invisible', false, 'Leaves no trace in the header'),
  folders: {
    option: 'folders',
    mailu: 'folders',
    kind: list(filled),
    standard: [],
    meaning: 'Folders to collect, separated by commas; empty is INBOX',
    heading: 'FOLDERS',
  },
  enabled: flag('enabled', true, 'Is visited; otherwise only when somebody asks', { heading: 'ENABLED' }),
  comment,
}

function addressOrNothing(): Kind<Address | ''> {
  return {
    expected: `${address.expected}, or nothing`,
    read: (value) => (value === '' ? { value: '' } : address.read(value)),
  }
}

function expiryText(value: number | 'never'): string {
  return value === 'never' ? value : new Date(value).toISOString()
}
